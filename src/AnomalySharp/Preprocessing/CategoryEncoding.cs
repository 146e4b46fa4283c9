namespace AnomalySharp.Preprocessing;

/// <summary>How the texts of a column become numbers.</summary>
public enum CategoryEncoding
{
    /// <summary>One-hot up to a number of categories, frequency above it.</summary>
    Auto,

    /// <summary>One feature per category, 1 where the row has it.</summary>
    OneHot,

    /// <summary>One feature: the share of training rows that have the category.</summary>
    Frequency,
}
