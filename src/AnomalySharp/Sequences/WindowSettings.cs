using System.Globalization;

namespace AnomalySharp.Sequences;

/// <summary>
/// How rows over time become windows <c>[t,d]</c>, and frames clips <c>[t,c,h,w]</c>: the rows of each entity in the order of their time, cut where time
/// jumps; the frames of each video in their order. Stored in the model, so that scoring needs no further word.
/// </summary>
public sealed record WindowSettings
{
    /// <summary>Most rows of one window.</summary>
    public const int MostRows = 10_000;

    /// <summary>The column of points in time, dates or numbers; null: rows are in the order of time already.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>The column that tells one series from another; null: there is one, or the data
    /// says so (<see cref="Dataset.Series"/>).</summary>
    public string? EntityColumn { get; init; }

    /// <summary>Rows or frames of one window, 2 to 10,000. The default value is 30.</summary>
    public int Length { get; init; } = 30;

    /// <summary>
    /// Rows from the start of one training window to the start of the next, 1 to 10,000. The default value is 1. Scoring takes every window,
    /// whatever was trained on.
    /// </summary>
    public int Stride { get; init; } = 1;

    /// <summary>
    /// A step of time that is more than so many times the usual one is a gap, which no window crosses: above 1, at most 10⁶. The default value is 3.
    /// </summary>
    public double Gap { get; init; } = 3;

    /// <summary>The usual step from row to row, in seconds for dates; null: the median step of the training rows, which the model keeps.</summary>
    public double? UsualStep { get; init; }

    /// <summary>Does nothing where everything is in its range.</summary>
    /// <exception cref="OptionException">Something is not.</exception>
    public void Validate()
    {
        Require(Length is >= 2 and <= MostRows, "window", Length, "an integer, 2 to 10000");
        Require(Stride is >= 1 and <= MostRows, "stride", Stride, "an integer, 1 to 10000");
        Require(Gap is > 1 and <= 1e6, "gap", Gap, "a number above 1 and at most 1000000");
        Require(UsualStep is null or (> 0 and < double.PositiveInfinity), "usual step", UsualStep ?? 0, "a number above 0");
        if (TimeColumn is not null && TimeColumn == EntityColumn) throw new OptionException($"'{TimeColumn}' cannot be both time and entity.");
    }

    private static void Require(bool allowed, string name, double value, string range)
    {
        if (allowed) return;
        throw new OptionException(string.Create(CultureInfo.InvariantCulture, $"The {name} is {value}; allowed: {range}."));
    }
}
