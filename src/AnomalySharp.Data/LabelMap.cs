using AnomalySharp.Tables;

namespace AnomalySharp.Data;

/// <summary>Says of each label cell whether it means anomaly. What it has learnt from one block holds for the next.</summary>
/// <param name="source">File, for messages.</param>
/// <param name="column">Name of the label column.</param>
/// <param name="anomalyValue">The text that means anomaly, or null where it is to be told from the texts.</param>
internal sealed class LabelMap(string source, string column, string? anomalyValue)
{
    private static readonly HashSet<string> AnomalyWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "true", "yes", "anomaly", "anomalous", "abnormal", "attack", "outlier", "fraud", "fraudulent", "defect", "defective", "bad", "faulty", "fault",
        "intrusion", "malicious", "nok",
    };

    private static readonly HashSet<string> NormalWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "false", "no", "normal", "inlier", "good", "ok", "benign", "legitimate", "genuine", "healthy", "none",
    };

    private readonly Dictionary<string, byte> _labels = new(StringComparer.Ordinal);

    /// <summary>The texts seen.</summary>
    public IReadOnlyCollection<string> Seen => _labels.Keys;

    /// <summary>1 for an anomaly, 0 otherwise.</summary>
    /// <param name="cells">The labels.</param>
    /// <param name="firstRow">Number of the first row, for messages.</param>
    /// <exception cref="DataException">A cell is missing, there are more than two texts, or it is not clear which one means anomaly.</exception>
    public byte[] Of(TableColumn cells, long firstRow)
    {
        if (anomalyValue is null && cells is NumberColumn { Values: double[] numbers } && numbers.AsSpan().IndexOfAnyExcept(0.0, 1.0) < 0)
        {
            return Array.ConvertAll(numbers, number => (byte)number);
        }
        string[] texts = new string[cells.Count];
        for (int i = 0; i < texts.Length; i++) texts[i] = cells.Text(i);
        return Of(texts, firstRow);
    }

    /// <inheritdoc cref="Of(TableColumn, long)"/>
    public byte[] Of(IReadOnlyList<string> texts, long firstRow = 0)
    {
        Learn(texts, firstRow);
        byte[] labels = new byte[texts.Count];
        for (int i = 0; i < labels.Length; i++) labels[i] = _labels[texts[i]];
        return labels;
    }

    private void Learn(IReadOnlyList<string> texts, long firstRow)
    {
        List<string> unknown = [];
        HashSet<string> found = new(StringComparer.Ordinal);
        for (int i = 0; i < texts.Count; i++)
        {
            if (texts[i].Length == 0)
            {
                throw new DataException(
                    $"In '{source}', the label in row {firstRow + i} (counted from 0), column '{column}', is missing. Fill it in or remove the row.");
            }
            if (!_labels.ContainsKey(texts[i]) && found.Add(texts[i])) unknown.Add(texts[i]);
        }
        foreach (string text in unknown)
        {
            if (anomalyValue is not null) _labels[text] = Means(text) ? (byte)1 : (byte)0;
        }
        if (anomalyValue is not null || unknown.Count == 0) return;
        string[] all = [.. _labels.Keys, .. unknown];
        if (all.Length > 2) throw new DataException($"{Which(all)} With several kinds, name the one that means anomaly: --anomaly {Quoted(all[0])}.");
        if (all.All(text => text is "0" or "1"))
        {
            // Beside another number a 1 says nothing: some write -1 for an anomaly, some 2.
            foreach (string text in unknown) _labels[text] = (byte)(text[0] - '0');
            return;
        }
        foreach (string text in unknown)
        {
            string? other = all.Length == 2 ? all.First(value => value != text) : null;
            bool anomaly = AnomalyWords.Contains(text) || (other is not null && NormalWords.Contains(other));
            bool normal = NormalWords.Contains(text) || (other is not null && AnomalyWords.Contains(other));
            if (anomaly == normal) throw new DataException($"{Which(all)} Say which one means anomaly, for example --anomaly {Quoted(all[^1])}.");
            _labels[text] = anomaly ? (byte)1 : (byte)0;
        }
    }

    private bool Means(string text) => text == anomalyValue
        || (double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out double a)
            && double.TryParse(anomalyValue, System.Globalization.CultureInfo.InvariantCulture, out double b) && a == b);

    private string Which(string[] all) =>
        $"In '{source}', the label column '{column}' holds {string.Join(", ", all.Take(10).Select(text => $"'{text}'"))}{(all.Length > 10 ? $" and {all.Length - 10} more" : "")}.";

    private static string Quoted(string text) => text.Contains(' ') ? $"\"{text}\"" : text;
}
