using AnomalySharp.Networks;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>Distributions p(z) of latent codes.</summary>
public enum LatentPrior
{
    /// <summary>N(0, I).</summary>
    Normal,

    /// <summary>Uniform from −1 to 1 in every unit.</summary>
    Uniform,
}

/// <summary>Codes z from the prior that follow from a seed and a number alone (a step, a start), so that a resumed training draws the same.</summary>
internal sealed class LatentNoise(LatentPrior prior, int size, int seed)
{
    /// <summary>The distribution.</summary>
    public LatentPrior Prior => prior;

    /// <summary>Units of a code.</summary>
    public int Size => size;

    /// <summary>Standard deviation of a unit.</summary>
    public double Deviation => prior == LatentPrior.Normal ? 1 : 1 / Math.Sqrt(3);

    /// <summary>Row-major codes, <paramref name="count"/> of them.</summary>
    public float[] Values(int count, long number)
    {
        float[] values = new float[checked(count * size)];
        if (prior == LatentPrior.Normal)
        {
            GaussianNoise.Fill(values, seed, number);
            return values;
        }
        UniformNoise.Fill(values, (ulong)(uint)seed, number);
        for (int i = 0; i < values.Length; i++) values[i] = (2 * values[i]) - 1;
        return values;
    }

    /// <summary>The same as a tensor <c>[count, size]</c>.</summary>
    public Tensor Draw(int count, long number, Device device) => tensor(Values(count, number), count, size).to(device);

    /// <summary>
    /// Numbers from 0 to 1 for <paramref name="count"/> samples, one per sample: α of a gradient penalty. Other ones than the codes are made of.
    /// </summary>
    public Tensor Shares(int count, long number, Device device)
    {
        float[] values = new float[count];
        UniformNoise.Fill(values, ((ulong)(uint)seed << 32) | 1, number);
        return tensor(values).to(device);
    }
}
