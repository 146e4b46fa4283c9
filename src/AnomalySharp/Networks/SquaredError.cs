using System.Numerics;
using System.Numerics.Tensors;

namespace AnomalySharp.Networks;

/// <summary>The squared difference between samples x and their reconstructions x̂, as a loss and as a score.</summary>
public static class SquaredError
{
    /// <summary>The mean of (x̂ − x)² over all values, and its gradient at x̂.</summary>
    /// <param name="reconstruction">x̂.</param>
    /// <param name="samples">x.</param>
    /// <param name="gradient">Receives 2(x̂ − x)/n for each of the n values.</param>
    /// <returns>The loss.</returns>
    public static double Loss(ReadOnlySpan<float> reconstruction, ReadOnlySpan<float> samples, Span<float> gradient)
    {
        TensorPrimitives.Subtract(reconstruction, samples, gradient);
        float loss = TensorPrimitives.SumOfSquares<float>(gradient[..samples.Length]) / samples.Length;
        TensorPrimitives.Multiply(gradient[..samples.Length], 2f / samples.Length, gradient);
        return loss;
    }

    /// <summary>The mean of (x̂ − x)² of one sample: the same bits wherever in memory it lies.</summary>
    public static float OfSample(ReadOnlySpan<float> reconstruction, ReadOnlySpan<float> sample)
    {
        Vector<float> sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= sample.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> difference = new Vector<float>(reconstruction[i..]) - new Vector<float>(sample[i..]);
            sums += difference * difference;
        }
        float sum = Vector.Sum(sums);
        for (; i < sample.Length; i++)
        {
            float difference = reconstruction[i] - sample[i];
            sum += difference * difference;
        }
        return sum / sample.Length;
    }
}
