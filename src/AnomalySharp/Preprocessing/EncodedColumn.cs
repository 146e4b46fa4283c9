using System.Text.Json.Serialization;

namespace AnomalySharp.Preprocessing;

/// <summary>What becomes of a column.</summary>
internal enum ColumnRole
{
    /// <summary>One feature.</summary>
    Number,

    /// <summary>One feature per category.</summary>
    OneHot,

    /// <summary>One feature: the share of the category.</summary>
    Frequency,

    /// <summary>No feature.</summary>
    Dropped,

    /// <summary>No feature, but the name of the row.</summary>
    RowName,
}

/// <summary>How one column of a table becomes features, as learnt from the training rows; written to the model file as it is.</summary>
internal sealed record EncodedColumn(string Name, ColumnRole Role)
{
    /// <summary>Whether the numbers are points in time.</summary>
    public bool IsDate { get; init; }

    /// <summary>
    /// Subtracted before a number becomes a float32: seconds since 1970 differ by minutes where float32 has steps of two minutes.
    /// </summary>
    public double Origin { get; init; }

    /// <summary>Stands for a missing number: the median.</summary>
    public double Median { get; init; }

    /// <summary>Usual range of the numbers.</summary>
    public double Low { get; init; }

    /// <inheritdoc cref="Low"/>
    public double High { get; init; }

    /// <summary>Whether all numbers are the same, so that only the indicator of missing cells is a feature.</summary>
    public bool Constant { get; init; }

    /// <summary>Share of missing cells in training; where it is above 0, an indicator is a feature.</summary>
    public double Missing { get; init; }

    /// <summary>The texts that occurred.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Their shares of the training rows.</summary>
    public IReadOnlyList<double> Shares { get; init; } = [];

    /// <summary>Whether it gives features.</summary>
    [JsonIgnore]
    public bool IsUsed => Role is ColumnRole.Number or ColumnRole.OneHot or ColumnRole.Frequency;

    /// <summary>Number of features of values, without the indicator.</summary>
    [JsonIgnore]
    public int ValueFeatures => Role switch
    {
        ColumnRole.Number => Constant ? 0 : 1,
        ColumnRole.OneHot => Categories.Count,
        ColumnRole.Frequency => 1,
        _ => 0,
    };

    /// <summary>Number of features.</summary>
    [JsonIgnore]
    public int Width => IsUsed ? ValueFeatures + (Missing > 0 ? 1 : 0) : 0;

    /// <summary>What stands for a missing number, in words.</summary>
    [JsonIgnore]
    public string MedianText => IsDate ? Date(Median) : UsualValues.Number(Median);

    /// <summary>What is usual, in words.</summary>
    [JsonIgnore]
    public string Usual => Role switch
    {
        ColumnRole.Number when IsDate => $"{Date(Low)} to {Date(High)}",
        ColumnRole.Number => UsualValues.Range(Low, High),
        _ => UsualValues.Categories(Categories, Shares),
    };

    /// <summary>The features, in order.</summary>
    public IEnumerable<EncodedFeature> Features()
    {
        if (!IsUsed) yield break;
        if (Role == ColumnRole.OneHot)
        {
            foreach (string category in Categories) yield return new EncodedFeature($"{Name}={category}", Name);
        }
        else if (ValueFeatures == 1)
        {
            yield return new EncodedFeature(Name, Name);
        }
        if (Missing > 0) yield return new EncodedFeature($"{Name} is missing", Name);
    }

    private static string Date(double seconds) => new Tables.NumberColumn("", [seconds], IsDate: true).Text(0);
}
