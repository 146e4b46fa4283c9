using System.Numerics;
using System.Runtime.InteropServices;

namespace AnomalySharp.Neighbors;

/// <summary>Finds rows by their values: the position of one that is equal to a query, bit by bit, in the time that it takes to read it.</summary>
internal sealed class KnownRows
{
    private readonly Samples _rows;

    // Open addressing, at most half full; 0 is an empty place, others are positions counted from 1.
    private readonly int[] _places;

    /// <summary>Looks at the rows; they are shared, not copied.</summary>
    public KnownRows(Samples rows)
    {
        _rows = rows;
        _places = new int[BitOperations.RoundUpToPowerOf2((uint)rows.Count * 2)];
        for (int i = 0; i < rows.Count; i++)
        {
            int place = PlaceOf(rows[i]);
            if (_places[place] == 0) _places[place] = i + 1;
        }
    }

    /// <summary>The first row that is equal to <paramref name="query"/>, or −1.</summary>
    public int Find(ReadOnlySpan<float> query) => _places[PlaceOf(query)] - 1;

    private static bool AreEqual(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => MemoryMarshal.AsBytes(a).SequenceEqual(MemoryMarshal.AsBytes(b));

    private int PlaceOf(ReadOnlySpan<float> row)
    {
        HashCode hash = default;
        hash.AddBytes(MemoryMarshal.AsBytes(row));
        int mask = _places.Length - 1, place = hash.ToHashCode() & mask;
        while (_places[place] > 0 && !AreEqual(row, _rows[_places[place] - 1])) place = (place + 1) & mask;
        return place;
    }
}
