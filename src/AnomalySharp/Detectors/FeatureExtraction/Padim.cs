using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Optimization;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Detectors.FeatureExtraction;

/// <summary>Options of <c>padim</c>.</summary>
[Detector("padim", Family = DetectorFamily.FeatureExtraction, Kinds = DataKinds.Image,
    Summary = "Fits a Gaussian to a network's features at each place of the picture; features improbable at their place are abnormal. Wants --features onnx:MODEL:LAYERS.",
    Paper = "Defard, Setkov, Loesch, Audigier: PaDiM: a Patch Distribution Modeling Framework for Anomaly Detection and Localization. ICPR Workshops 2021")]
public sealed record PadimOptions : DetectorOptions
{
    /// <summary>Features of each place that are looked at, drawn at random, at most as many as there are. The default value is 100, as in the paper.</summary>
    [Description("Features of each place that are looked at, drawn at random; at most as many as there are."), Range(1, 1024)]
    public int Dimensions { get; init; } = 100;

    /// <summary>ε in Σ + εI. The default value is 0.01.</summary>
    [Description("What is added to the variances."), Range(1e-9, 1e6)]
    public double Regularization { get; init; } = 0.01;

    /// <summary>None: the Gaussians take care of scales, and ε is for features as networks make them.</summary>
    public override FeatureScaling PreferredScaling => FeatureScaling.None;

    /// <summary>Maps.</summary>
    public override FeatureForm PreferredFeatures => FeatureForm.Maps;

    /// <inheritdoc/>
    protected override Detector Create() => new Padim(this);
}

/// <summary>
/// At each place (i, j) of the feature maps a Gaussian of mean μ_ij and covariance Σ_ij + εI over the training pictures. The score of a place is the Mahalanobis
/// distance, that of a picture the greatest one.
/// </summary>
/// <remarks>
/// Samples are feature maps <c>[c,h,w]</c> of pictures that are aligned, as those of one product are. The paper takes the greatest of the smoothed map; maps are
/// not smoothed here: that is for <see cref="Explanation.HeatMaps"/>.
/// </remarks>
internal sealed class Padim(PadimOptions options) : Detector
{
    private const int DrawPurpose = 0x9AD1;

    private int[] _features = [];

    // μ, and the lower triangles of W with Σ⁻¹ = WᵀW row after row: for every place.
    private float[] _means = [], _factors = [];

    private int Triangle => _features.Length * (_features.Length + 1) / 2;

