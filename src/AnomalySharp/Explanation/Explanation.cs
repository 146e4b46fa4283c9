using System.Globalization;
using System.Text.Json.Serialization;
using AnomalySharp.Graphs;

namespace AnomalySharp.Explanation;

/// <summary>Why a sample got its score, column by column.</summary>
/// <param name="Index">Position of the sample in the data, counted from 0.</param>
/// <param name="Row">How the sample is called: its name, or its position.</param>
/// <param name="Score">Its score.</param>
/// <param name="Probability">Probability of being an anomaly, 0 to 1.</param>
/// <param name="IsAnomaly">Whether the score is above the threshold.</param>
/// <param name="Columns">The columns that contributed most, in falling order.</param>
public sealed record SampleExplanation(int Index, string Row, float Score, float Probability, bool IsAnomaly, IReadOnlyList<ColumnContribution> Columns)
{
    /// <summary>Edges of a node, there and not there, that contributed most, in falling order; null where the detector does not judge by edges.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EdgeContribution>? Edges { get; init; }

    /// <summary>The greatest contributions of columns and edges as phrases, in falling order.</summary>
    public IEnumerable<string> Reasons(int most) => Columns.Select(column => (column.Share, Text: column.ToString()))
        .Concat((Edges ?? []).Select(edge => (edge.Share, Text: edge.ToString())))
        .OrderByDescending(reason => reason.Share)
        .Take(most)
        .Select(reason => reason.Text);
}

/// <summary>What an edge, or the lack of one, contributed to the score of a node.</summary>
/// <param name="Node">The other node's name, or its position.</param>
/// <param name="Exists">Whether there is an edge.</param>
/// <param name="Expected">Probability that the method gives to there being one, 0 to 1.</param>
/// <param name="Share">Its share of all contributions, 0 to 1.</param>
public sealed record EdgeContribution(string Node, bool Exists, double Expected, double Share)
{
    internal static EdgeContribution Of(EdgeEffect effect, Samples nodes, double share) =>
        new(nodes.RowName(effect.Other), effect.Exists, effect.Expected, double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0);

    /// <summary>As one phrase: <c>edge to n7 (expected with probability 0.03)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Exists ? "" : "no ")}edge to {Node} ({(Exists ? "" : "one is ")}expected with probability {Expected:0.00})");
}

/// <summary>What one column contributed to a score.</summary>
/// <param name="Column">Name of the column (of a pixel or feature where the data is no table).</param>
/// <param name="Value">The sample's value as text; empty where it is missing.</param>
/// <param name="Share">Its share of all positive contributions, 0 to 1.</param>
/// <param name="Usual">What is usual in training: <c>0.1 to 3.2</c> (5 % to 95 % quantile), or the most frequent categories.</param>
public sealed record ColumnContribution(string Column, string Value, double Share, string Usual)
{
    /// <summary>As one phrase: <c>amount = 9.1 (usually 0.1 to 3.2)</c>.</summary>
    public override string ToString() => $"{Column} = {(Value.Length == 0 ? "missing" : Value)} (usually {Usual})";
}
