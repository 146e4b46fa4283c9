namespace AnomalySharp;

/// <summary>Keeps what a detector reports while it passes it on: the training curve.</summary>
internal sealed class ProgressRecorder(IProgress<FitProgress>? next) : IProgress<FitProgress>
{
    private const int Most = 4_096;

    private readonly Lock _gate = new();
    private readonly List<FitProgress> _history = [];
    private int _stride = 1;
    private int _reported;

    public IReadOnlyList<FitProgress> History
    {
        get
        {
            lock (_gate) return [.. _history];
        }
    }

    public void Report(FitProgress value)
    {
        lock (_gate)
        {
            if (_reported++ % _stride == 0) _history.Add(value);
            if (_history.Count > Most)
            {
                // Every other one goes, and from now on every other one is kept: a curve of a million epochs needs no million points.
                for (int i = 0; 2 * i < _history.Count; i++) _history[i] = _history[2 * i];
                _history.RemoveRange((_history.Count + 1) / 2, _history.Count / 2);
                _stride *= 2;
            }
        }
        next?.Report(value);
    }
}
