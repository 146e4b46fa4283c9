using System.Collections.Immutable;

namespace AnomalySharp;

/// <summary>
/// The shape of one sample: <c>[d]</c> a table row, <c>[c,h,w]</c> a picture (channels first), <c>[t,d]</c> a window of a sequence,
/// <c>[t,c,h,w]</c> a clip of a video.
/// </summary>
public sealed class SampleShape : IEquatable<SampleShape>
{
    /// <summary>The extents, all positive.</summary>
    public ImmutableArray<int> Dimensions { get; }

    /// <summary>Number of values in one sample: the product of the extents.</summary>
    public int Length { get; }

    /// <summary>Number of extents: 1 for a table row, 2 for a sequence window, 3 for a picture, 4 for a clip.</summary>
    public int Rank => Dimensions.Length;

    /// <summary>What samples of this shape are; <see cref="DataKinds.None"/> where they have more than 4 extents.</summary>
    public DataKinds Kind => Rank switch
    {
        1 => DataKinds.Table,
        2 => DataKinds.Sequence,
        3 => DataKinds.Image,
        4 => DataKinds.Video,
        _ => DataKinds.None,
    };

    /// <summary>Extent <paramref name="i"/>.</summary>
    public int this[int i] => Dimensions[i];

    /// <summary>A shape with the given positive extents.</summary>
    /// <exception cref="DataException">No extents, or one is not positive.</exception>
    public SampleShape(params ReadOnlySpan<int> dimensions)
    {
        if (dimensions.IsEmpty) throw new DataException("A sample needs at least one dimension.");
        long length = 1;
        foreach (int extent in dimensions)
        {
            if (extent <= 0) throw new DataException($"Every extent of a sample must be positive, not {extent}.");
            length *= extent;
            if (length > int.MaxValue) throw new DataException("A sample has more than 2,147,483,647 values.");
        }
        Dimensions = [.. dimensions];
        Length = (int)length;
    }

    /// <inheritdoc/>
    public bool Equals(SampleShape? other) => other is not null && Dimensions.AsSpan().SequenceEqual(other.Dimensions.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SampleShape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = new();
        foreach (int extent in Dimensions) hash.Add(extent);
        return hash.ToHashCode();
    }

    /// <summary>The extents as <c>3×32×32</c>.</summary>
    public override string ToString() => string.Join('×', Dimensions);
}
