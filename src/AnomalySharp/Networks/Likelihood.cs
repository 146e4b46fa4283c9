using System.Buffers;

namespace AnomalySharp.Networks;

/// <summary>What a decoder's output says of a sample: the distribution p(x|z), independent over the features given z.</summary>
internal abstract class Likelihood
{
    /// <summary>Outputs of the decoder per value: all first ones, then all second ones.</summary>
    public virtual int HeadCount => 1;

    /// <summary>−log p of every value of one sample, and the gradient of their sum at the decoder's output.</summary>
    /// <param name="x">d values.</param>
    /// <param name="output">What the decoder gave, d × <see cref="HeadCount"/>.</param>
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
    /// <param name="outputs">count × d × <see cref="HeadCount"/>.</param>
    /// <param name="count">Samples.</param>
    /// <param name="gradient">Receives as many values as <paramref name="outputs"/>; empty where it is not wanted.</param>
    public double Loss(ReadOnlySpan<float> x, ReadOnlySpan<float> outputs, int count, Span<float> gradient = default)
    {
        int width = x.Length / count, rows = Math.Min(Heads.RowsPerBlock(width), count), heads = HeadCount;
        bool joins = rows > 1 && heads > 1;
        float[] terms = ArrayPool<float>.Shared.Rent(rows * width), scratch = ArrayPool<float>.Shared.Rent(joins ? 2 * rows * width * heads : 0);
        double sum = 0;
        for (int i = 0; i < count; i += rows)
        {
            int block = Math.Min(rows, count - i), values = block * width;
            ReadOnlySpan<float> output = outputs.Slice(i * width * heads, values * heads);
            Span<float> ofBlock = terms.AsSpan(0, values), target = gradient.IsEmpty ? default : gradient.Slice(i * width * heads, values * heads);
            if (joins)
            {
                Span<float> joined = scratch.AsSpan(0, values * heads);
                Span<float> atJoined = target.IsEmpty ? default : scratch.AsSpan(values * heads, values * heads);
                Heads.Join(output, block, heads, joined);
                Evaluate(x.Slice(i * width, values), joined, ofBlock, atJoined, 1f / count);
                if (!target.IsEmpty) Heads.Split(atJoined, block, heads, target);
            }
            else
            {
                Evaluate(x.Slice(i * width, values), output, ofBlock, target, 1f / count);
            }
            sum += Lanes.Sum(ofBlock);
        }
        ArrayPool<float>.Shared.Return(scratch);
        ArrayPool<float>.Shared.Return(terms);
        return sum / count;
    }
}
