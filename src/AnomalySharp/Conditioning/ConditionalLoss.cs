namespace AnomalySharp.Conditioning;

/// <summary>
/// −log p(x|c) of values whose mean m and log-variance log σ² a network gives. Numbers follow Student's t with four degrees of freedom, so that rows
/// that are abnormal for their context move neither mean nor deviation much; indicators of categories are normal, for their mean is the category's
/// share.
/// </summary>
/// <param name="isNumber">For every value whether it is a number.</param>
internal sealed class ConditionalLoss(bool[] isNumber)
{
    /// <summary>Of standardised values: what is foretold better than this is foretold exactly, and differences below are rounding.</summary>
    public const float LeastDeviation = 0.05f;

    private const float Freedom = 4;

    // The scale that t fitted to normal values has, by their standard deviation: the root of E[(ν+1)z² / (ν+z²)] = 1.
    private const float ScaleByDeviation = 0.831f;

    private static readonly float Lowest = 2 * MathF.Log(LeastDeviation), Highest = 8;

    /// <summary>σ of a log-variance as the network gives it.</summary>
    public static float Deviation(float logVariance) => MathF.Exp(Math.Clamp(logVariance, Lowest, Highest) / 2);

    /// <summary>The mean over rows of the sum over values, without constants, and its gradient at the network's output.</summary>
    /// <param name="x">count × d values.</param>
    /// <param name="outputs">For each row d means, then d log-variances.</param>
    /// <param name="count">Rows.</param>
    /// <param name="gradient">Receives as many values as <paramref name="outputs"/>; empty where it is not wanted.</param>
    public double Evaluate(ReadOnlySpan<float> x, ReadOnlySpan<float> outputs, int count, Span<float> gradient = default)
    {
        int width = isNumber.Length;
        double sum = 0;
        for (int i = 0; i < count * width; i++)
        {
            (int row, int j) = Math.DivRem(i, width);
            int mean = row * 2 * width + j, spread = mean + width;
            float raw = outputs[spread], scale = Deviation(raw) * (isNumber[j] ? ScaleByDeviation : 1);
            float z = (x[i] - outputs[mean]) / scale, square = z * z;
            // Far values count less: of a normal distribution every one counts 1.
            float weight = isNumber[j] ? (Freedom + 1) / (Freedom + square) : 1;
            sum += Math.Log(scale) + (isNumber[j] ? (Freedom + 1) / 2 * Math.Log(1 + (square / Freedom)) : square / 2);
            if (gradient.IsEmpty) continue;
            float atSpread = (1 - (weight * square)) / (2 * count);
            gradient[mean] = -weight * z / (scale * count);
            // Outside of its range, only what leads back in.
            gradient[spread] = (raw < Lowest && atSpread > 0) || (raw > Highest && atSpread < 0) ? 0 : atSpread;
        }
        return sum / count;
    }
}
