using System.Numerics.Tensors;
using AnomalySharp.Persistence;

namespace AnomalySharp.Preprocessing;

/// <summary>
/// Brings features to comparable ranges: <c>(x − offset) · factor</c>, fitted on training samples only. A row of a table has one offset and
/// factor per feature, a window <c>[t,d]</c> one per d, a picture <c>[c,h,w]</c> and a clip
/// <c>[t,c,h,w]</c> one per channel.
/// </summary>
/// <remarks>A constant feature keeps the factor 1. Scaled values are kept within ±10¹⁵, so that their squares stay finite.</remarks>
public sealed class FeatureScaler
{
    private const float Bound = 1e15f;

    // Rows are scaled several at a time, so that short rows do not pay for the start of a vector loop.
    private const int TileLength = 2048;

    // Made when first needed: only then is a sample of this shape known to be real.
    private readonly Lazy<(float[] Offsets, float[] Factors)> _tile;

    /// <summary>How the offsets and factors were chosen.</summary>
    public FeatureScaling Scaling { get; }

    /// <summary>What is subtracted, one per group of values.</summary>
    public IReadOnlyList<float> Offsets { get; }

    /// <summary>What the difference is multiplied with, one per group of values.</summary>
    public IReadOnlyList<float> Factors { get; }

    /// <summary>A scaler with known offsets and factors for samples of <paramref name="shape"/>.</summary>
    /// <exception cref="ModelFileException">Their number does not fit the shape, or one is not finite.</exception>
    internal FeatureScaler(FeatureScaling scaling, IReadOnlyList<float> offsets, IReadOnlyList<float> factors, SampleShape shape)
    {
        ValueGroups groups = new(shape);
        if (offsets.Count != groups.Count || factors.Count != groups.Count || !offsets.Concat(factors).All(float.IsFinite))
        {
            throw new ModelFileException($"The model's scaling does not fit samples of shape {shape}. Train it again.");
        }
        (Scaling, Offsets, Factors) = (scaling, offsets, factors);
        _tile = new(() => (Tile(shape, offsets), Tile(shape, factors)));
    }

    /// <summary>The one that <see cref="WriteState"/> wrote.</summary>
    /// <exception cref="ModelFileException">An array is missing, or does not fit the shape.</exception>
    internal static FeatureScaler Read(TensorState state, FeatureScaling scaling, SampleShape shape, string suffix = "") =>
        new(scaling, state.Get<float>("offsets" + suffix), state.Get<float>("factors" + suffix), shape);

    /// <summary>Writes offsets and factors, for scalers that are not in a model's manifest.</summary>
    internal void WriteState(TensorState state, string suffix = "")
    {
        state.Set<float>("offsets" + suffix, [.. Offsets]);
        state.Set<float>("factors" + suffix, [.. Factors]);
    }

    /// <summary>One that leaves samples as they are.</summary>
    internal static FeatureScaler None(SampleShape shape) => Fit(new Samples(ReadOnlyMemory<float>.Empty, shape), FeatureScaling.None);

    /// <summary>Chooses offsets and factors from training samples.</summary>
    public static FeatureScaler Fit(Samples samples, FeatureScaling scaling)
    {
        ValueGroups groups = new(samples.Shape);
        float[] offsets = new float[groups.Count];
        float[] factors = new float[groups.Count];
        Array.Fill(factors, 1);
        if (scaling != FeatureScaling.None && samples.Count > 0)
        {
            GroupStatistics statistics = GroupStatistics.Of(samples);
            for (int g = 0; g < groups.Count; g++)
            {
                double offset = scaling == FeatureScaling.MinMax ? statistics.Minimum[g] : statistics.Mean[g];
                double range = scaling == FeatureScaling.MinMax ? (double)statistics.Maximum[g] - statistics.Minimum[g] : statistics.Deviation[g];
                if (scaling == FeatureScaling.Robust)
                {
                    float[] sorted = groups.SortedValues(samples, g);
                    offset = Thresholding.ThresholdRule.Quantile(sorted, 0.5);
                    double interquartile = Thresholding.ThresholdRule.Quantile(sorted, 0.75) - Thresholding.ThresholdRule.Quantile(sorted, 0.25);
                    // Where half of the values are equal, their interquartile range says nothing of the others.
                    if (interquartile > 0) range = interquartile;
                }
                offsets[g] = (float)offset;
                float factor = (float)(1 / range);
                if (statistics.Maximum[g] > statistics.Minimum[g] && float.IsFinite(factor) && factor > 0) factors[g] = factor;
            }
        }
        return new FeatureScaler(scaling, offsets, factors, samples.Shape);
    }

    /// <summary>The scaled samples; the same samples where there is nothing to scale.</summary>
    public Samples Apply(Samples samples)
    {
        if (Scaling == FeatureScaling.None) return samples;
        if ((long)samples.Count * samples.Shape.Length <= Array.MaxLength) return Apply(samples, new float[samples.Count * samples.Shape.Length]);
        throw new DataException(
            $"{samples.Count:N0} samples of {samples.Shape} are more than fit into memory at once when they are scaled. Leave them as they are with --scaling none, "
            + "or take fewer (of windows with a larger --stride) or smaller ones.");
    }

    /// <summary>Values whose scaled ones are given: <c>x / factor + offset</c>.</summary>
    internal float[] Undo(Samples scaled)
    {
        float[] values = scaled.Values.ToArray();
        if (Scaling == FeatureScaling.None) return values;
        (float[] offsets, float[] factors) = _tile.Value;
        for (int start = 0; start < values.Length; start += offsets.Length)
        {
            int length = Math.Min(offsets.Length, values.Length - start);
            Span<float> block = values.AsSpan(start, length);
            TensorPrimitives.Divide(block, factors.AsSpan(0, length), block);
            TensorPrimitives.Add(block, offsets.AsSpan(0, length), block);
        }
        return values;
    }

    /// <summary>The same, with the values in <paramref name="buffer"/>, which has to last as long as they are used.</summary>
    internal Samples Apply(Samples samples, float[] buffer)
    {
        if (Scaling == FeatureScaling.None) return samples;
        int width = samples.Shape.Length, length = samples.Count * width;
        if (!samples.SharesValues) Apply(samples.Values.Span, buffer.AsSpan(0, length));
        else for (int i = 0; i < samples.Count; i++) Apply(samples[i], buffer.AsSpan(i * width, width));
        return samples.WithValues(buffer.AsMemory(0, length), samples.Shape, samples.FeatureNames);
    }

    private void Apply(ReadOnlySpan<float> values, Span<float> scaled)
    {
        (float[] offsets, float[] factors) = _tile.Value;
        for (int start = 0; start < values.Length; start += offsets.Length)
        {
            int length = Math.Min(offsets.Length, values.Length - start);
            Span<float> block = scaled.Slice(start, length);
            TensorPrimitives.Subtract(values.Slice(start, length), offsets.AsSpan(0, length), block);
            TensorPrimitives.Multiply(block, factors.AsSpan(0, length), block);
            TensorPrimitives.Clamp(block, -Bound, Bound, block);
        }
    }

    private static float[] Tile(SampleShape shape, IReadOnlyList<float> perGroup)
    {
        ValueGroups groups = new(shape);
        float[] tile = new float[Math.Max(1, TileLength / shape.Length) * shape.Length];
        for (int i = 0; i < tile.Length; i++) tile[i] = perGroup[groups.Of(i % shape.Length)];
        return tile;
    }
}
