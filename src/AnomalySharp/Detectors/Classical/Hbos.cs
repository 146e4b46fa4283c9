using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="Hbos"/>.</summary>
[Detector("hbos", Family = DetectorFamily.Classical,
    Summary = "Values in low bars of the features' histograms are abnormal.",
    Paper = "Goldstein, Dengel: Histogram-Based Outlier Score (HBOS): A Fast Unsupervised Anomaly Detection Algorithm. KI 2012.")]
public sealed record HbosOptions : DetectorOptions
{
    /// <summary>Bins of equal width per feature. The default value is 10, as in PyOD; the paper's rule of thumb is √n.</summary>
    [Description("Bins of equal width per feature."), Range(1, 100_000)]
    public int Bins { get; init; } = 10;

    /// <summary>None: bins adapt to the range of each feature.</summary>
    public override FeatureScaling PreferredScaling => FeatureScaling.None;

    /// <inheritdoc/>
    protected override Detector Create() => new Hbos(this);
}

/// <summary>
/// The histogram-based outlier score: Σ over the features of log(1 / height of the sample's bin), the highest bin of a feature having the height 1
/// (equation 1 of the paper).
/// </summary>
/// <remarks>
/// Bins are of equal width (the paper's static ones). Addition: a bin without training samples, and a value outside of their range, count as half a
/// sample.
/// </remarks>
public sealed class Hbos(HbosOptions options) : Detector
{
    private float[] _low = [], _high = [], _surprises = [], _outside = [];

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        int width = samples.Shape.Length, bins = options.Bins;
        (_low, _high) = (samples[0].ToArray(), samples[0].ToArray());
        for (int i = 1; i < samples.Count; i++)
        {
            TensorPrimitives.Min(_low, samples[i], _low);
            TensorPrimitives.Max(_high, samples[i], _high);
        }
        int[] counts = new int[checked(width * bins)];
        for (int i = 0; i < samples.Count; i++)
        {
            ReadOnlySpan<float> sample = samples[i];
            for (int j = 0; j < width; j++) counts[j * bins + BinOf(j, sample[j], bins)]++;
        }
        (_surprises, _outside) = (new float[counts.Length], new float[width]);
        for (int j = 0; j < width; j++)
        {
            double highest = counts.AsSpan(j * bins, bins).ToArray().Max();
            for (int b = j * bins; b < (j + 1) * bins; b++) _surprises[b] = (float)Math.Log(highest / Math.Max(0.5, counts[b]));
            _outside[j] = (float)Math.Log(highest / 0.5);
        }
        context.Progress?.Report(new FitProgress("counting", 1, 1));
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            ReadOnlySpan<float> sample = samples[i];
            double sum = 0;
            for (int j = 0; j < sample.Length; j++) sum += Surprise(j, sample[j]);
            scores[i] = (float)sum;
        }
        return scores;
    }

    /// <summary>log(1 / height) of each feature: the contributions of a sample sum to its score.</summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        float[] result = samples.Values.ToArray();
        for (int i = 0; i < result.Length; i++) result[i] = Surprise(i % _low.Length, result[i]);
        return result;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        state.Set<float>("low", _low);
        state.Set<float>("high", _high);
        state.Set<float>("surprises", _surprises, _low.Length, _surprises.Length / _low.Length);
        state.Set<float>("outside", _outside);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        (float[] low, float[] high) = (state.Get<float>("low", shape.Length), state.Get<float>("high", shape.Length));
        (float[] surprises, float[] outside) = (state.Get<float>("surprises"), state.Get<float>("outside", shape.Length));
        if (surprises.Length == 0 || surprises.Length % shape.Length != 0 || !low.Zip(high).All(range => range.First <= range.Second))
        {
            throw new ModelFileException($"The model's histograms do not fit {shape.Length} features: the file was altered. Train the model again.");
        }
        (_low, _high, _surprises, _outside) = (low, high, surprises, outside);
    }

    private float Surprise(int feature, float value)
    {
        int bins = _surprises.Length / _low.Length;
        return value < _low[feature] || value > _high[feature] ? _outside[feature] : _surprises[feature * bins + BinOf(feature, value, bins)];
    }

    private int BinOf(int feature, float value, int bins)
    {
        // In double: the range may be beyond float32. The greatest value belongs to the last bin.
        double low = _low[feature], range = _high[feature] - low;
        return range > 0 ? Math.Min(bins - 1, (int)((value - low) / range * bins)) : 0;
    }
}
