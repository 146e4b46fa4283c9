namespace AnomalySharp.Torch.Training;

/// <summary>
/// Collects what steps measure, by name, and gives the means of an epoch: see <see cref="AnomalySharp.Training.TrainingPhase.Measures"/>.
/// </summary>
internal sealed class TrainingMeasures
{
    private readonly Dictionary<string, (double Sum, int Count)> _sums = [];

    /// <summary>The means of the last epoch that ended; empty before.</summary>
    public IReadOnlyDictionary<string, double> Last { get; private set; } = new Dictionary<string, double>();

    /// <summary>Adds one value.</summary>
    public void Record(string name, double value)
    {
        (double sum, int count) = _sums.GetValueOrDefault(name);
        _sums[name] = (sum + value, count + 1);
    }

    /// <summary>Means since the last time, those that are finite; starts anew.</summary>
    public IReadOnlyDictionary<string, double> EndEpoch()
    {
        Last = _sums.Where(sum => double.IsFinite(sum.Value.Sum)).ToDictionary(sum => sum.Key, sum => sum.Value.Sum / sum.Value.Count);
        _sums.Clear();
        return Last;
    }
}
