using System.Numerics.Tensors;
using System.Text;
using System.Text.Json;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Detectors.Classical;

/// <summary>
/// One detector of an ensemble, with the features that it sees, if not the samples, the scaling that it prefers and its scores on the training
/// samples, by which new ones are made comparable.
/// </summary>
internal sealed class EnsembleMember(DetectorEntry entry, IFeatureOptions? features) : IDisposable
{
    // Of more training scores so many quantiles are kept: ranks to a part in ten thousand.
    private const int MostRanks = 10_001;

    private DetectorOptions _options = entry.CreateOptions();
    private Detector _detector = entry.CreateOptions().CreateDetector();
    private FeatureStage? _features;
    private FeatureScaler? _scaler;
    private double _mean, _deviation = 1;
    private float[] _sorted = [];

    public int MinimumSamples => _detector.MinimumSamples;

    /// <summary>Trains it.</summary>
    /// <returns>Passes on what it had to say, when called.</returns>
    public Action<FitContext> Fit(Samples samples, FitContext context)
    {
        List<(bool Warned, string Text)> said = [];
        FitContext listening = context with { Warning = text => said.Add((true, text)), Remark = text => said.Add((false, text)) };
        _features?.Dispose();
        _features = features is null ? null : FeatureStage.Fit(features, _options.PreferredFeatures, samples, listening);
        Samples seen = _features?.ExtractAll(samples, listening) ?? samples;
        FeatureScaler scaler = _scaler = FeatureScaler.Fit(seen, _options.PreferredScaling);
        _detector.Fit(scaler.Apply(seen), listening);
        float[] scores = BlockedDetector.Score(_detector, scaler, seen, context.Threads, context.Cancellation);
        _mean = scores.Average(score => (double)score);
        _deviation = Math.Sqrt(scores.Average(score => (score - _mean) * (score - _mean)));
        // Scores that do not differ say nothing, whatever they are.
        if (!(_deviation > 1e-12 * Math.Abs(_mean))) _deviation = Math.Max(Math.Abs(_mean), 1);
        Array.Sort(scores);
        _sorted = scores.Length <= MostRanks
            ? scores
            : [.. Enumerable.Range(0, MostRanks).Select(i => scores[(long)i * (scores.Length - 1) / (MostRanks - 1)])];
        return outer =>
        {
            foreach ((bool warned, string text) in said.Distinct())
            {
                string named = text.StartsWith(entry.Name, StringComparison.Ordinal) ? text : $"{entry.Name}: {text}";
                if (warned) outer.Warn(named);
                else outer.Note(named);
            }
        };
    }

    /// <summary>Standardised scores, or ranks: the share of the training scores that are lower, equal ones counting half.</summary>
    public double[] Score(Samples samples, bool ranks)
    {
        float[] scores = _detector.Score(_scaler!.Apply(_features?.Extract(samples) ?? samples));
        double[] result = new double[scores.Length];
        if (!ranks)
        {
            TensorPrimitives.ConvertTruncating(scores, result.AsSpan());
            TensorPrimitives.Subtract(result, _mean, result);
            TensorPrimitives.Divide(result, _deviation, result);
            return result;
        }
        for (int i = 0; i < result.Length; i++)
        {
            int at = _sorted.AsSpan().BinarySearch(scores[i]);
            int low = at < 0 ? ~at : at, high = low;
            while (low > 0 && _sorted[low - 1] == scores[i]) low--;
            while (high < _sorted.Length && _sorted[high] == scores[i]) high++;
            result[i] = (low + high) / 2.0 / _sorted.Length;
        }
        return result;
    }

    /// <summary>The detector's attributions to the values of the samples.</summary>
    public float[] Attribute(Samples samples) =>
        _features?.Attribute(samples, _scaler!, _detector) ?? _detector.Attribute(_scaler!.Apply(samples)).Values.ToArray();

    public TensorState GetState()
    {
        TensorState state = new();
        // Its defaults, which a later version may change.
        state.Set<byte>("options", JsonSerializer.SerializeToUtf8Bytes(_options, entry.OptionsType, DetectorCatalog.Json));
        if (_features is not null) state.AddPart("features", _features.GetState());
        state.AddPart("detector", _detector.GetState());
        _scaler!.WriteState(state);
        state.SetScalar("mean", _mean);
        state.SetScalar("deviation", _deviation);
        state.SetScalar("scores", _sorted.Length);
        state.Set<float>("sorted", _sorted);
        return state;
    }

    public void SetState(TensorState state, SampleShape shape)
    {
        _options = entry.ReadOptions(Encoding.UTF8.GetString(state.Get<byte>("options")));
        _detector.Dispose();
        _detector = _options.CreateDetector();
        (_mean, _deviation) = (state.GetScalar<double>("mean"), state.GetScalar<double>("deviation"));
        _sorted = state.Get<float>("sorted", state.GetScalar<int>("scores"));
        if (!double.IsFinite(_mean) || !(_deviation > 0) || _sorted.Length == 0)
        {
            throw new ModelFileException($"The model's scores of '{entry.Name}' have the mean {_mean} and the deviation {_deviation}.");
        }
        _features?.Dispose();
        _features = features is null ? null : FeatureStage.Restore(features, _options.PreferredFeatures, state.GetPart("features"), shape);
        shape = _features?.Shape ?? shape;
        _scaler = FeatureScaler.Read(state, _options.PreferredScaling, shape);
        _detector.SetState(state.GetPart("detector"), shape);
    }

    public void Dispose()
    {
        _features?.Dispose();
        _detector.Dispose();
    }
}
