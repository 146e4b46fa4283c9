using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;
using AnomalySharp.Thresholding;
using AnomalySharp.Torch.Networks;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// The range of the training values: of each feature of a table, each channel of pictures, each variable of sequences. Pictures are brought from it
/// to −1 to 1, as generators that end in a hyperbolic tangent want them; other samples stay as they are.
/// </summary>
/// <remarks>
/// The range of pictures is the one that nine in ten of them stay within at either end, and a quarter more, as far as there are such values: a few
/// broken pictures among the training data would otherwise squeeze all others into a narrow band that no network sees anything in.
/// </remarks>
internal sealed class TrainingRange
{
    private const double Usual = 0.9, Margin = 0.25;

    private readonly SampleShape _shape;
    private readonly float[] _lows, _highs;
    private readonly FeatureScaler? _pictures;

    private TrainingRange(SampleShape shape, float[] lows, float[] highs)
    {
        (_shape, _lows, _highs) = (shape, lows, highs);
        if (shape.Rank != 3) return;
        float[] middles = [.. lows.Zip(highs, (low, high) => low + ((high - low) / 2))];
        float[] factors = [.. lows.Zip(highs, (low, high) => 2 / (high - low))];
        _pictures = new FeatureScaler(FeatureScaling.MinMax, middles, factors, shape);
    }

    /// <summary>Shape of the samples.</summary>
    public SampleShape Shape => _shape;

    /// <summary>The range of <paramref name="samples"/>; that of constant values is 1 long.</summary>
    public static TrainingRange Of(Samples samples)
    {
        if (samples.Shape.Rank == 3) return OfPictures(samples);
        FeatureScaler scaler = FeatureScaler.Fit(samples, FeatureScaling.MinMax);
        return new(samples.Shape, [.. scaler.Offsets], [.. scaler.Offsets.Zip(scaler.Factors, High)]);

        static float High(float low, float factor) => AtLeast(low, low + (1 / factor));
    }

    private static TrainingRange OfPictures(Samples samples)
    {
        int plane = samples.Shape[1] * samples.Shape[2];
        float[] lows = new float[samples.Shape[0]], highs = new float[lows.Length];
        float[] lowest = new float[samples.Count], highest = new float[samples.Count];
        for (int c = 0; c < lows.Length; c++)
        {
            for (int i = 0; i < samples.Count; i++)
            {
                ReadOnlySpan<float> channel = samples[i].Slice(c * plane, plane);
                (lowest[i], highest[i]) = (TensorPrimitives.Min(channel), TensorPrimitives.Max(channel));
            }
            Array.Sort(lowest);
            Array.Sort(highest);
            double low = ThresholdRule.Quantile(lowest, 1 - Usual), high = ThresholdRule.Quantile(highest, Usual), margin = Margin * (high - low);
            lows[c] = Math.Max(lowest[0], (float)(low - margin));
            highs[c] = highest[^1] > lows[c] ? Math.Min(highest[^1], (float)(high + margin)) : lows[c] + 1;
            highs[c] = AtLeast(lows[c], highs[c]);
        }
        return new(samples.Shape, lows, highs);
    }

    /// <summary>Far from 0, a short range is less than one step between two numbers.</summary>
    private static float AtLeast(float low, float high) => high > low ? high : low + Math.Max(1, MathF.Abs(low));

    /// <summary>As the networks see samples.</summary>
    public Samples Apply(Samples samples) => _pictures?.Apply(samples) ?? samples;

    /// <summary>Back from there.</summary>
    public Samples Undo(Samples samples) => _pictures is null ? samples : new Samples(_pictures.Undo(samples), samples.Shape);

    /// <summary>
    /// A value of feature <paramref name="j"/> within the range, as the networks see it; <paramref name="share"/> is 0 at its low end and 1 at its
    /// high.
    /// </summary>
    public float Between(int j, float share) => _shape.Rank == 3 ? (2 * share) - 1
        : _lows[j % _lows.Length] + (share * (_highs[j % _lows.Length] - _lows[j % _lows.Length]));

    /// <summary>
    /// The nearest samples within the range, and, value by value, how far from them the samples are, in lengths of the range: outside, no generator
    /// was ever judged, and what a critic says there is chance.
    /// </summary>
    public (Tensor Inside, Tensor Excess) Split(Tensor samples)
    {
        if (_shape.Rank == 3)
        {
            Tensor clamped = samples.Within(-1, 1);
            return (clamped, (samples - clamped).abs().Over(2));
        }
        // The last dimension is the features of a row, and the variables of a sequence.
        Tensor lows = tensor(_lows).to(samples.device), highs = tensor(_highs).to(samples.device);
        Tensor inside = samples.minimum(highs).maximum(lows);
        return (inside, (samples - inside).abs() / (highs - lows));
    }

    public void WriteState(TensorState state)
    {
        state.Set<float>("lows", _lows);
        state.Set<float>("highs", _highs);
    }

    /// <exception cref="ModelFileException">An array is missing, of the wrong size, or no range.</exception>
    public static TrainingRange Read(TensorState state, SampleShape shape)
    {
        int groups = new ValueGroups(shape).Count;
        float[] lows = state.Get<float>("lows", groups), highs = state.Get<float>("highs", groups);
        if (!lows.Zip(highs).All(pair => float.IsFinite(pair.First) && float.IsFinite(pair.Second) && pair.First < pair.Second))
        {
            throw new ModelFileException("The model's training range is not one. It was altered: train it again.");
        }
        return new(shape, lows, highs);
    }
}
