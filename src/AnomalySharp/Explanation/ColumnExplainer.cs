using System.Globalization;
using AnomalySharp.Conditioning;
using AnomalySharp.Preprocessing;
using AnomalySharp.Tables;

namespace AnomalySharp.Explanation;

/// <summary>Sums contributions of features to those of the columns that they come from, and says what is unusual about the greatest.</summary>
internal sealed class ColumnExplainer
{
    private readonly ModelParts _parts;
    private readonly Samples _samples;
    private readonly TableColumn[] _columns = [];
    private readonly EncodedColumn[] _encoded = [];
    private readonly ContextWords? _given;
    private readonly int[] _columnOf;
    private readonly double[] _sums;

    public ColumnExplainer(ModelParts parts, Table? table, Samples samples)
    {
        (_parts, _samples) = (parts, samples);
        if (parts.Encoder is not { } encoder)
        {
            _columnOf = [.. Enumerable.Range(0, samples.Shape.Length)];
            _sums = new double[samples.Shape.Length];
            return;
        }
        Dictionary<string, TableColumn> byName = table!.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        _encoded = [.. ContextLayout.Judged(encoder, parts.Context?.Columns)];
        if (parts.Context is { } context) _given = new ContextWords(context, _encoded, parts.Encode(table).Samples, byName);
        _columns = [.. _encoded.Select(column => byName[column.Name])];
        _columnOf = [.. _encoded.SelectMany((column, j) => Enumerable.Repeat(j, column.Width))];
        _sums = new double[_encoded.Length];
    }

    /// <summary>How the row is called: its name, or its position in the whole data.</summary>
    public string RowName(int i, long position) => _samples.RowNames is null || _samples.RowNames is CellTexts cells && cells.IsMissing(i)
        ? position.ToString(CultureInfo.InvariantCulture)
        : _samples.RowNames[i];

    /// <summary>The columns that raised the score most, in falling order.</summary>
    /// <param name="row">Position of the row.</param>
    /// <param name="attributions">What each feature contributed.</param>
    /// <param name="top">Most columns.</param>
    /// <param name="beside">What the score has beside the columns, such as of edges: shares are of all.</param>
    public IReadOnlyList<ColumnContribution> Top(int row, ReadOnlySpan<float> attributions, int top, double beside = 0)
    {
        Array.Clear(_sums);
        for (int j = 0; j < attributions.Length; j++) _sums[_columnOf[j]] += attributions[j];
        double total = beside;
        List<(double Negated, int Column)> positive = [];
        for (int j = 0; j < _sums.Length; j++)
        {
            if (!(_sums[j] > 0)) continue;
            total += _sums[j];
            positive.Add((-_sums[j], j));
        }
        positive.Sort();
        int count = Math.Clamp(top, 0, positive.Count);
        ColumnContribution[] contributions = new ColumnContribution[count];
        for (int k = 0; k < count; k++)
        {
            (double negated, int j) = positive[k];
            contributions[k] = Describe(row, j, Math.Min(1, -negated / total));
        }
        return contributions;
    }

    private ColumnContribution Describe(int row, int j, double share)
    {
        if (_encoded.Length > 0) return new ColumnContribution(_encoded[j].Name, _columns[j].Text(row), share, _given?.Usual(row, j) ?? _encoded[j].Usual);
        UsualRange usual = _parts.Usual[new ValueGroups(_samples.Shape).Of(j)];
        return new ColumnContribution(ValueName(j), UsualValues.Number(_samples[row][j]), share, UsualValues.Range(usual.Low, usual.High));
    }

    private string ValueName(int j)
    {
        if ((_samples.FeatureNames ?? _parts.FeatureNames) is { } names) return names[j];
        SampleShape shape = _samples.Shape;
        List<int> path = [];
        for (int k = shape.Rank - 1; k >= 0; k--)
        {
            path.Insert(0, j % shape[k]);
            j /= shape[k];
        }
        return shape.Rank == 1 ? $"f{path[0]}" : string.Join('/', path);
    }
}
