namespace AnomalySharp.Networks;

/// <summary>
/// An encoder h = f(x) in training together with the penalty Σ ‖J(x)‖²_F over the samples of a batch, J = ∂f/∂x: how much the code follows small
/// changes of the input.
/// </summary>
/// <param name="encoder">f, without batch normalisation and dropout: with them, a sample has no Jacobian of its own.</param>
internal abstract class JacobianPenalty(Network encoder)
{
    protected Network Encoder => encoder;

    /// <summary>Codes of a batch, which stay valid until the next call of the encoder.</summary>
    /// <param name="x">Row-major samples.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="number">Number of the batch, which random directions follow from.</param>
    public virtual ReadOnlySpan<float> Forward(ReadOnlySpan<float> x, int count, long number) => encoder.Forward(x, count);

    /// <summary>Adds the gradients of a loss on the codes and of <paramref name="weight"/> times the penalty.</summary>
    /// <param name="x">The samples of <see cref="Forward"/>.</param>
    /// <param name="codes">What it returned.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="gradient">Gradient of the loss at the codes; overwritten.</param>
    /// <param name="weight">Weight of the penalty.</param>
    /// <returns>The penalty, without its weight.</returns>
    public abstract double Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> codes, int count, Span<float> gradient, float weight);

    /// <summary>The penalty of samples that are not learnt from.</summary>
    public abstract double Of(ReadOnlySpan<float> x, int count);
}
