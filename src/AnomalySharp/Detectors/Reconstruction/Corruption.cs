using System.Numerics.Tensors;
using AnomalySharp.Networks;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>The noise q(x̃|x) that a denoising autoencoder learns to undo (Vincent et al., JMLR 2010, section 3.3).</summary>
public enum CorruptionKind
{
    /// <summary>Each value becomes 0 with probability ν; the others stay as they are, and are not scaled up. In standardised data 0 is the mean.</summary>
    Masking,

    /// <summary>x̃ ~ N(x, ν²).</summary>
    Gaussian,

    /// <summary>Each value becomes, with probability ν, its smallest or its largest possible one, as a fair coin says.</summary>
    SaltAndPepper,
}

/// <summary>
/// Draws x̃ from x, anew for every batch: the noise follows from the seed and the number of the step, so that a resumed training draws what an
/// uninterrupted one would have drawn.
/// </summary>
/// <param name="kind">What is done to values.</param>
/// <param name="level">ν: a probability, or a standard deviation.</param>
/// <param name="seed">Start of the random numbers.</param>
internal sealed class Corruption(CorruptionKind kind, double level, int seed)
{
    private float[] _noise = [], _scratch = [];

    /// <summary>Fills <paramref name="corrupted"/> with x̃.</summary>
    /// <param name="clean">x, row-major.</param>
    /// <param name="step">What the noise is drawn for; the same gives the same.</param>
    /// <param name="low">Smallest value of each column, for <see cref="CorruptionKind.SaltAndPepper"/>.</param>
    /// <param name="high">Largest value of each column.</param>
    /// <param name="corrupted">Receives as many values.</param>
    public void Apply(ReadOnlySpan<float> clean, int step, ReadOnlySpan<float> low, ReadOnlySpan<float> high, Span<float> corrupted)
    {
        if (_noise.Length < clean.Length + 1) (_noise, _scratch) = (new float[clean.Length + 1], new float[clean.Length + 1]);
        // Pairs, for the pairs of normal numbers.
        Span<float> noise = _noise.AsSpan(0, clean.Length + clean.Length % 2);
        UniformNoise.Fill(noise, (uint)seed, step);
        float share = (float)level;
        switch (kind)
        {
            case CorruptionKind.Masking:
                for (int i = 0; i < clean.Length; i++) corrupted[i] = noise[i] < share ? 0 : clean[i];
                break;
            case CorruptionKind.Gaussian:
                TensorPrimitives.MultiplyAdd(Normal(noise)[..clean.Length], share, clean, corrupted);
                break;
            default:
                int width = low.Length;
                for (int start = 0; start < clean.Length; start += width)
                {
                    for (int j = 0; j < width; j++)
                    {
                        float u = noise[start + j];
                        corrupted[start + j] = u >= share ? clean[start + j] : u < share / 2 ? low[j] : high[j];
                    }
                }
                break;
        }
    }

    /// <exception cref="OptionException">A probability of 1 or more, with which nothing of a sample need be left.</exception>
    public static void RequireLevel(CorruptionKind kind, double level)
    {
        if (kind == CorruptionKind.Gaussian || level < 1) return;
        throw new OptionException(FormattableString.Invariant($"Option 'noiseLevel' is {level}, and with this corruption it is a probability; allowed: 0 to below 1."));
    }

    /// <summary>Smallest and largest value of each column.</summary>
    public static void Extremes(ReadOnlySpan<float> rows, Span<float> low, Span<float> high)
    {
        rows[..low.Length].CopyTo(low);
        rows[..high.Length].CopyTo(high);
        for (int start = low.Length; start < rows.Length; start += low.Length)
        {
            ReadOnlySpan<float> row = rows.Slice(start, low.Length);
            TensorPrimitives.Min(low, row, low);
            TensorPrimitives.Max(high, row, high);
        }
    }

    /// <summary>Box and Muller: √(−2 ln u₁)·cos 2πu₂ and ·sin 2πu₂, the halves of the uniform numbers being u₁ and u₂.</summary>
    private ReadOnlySpan<float> Normal(Span<float> uniform)
    {
        int half = uniform.Length / 2;
        Span<float> radius = uniform[..half], angle = uniform[half..], normal = _scratch.AsSpan(0, uniform.Length);
        // 1 − u is in (0, 1].
        TensorPrimitives.Subtract(1f, radius, radius);
        TensorPrimitives.Log(radius, radius);
        TensorPrimitives.Multiply(radius, -2, radius);
        TensorPrimitives.Sqrt(radius, radius);
        TensorPrimitives.Multiply(angle, 2 * MathF.PI, angle);
        TensorPrimitives.Cos(angle, normal[..half]);
        TensorPrimitives.Sin(angle, normal[half..]);
        TensorPrimitives.Multiply(normal[..half], radius, normal[..half]);
        TensorPrimitives.Multiply(normal[half..], radius, normal[half..]);
        return normal;
    }
}
