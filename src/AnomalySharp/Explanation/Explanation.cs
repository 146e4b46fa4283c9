namespace AnomalySharp.Explanation;

/// <summary>Why a sample got its score, column by column.</summary>
/// <param name="Index">Position of the sample in the data, counted from 0.</param>
/// <param name="Row">How the sample is called: its name, or its position.</param>
/// <param name="Score">Its score.</param>
/// <param name="Probability">Probability of being an anomaly, 0 to 1.</param>
/// <param name="IsAnomaly">Whether the score is above the threshold.</param>
/// <param name="Columns">The columns that contributed most, in falling order.</param>
public sealed record SampleExplanation(int Index, string Row, float Score, float Probability, bool IsAnomaly, IReadOnlyList<ColumnContribution> Columns);

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
