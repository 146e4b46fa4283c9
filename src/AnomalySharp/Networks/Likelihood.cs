namespace AnomalySharp.Networks;

/// <summary>What a decoder's output says of a sample: the distribution p(x|z), independent over the features given z.</summary>
internal abstract class Likelihood
{
    /// <summary>Outputs of the decoder per value: all first ones, then all second ones.</summary>
    public virtual int Heads => 1;

    /// <summary>−log p of every value of one sample, and the gradient of their sum at the decoder's output.</summary>
    /// <param name="x">d values.</param>
    /// <param name="output">What the decoder gave, d × <see cref="Heads"/>.</param>
    /// <param name="terms">Receives the d terms, in nats.</param>
    /// <param name="gradient">Receives the gradient times <paramref name="scale"/>; empty where it is not wanted.</param>
    /// <param name="scale">Factor of the gradient.</param>
    public abstract void Evaluate(ReadOnlySpan<float> x, ReadOnlySpan<float> output, Span<float> terms, Span<float> gradient = default, float scale = 1);

    /// <summary>
    /// The part of −log p of every value that x has of itself, whatever the decoder gives, and that differs from sample to sample: scores leave it
    /// out. For normal distributions there is none.
    /// </summary>
    /// <param name="x">Values of any number of samples.</param>
    /// <param name="terms">Receives as many, in nats.</param>
    public virtual void OwnTerms(ReadOnlySpan<float> x, Span<float> terms) => terms[..x.Length].Clear();

    /// <summary>The mean of p(x|z), d values.</summary>
    public virtual void Mean(ReadOnlySpan<float> output, Span<float> mean) => output[..mean.Length].CopyTo(mean);

    /// <summary>Does nothing if the method can learn from <paramref name="samples"/>.</summary>
    /// <exception cref="DataException">A value outside the support of p: names the first.</exception>
    public virtual void Require(Samples samples) { }

    /// <summary>The mean over the batch of −log p(x|z), summed over the features, and its gradient at the decoder's output.</summary>
    /// <param name="x">count × d values.</param>
    /// <param name="outputs">count × d × <see cref="Heads"/>.</param>
    /// <param name="count">Samples.</param>
    /// <param name="gradient">Receives as many values as <paramref name="outputs"/>; empty where it is not wanted.</param>
    public double Loss(ReadOnlySpan<float> x, ReadOnlySpan<float> outputs, int count, Span<float> gradient = default)
    {
        int width = x.Length / count, outputWidth = width * Heads;
        Span<float> terms = width <= 1024 ? stackalloc float[width] : new float[width];
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            Span<float> row = gradient.IsEmpty ? default : gradient.Slice(i * outputWidth, outputWidth);
            Evaluate(x.Slice(i * width, width), outputs.Slice(i * outputWidth, outputWidth), terms, row, 1f / count);
            sum += Lanes.Sum(terms);
        }
        return sum / count;
    }
}
