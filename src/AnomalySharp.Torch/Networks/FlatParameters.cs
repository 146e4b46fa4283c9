using AnomalySharp.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Puts all parameters of a module into one flat tensor and their gradients into another, and makes each parameter a view of its part: backward
/// then adds to the flat gradients in place, and one optimiser over spans steps the whole module.
/// </summary>
/// <remarks>
/// The kernels of convolutions are stored channels-last, the layout in which libtorch computes fastest. Parts start at multiples of 16 values; the
/// padding between them is zero and stays zero. For a GPU the flat tensors there are copies of flat tensors here.
/// </remarks>
internal sealed class FlatParameters : IDisposable
{
    private const int Alignment = 16;

    private readonly List<Tensor> _views = [];
    private readonly bool _mirrored;
    private readonly Tensor _values, _gradients, _deviceValues, _deviceGradients;
    private bool _disposed;

    /// <summary>The parameters, which now are views.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Named { get; }

    /// <summary>The parameters as autograd wants them.</summary>
    public IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>What the optimiser sees.</summary>
    public ParameterBuffer Buffer { get; }

    /// <summary>The parts that are weights: biases and the parameters of normalisation have one dimension.</summary>
    public IReadOnlyList<Range> Weights { get; }

    /// <param name="module">Its parameters are replaced by views.</param>
    /// <param name="device">Where the module computes.</param>
    /// <param name="mirrored">Whether the module's memory is apart from what the optimiser sees, as on a GPU it must be.</param>
    public unsafe FlatParameters(nn.Module module, Device device, bool mirrored)
    {
        Named = [.. module.named_parameters().Select(parameter => (parameter.name, parameter.parameter))];
        Tensors = [.. Named.Select(parameter => (Tensor)parameter.Parameter)];
        _mirrored = mirrored;
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        int length = Named.Sum(parameter => Padded(parameter.Parameter));
        _values = zeros(length).DetachFromDisposeScope();
        _gradients = zeros(length).DetachFromDisposeScope();
        _deviceValues = mirrored ? zeros(length, device: device).DetachFromDisposeScope() : _values;
        _deviceGradients = mirrored ? zeros(length, device: device).DetachFromDisposeScope() : _gradients;
        int offset = 0;
        List<Range> weights = [];
        foreach ((_, Parameter parameter) in Named)
        {
            Tensor value = View(_deviceValues, offset, parameter.shape), gradient = View(_deviceGradients, offset, parameter.shape);
            value.copy_(parameter);
            if (parameter.dim() > 1) weights.Add(offset..(offset + Padded(parameter)));
            offset += Padded(parameter);
            parameter.set_(value);
            parameter.grad = gradient;
            _views.Add(value.DetachFromDisposeScope());
            _views.Add(gradient.DetachFromDisposeScope());
        }
        if (mirrored) _values.copy_(_deviceValues);
        Weights = weights;
        Buffer = new ParameterBuffer(Pointer(_values), Pointer(_gradients), length, this);
    }

    /// <summary>Brings the optimiser's last step to the device.</summary>
    public void Upload()
    {
        if (!_mirrored) return;
        using IDisposable noGradient = no_grad();
        lock (_views) _deviceValues.copy_(_values);
    }

    /// <summary>Adds the device's gradients to those that the optimiser sees, and clears them there.</summary>
    public void DownloadGradients()
    {
        if (!_mirrored) return;
        using IDisposable noGradient = no_grad();
        using Tensor here = _deviceGradients.cpu();
        _gradients.add_(here, KeptScalar.Of(1));
        _deviceGradients.zero_();
    }

    /// <summary>Brings parameters that were changed on the device to the optimiser.</summary>
    public void Download()
    {
        if (!_mirrored) return;
        using IDisposable noGradient = no_grad();
        _values.copy_(_deviceValues);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (Tensor view in _views) view.Dispose();
        _deviceValues.Dispose();
        _deviceGradients.Dispose();
        _values.Dispose();
        _gradients.Dispose();
    }

    private static int Padded(Tensor parameter) => checked((int)((parameter.numel() + Alignment - 1) / Alignment * Alignment));

    /// <summary>The part of a flat tensor that holds a parameter of the given shape.</summary>
    private static Tensor View(Tensor flat, int offset, long[] shape)
    {
        Tensor part = flat.narrow(0, offset, shape.Aggregate(1L, (product, extent) => product * extent));
        return shape is [long o, long i, long h, long w] ? part.view(o, h, w, i).permute(0, 3, 1, 2) : part.view(shape);
    }

    private static unsafe float* Pointer(Tensor tensor)
    {
        fixed (byte* first = tensor.bytes) return (float*)first;
    }
}
