using AnomalySharp.Persistence;

namespace AnomalySharp.Networks;

/// <summary>
/// A differentiable function with its parameters in one flat buffer. Methods are written against it: forward, the loss and its gradient at the
/// output, backward; the same file then runs on managed SIMD for tables and on libtorch for pictures.
/// </summary>
/// <remarks>
/// <see cref="Forward"/> and <see cref="Backward"/> belong to one training thread; the memory they return is the network's and stays valid
/// until their next call. <see cref="Infer"/> is safe from several threads at once while nobody trains.
/// </remarks>
public abstract class Network : IDisposable
{
    /// <summary>Values per sample going in.</summary>
    public abstract int InputSize { get; }

    /// <summary>Values per sample coming out.</summary>
    public abstract int OutputSize { get; }

    /// <summary>Parameters and gradients.</summary>
    public abstract ParameterBuffer Parameters { get; }

    /// <summary>
    /// The parts of <see cref="Parameters"/> that are weights of linear maps and convolutions, for penalties that leave out biases and what scales and
    /// shifts in a normalisation. Padding between them is zero.
    /// </summary>
    public abstract IReadOnlyList<Range> Weights { get; }

    /// <summary>
    /// Maps <paramref name="count"/> samples for training: keeps what <see cref="Backward"/> needs, draws dropout masks, updates the running
    /// statistics of batch normalisation.
    /// </summary>
    /// <param name="input">Row-major, <c>count × InputSize</c>. Must not change before <see cref="Backward"/>.</param>
    /// <param name="count">Number of samples, at least 1.</param>
    /// <exception cref="ArgumentException">Fewer values than that.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed of.</exception>
    /// <returns>Row-major, <c>count × OutputSize</c>.</returns>
    public abstract ReadOnlySpan<float> Forward(ReadOnlySpan<float> input, int count);

    /// <summary>Adds the gradients of the parameters for the batch of the last <see cref="Forward"/>.</summary>
    /// <param name="outputGradient">Gradient of the loss at the output, <c>count × OutputSize</c>.</param>
    /// <param name="needInputGradient">Whether the gradient at the input is wanted.</param>
    /// <exception cref="ArgumentException">Fewer values than that.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed of.</exception>
    /// <returns>The gradient at the input, <c>count × InputSize</c>, or nothing.</returns>
    public abstract ReadOnlySpan<float> Backward(ReadOnlySpan<float> outputGradient, bool needInputGradient = false);

    /// <summary>Maps samples without training: no dropout, running statistics. Does not depend on how samples are grouped.</summary>
    /// <param name="input">Row-major, <c>count × InputSize</c>.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="output">Receives <c>count × OutputSize</c> values.</param>
    /// <exception cref="ArgumentException">Fewer values going in, or less room for what comes out.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed of.</exception>
    public abstract void Infer(ReadOnlySpan<float> input, int count, Span<float> output);

    /// <summary>Weights (and running statistics) under their own names, without padding.</summary>
    public abstract void WriteState(TensorState state);

    /// <summary>Takes over what <see cref="WriteState"/> of a network of the same architecture wrote.</summary>
    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    public abstract void ReadState(TensorState state);

    /// <summary>Whether its memory is gone.</summary>
    internal bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        IsDisposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Does nothing unless the network was disposed of: what computes on its bare memory asks this first.</summary>
    /// <exception cref="ObjectDisposedException">It was.</exception>
    protected void RequireAlive() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    /// <summary>Does nothing if so many values hold <paramref name="count"/> samples; more are allowed, for scratch that is larger than a batch.</summary>
    /// <exception cref="ArgumentException">They do not, or the count is negative.</exception>
    protected static void RequireValues(int values, int count, int perSample, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if ((long)count * perSample <= values) return;
        throw new ArgumentException($"{count} samples of {perSample} values each need {(long)count * perSample} values, and there are {values}.", name);
    }

    /// <summary>Frees the parameters.</summary>
    protected virtual void Dispose(bool disposing) => Parameters.Dispose();
}
