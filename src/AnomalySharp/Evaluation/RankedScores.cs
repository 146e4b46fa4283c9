namespace AnomalySharp.Evaluation;

/// <summary>What would be flagged if the threshold lay just below <paramref name="Score"/>, and what equal scores added to it.</summary>
/// <param name="Score">A distinct score.</param>
/// <param name="TruePositives">Anomalies with this score or a higher one.</param>
/// <param name="FalsePositives">Normal samples with this score or a higher one.</param>
/// <param name="TiedPositives">Anomalies with exactly this score.</param>
/// <param name="TiedNegatives">Normal samples with exactly this score.</param>
internal readonly record struct Cut(float Score, int TruePositives, int FalsePositives, int TiedPositives, int TiedNegatives);

/// <summary>Scores sorted once, with their labels: every figure is one walk over the distinct scores, from the highest down.</summary>
internal sealed class RankedScores
{
    private readonly float[] _scores;
    private readonly byte[] _labels;

    /// <summary>Number of samples.</summary>
    public int Count => _labels.Length;

    /// <summary>Number of anomalies.</summary>
    public int Positives { get; }

    /// <summary>Number of normal samples.</summary>
    public int Negatives => _labels.Length - Positives;

    /// <exception cref="DataException">Lengths differ, a score is not a number, or all labels are the same.</exception>
    public RankedScores(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels)
    {
        if (scores.Length != labels.Count) throw new DataException($"{scores.Length} scores need {scores.Length} labels, not {labels.Count}.");
        _scores = scores.ToArray();
        _labels = labels is byte[] array ? (byte[])array.Clone() : [.. labels];
        for (int i = 0; i < _labels.Length; i++)
        {
            if (float.IsNaN(_scores[i])) throw new DataException($"The score of sample {i} is not a number, so it has no rank.");
            if (_labels[i] > 1) throw new DataException($"The label of sample {i} is {_labels[i]}; labels are 0 (normal) and 1 (anomaly).");
            Positives += _labels[i];
        }
        if (Positives == 0 || Negatives == 0)
        {
            string all = _labels.Length == 0 ? "There are no samples"
                : $"All {_labels.Length} labels are {(Positives == 0 ? "0 (normal)" : "1 (anomaly)")}";
            throw new DataException(
                $"{all}: figures need at least one anomaly and one normal sample. Check the label column and which value means anomaly.");
        }
        Array.Sort(_scores, _labels);
    }

    /// <summary>The distinct scores in falling order; the last one flags everything.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>The distinct scores of <see cref="RankedScores"/>, without allocation.</summary>
    public struct Enumerator
    {
        private readonly float[] _scores;
        private readonly byte[] _labels;
        private int _next;

        internal Enumerator(RankedScores ranked) => (_scores, _labels, _next) = (ranked._scores, ranked._labels, ranked._scores.Length - 1);

        /// <summary>The cut at the present score.</summary>
        public Cut Current { get; private set; }

        /// <summary>Goes on to the next lower score.</summary>
        public bool MoveNext()
        {
            if (_next < 0) return false;
            float score = _scores[_next];
            int positives = 0, first = _next;
            while (_next >= 0 && _scores[_next] == score) positives += _labels[_next--];
            int negatives = first - _next - positives;
            Current = new Cut(score, Current.TruePositives + positives, Current.FalsePositives + negatives, positives, negatives);
            return true;
        }
    }
}
