using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Torch.Networks;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// How badly a critic tells held-out normal samples from copies of them in which half of the values are random: minus the difference of its means by
/// its standard deviation. A discriminator is at its best somewhere between the start, when it knows nothing, and the equilibrium, when it knows
/// nothing any more; its own loss does not say where, and no anomaly is needed to find out.
/// </summary>
/// <param name="critic">D.</param>
/// <param name="range">Where random values come from: uniform over the training range.</param>
internal sealed class CriticSeparation(Network critic, TrainingRange range)
{
    private const ulong Seed = 0xC0DE;

    // Of fewer samples, such as a last batch of one, the deviation is hardly known: their figure stays within ±10.
    private const int Few = 8;

    /// <summary>The figure for one batch of held-out samples: the lower, the better.</summary>
    public double Of(ReadOnlySpan<float> samples, int count)
    {
        int width = critic.InputSize;
        float[] broken = samples[..(count * width)].ToArray(), random = new float[2 * broken.Length];
        float[] normal = new float[count], abnormal = new float[count];
        UniformNoise.Fill(random, Seed, 0);
        for (int i = 0; i < broken.Length; i++)
        {
            if (random[2 * i] < 0.5f) broken[i] = range.Between(i % width, random[(2 * i) + 1]);
        }
        critic.Infer(samples, count, normal);
        critic.Infer(broken, count, abnormal);
        float difference = TensorPrimitives.Average<float>(normal) - TensorPrimitives.Average<float>(abnormal);
        double deviation = Math.Sqrt((Variance(normal) + Variance(abnormal)) / 2);
        return -difference / Math.Max(deviation, 1e-12 + ((count < Few ? 0.1 : 1e-6) * Math.Abs(difference)));
    }

    private static double Variance(ReadOnlySpan<float> values)
    {
        double mean = TensorPrimitives.Average(values), sum = 0;
        foreach (float value in values) sum += (value - mean) * (value - mean);
        return sum / values.Length;
    }
}
