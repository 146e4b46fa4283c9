using System.Runtime.InteropServices;

namespace AnomalySharp.Networks;

/// <summary>
/// All parameters of a network in one flat buffer and their gradients in another of the same length, so that one optimiser over spans serves
/// every kind of network. The memory is managed here, or lent by <c>owner</c> (a flat tensor of libtorch).
/// </summary>
public sealed unsafe class ParameterBuffer : IDisposable
{
    private readonly IDisposable? _owner;
    private float* _values;
    private float* _gradients;

    /// <summary>Number of parameters, padding included.</summary>
    public int Length { get; }

    /// <summary>Zeroed memory for <paramref name="length"/> parameters, aligned to 64 bytes.</summary>
    public ParameterBuffer(int length)
    {
        Length = length;
        _values = Allocate(length);
        _gradients = Allocate(length);
    }

    /// <summary>A view of memory that <paramref name="owner"/> keeps alive and frees.</summary>
    public ParameterBuffer(float* values, float* gradients, int length, IDisposable owner)
    {
        _values = values;
        _gradients = gradients;
        Length = length;
        _owner = owner;
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees memory that was not disposed of.</summary>
    ~ParameterBuffer() => Free();

    /// <summary>The parameters.</summary>
    public Span<float> Values => new(_values, _values is null ? 0 : Length);

    /// <summary>The gradients of the loss, added to by every backward pass until the optimiser clears them.</summary>
    public Span<float> Gradients => new(_gradients, _gradients is null ? 0 : Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_owner is null)
        {
            NativeMemory.AlignedFree(_values);
            NativeMemory.AlignedFree(_gradients);
        }
        else
        {
            _owner.Dispose();
        }
        _values = _gradients = null;
    }

    private static float* Allocate(int length)
    {
        nuint bytes = (nuint)Math.Max(length, 16) * sizeof(float);
        float* memory = (float*)NativeMemory.AlignedAlloc((bytes + 63) / 64 * 64, 64);
        NativeMemory.Clear(memory, (bytes + 63) / 64 * 64);
        return memory;
    }
}
