using AnomalySharp.Tables;

namespace AnomalySharp.Preprocessing;

/// <summary>One feature that a table column became.</summary>
/// <param name="Name">Name of the feature, such as <c>amount</c>, <c>country=DE</c> or <c>age is missing</c>.</param>
/// <param name="Column">Name of the column that it comes from.</param>
public sealed record EncodedFeature(string Name, string Column);

/// <summary>A table as features, and what was odd about it.</summary>
/// <param name="Samples">One sample per row, not scaled.</param>
/// <param name="UnseenCategories">Per column, the number of cells whose text did not occur in training.</param>
public sealed record EncodedTable(Samples Samples, IReadOnlyDictionary<string, int> UnseenCategories);

/// <summary>Turns the columns of a table into features, by name, as learnt from the training rows.</summary>
public sealed class TableEncoder
{
    /// <summary>The features, in order.</summary>
    public IReadOnlyList<EncodedFeature> Features => throw new NotImplementedException();

    /// <summary>Learns from the training rows.</summary>
    /// <exception cref="DataException">No usable column is left.</exception>
    public static TableEncoder Fit(Table table, CategoryEncoding encoding, out IReadOnlyList<string> notes) => throw new NotImplementedException();

    /// <summary>Encodes rows of a table with the same columns, in any order.</summary>
    /// <exception cref="DataException">A column is missing, new, or of another type.</exception>
    public EncodedTable Encode(Table table) => throw new NotImplementedException();
}