    protected override void FitCore(Samples samples, FitContext context)
    {
        (int channels, int places) = (samples.Shape[0], samples.Shape[1] * samples.Shape[2]);
        int[] drawn = [.. Enumerable.Range(0, channels)];
        context.CreateRandom(DrawPurpose).Shuffle(drawn);
        _features = drawn[..Math.Min(options.Dimensions, channels)];
        Array.Sort(_features);
        if ((long)places * Triangle > Array.MaxLength)
        {
            throw new DataException(
                $"{places} places with {_features.Length} features each have more covariances than fit into one array. "
                + "Lower dimensions, or use smaller feature maps.");
        }
        (_means, _factors) = (new float[places * _features.Length], new float[places * Triangle]);
        int step = Math.Max(1, places / 50);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        for (int start = 0; start < places; start += step)
        {
            int end = Math.Min(places, start + step);
            Parallel.For(start, end, parallel, p => FitPlace(samples, p));
            context.Progress?.Report(new FitProgress("fitting Gaussians", end, places));
        }
    }

    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        ForEach(samples, (i, _, _, _, distance) => scores[i] = Math.Max(scores[i], distance));
        return scores;
    }

    /// <summary>The distance of each place, shared among the features by δ_k (Σ⁻¹δ)_k, their terms of its square.</summary>
    protected override float[] AttributeCore(Samples samples)
    {
        int places = samples.Shape[1] * samples.Shape[2], width = _features.Length;
        float[] attributions = new float[samples.Values.Length], gradient = new float[width];
        ForEach(samples, (i, p, deviation, whitened, distance) =>
        {
            if (!(distance > 0)) return;
            // Wᵀ(Wδ), with δ and Wδ as multiples of the distance, so that no term overflows.
            Array.Clear(gradient);
            int at = p * Triangle;
            // Row k has k + 1 values.
            for (int k = 0; k < width; at += ++k)
            {
                Span<float> part = gradient.AsSpan(0, k + 1);
                TensorPrimitives.MultiplyAdd(_factors.AsSpan(at, k + 1), whitened[k] / distance, part, part);
            }
            for (int k = 0; k < width; k++)
            {
                float share = deviation[k] * gradient[k];
                ref float target = ref attributions[(i * samples.Shape.Length) + (_features[k] * places) + p];
                target = float.IsNaN(share) ? 0 : Math.Clamp(share, -float.MaxValue, float.MaxValue);
            }
        });
        return attributions;
    }

    protected override void WriteState(TensorState state)
    {
        state.Set<int>("features", _features);
        state.Set<float>("means", _means);
        state.Set<float>("factors", _factors);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        int places = shape[1] * shape[2];
        _features = state.Get<int>("features", Math.Min(options.Dimensions, shape[0]));
        if (_features.Any(feature => feature < 0 || feature >= shape[0]))
        {
            throw new ModelFileException("The model's array 'features' names some that its maps do not have.");
        }
        _means = state.Get<float>("means", places * _features.Length);
        _factors = state.Get<float>("factors", places * Triangle);
    }

    private void FitPlace(Samples samples, int place)
    {
        int width = _features.Length, places = samples.Shape[1] * samples.Shape[2], count = samples.Count;
        double[] mean = new double[width], covariance = new double[width * width];
        double[] deviations = ArrayPool<double>.Shared.Rent(count * width);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> maps = samples[i];
            for (int k = 0; k < width; k++) deviations[(k * count) + i] = maps[(_features[k] * places) + place];
        }
        for (int k = 0; k < width; k++)
        {
            Span<double> values = deviations.AsSpan(k * count, count);
            mean[k] = TensorPrimitives.Sum<double>(values) / count;
            TensorPrimitives.Subtract(values, mean[k], values);
            for (int l = 0; l <= k; l++)
            {
                double product = TensorPrimitives.Dot<double>(values, deviations.AsSpan(l * count, count)) / (count - 1);
                covariance[(k * width) + l] = covariance[(l * width) + k] = product;
            }
        }
        ArrayPool<double>.Shared.Return(deviations);
        double[] inverse = TriangularInverse.Of(covariance, width, options.Regularization);
        int at = place * Triangle;
        for (int k = 0; k < width; k++)
        {
            _means[(place * width) + k] = (float)mean[k];
            for (int l = 0; l <= k; l++) _factors[at++] = (float)inverse[(k * width) + l];
        }
    }

    private delegate void PlaceAction(int sample, int place, ReadOnlySpan<float> deviation, ReadOnlySpan<float> whitened, float distance);

    private void ForEach(Samples samples, PlaceAction action)
    {
        int width = _features.Length, places = samples.Shape[1] * samples.Shape[2];
        float[] deviation = new float[width], whitened = new float[width];
        for (int i = 0; i < samples.Count; i++)
        {
            ReadOnlySpan<float> maps = samples[i];
            for (int p = 0; p < places; p++)
            {
                for (int k = 0; k < width; k++) deviation[k] = maps[(_features[k] * places) + p] - _means[(p * width) + k];
                int at = p * Triangle;
                for (int k = 0; k < width; at += ++k) whitened[k] = TensorPrimitives.Dot<float>(_factors.AsSpan(at, k + 1), deviation.AsSpan(0, k + 1));
                float distance = TensorPrimitives.Norm<float>(whitened);
                // NaN is a difference of infinities: features too far away for float32.
                action(i, p, deviation, whitened, distance <= float.MaxValue ? distance : float.MaxValue);
            }
        }
    }
}
