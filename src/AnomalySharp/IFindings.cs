namespace AnomalySharp;

/// <summary>What a finding is about.</summary>
public enum FindingKind
{
    /// <summary>Training samples, by position.</summary>
    Rows,

    /// <summary>Features, by position in a sample.</summary>
    Columns,

    /// <summary>Samples that the method made: see <see cref="SampleFinding"/>.</summary>
    Samples,
}

/// <summary>One row or column of a finding.</summary>
/// <param name="Position">Of the training sample or the feature, counted from 0.</param>
/// <param name="Size">How strongly, in the unit that the finding's text names.</param>
public readonly record struct FoundItem(int Position, double Size);

/// <summary>Something that a method says about its training data as a whole, beside scores: a titled list.</summary>
/// <param name="Title">Heading, such as <c>Corrupt columns</c>.</param>
/// <param name="Text">One or two sentences: what the list means, and in which unit sizes are.</param>
/// <param name="Kind">Whether items are rows or columns.</param>
/// <param name="Items">The items, the greatest first; may be empty, which is a finding, too.</param>
public record Finding(string Title, string Text, FindingKind Kind, IReadOnlyList<FoundItem> Items);

/// <summary>Samples that a method made, in rows: what a generator drew after some epochs of its training.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Text">One or two sentences: what is shown.</param>
/// <param name="Samples">The samples, row after row, as many in each; named by <see cref="Samples.RowNames"/> or not at all.</param>
/// <param name="Rows">What each row is called.</param>
public sealed record SampleFinding(string Title, string Text, Samples Samples, IReadOnlyList<string> Rows)
    : Finding(Title, Text, FindingKind.Samples, []);

/// <summary>Implemented by detectors that find more than scores; reports list it.</summary>
public interface IFindings
{
    /// <summary>What was found in the training data. Empty before training.</summary>
    IReadOnlyList<Finding> Findings { get; }
}
