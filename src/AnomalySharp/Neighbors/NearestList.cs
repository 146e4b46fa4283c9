using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AnomalySharp.Neighbors;

/// <summary>The nearest references of one query so far, nearest first and among equals in order of position, with exact squared distances.</summary>
internal unsafe struct NearestList
{
    /// <summary>Floats in a padded row are a multiple of this; the padding is zero.</summary>
    public const int RowAlignment = 8;

    private readonly float* _rows, _query, _distances;
    private readonly int* _neighbors;
    private readonly int _stride, _wanted;
    private readonly float _norm, _stretch;
    private int _found;

    /// <summary>Starts an empty list.</summary>
    /// <param name="rows">The references, padded, not centred: centring would round.</param>
    /// <param name="query">The query, padded.</param>
    /// <param name="stride">Floats per padded row.</param>
    /// <param name="wanted">How many references are wanted.</param>
    /// <param name="neighbors">Receives their positions.</param>
    /// <param name="distances">Receives their squared distances.</param>
    /// <param name="norm">|q|² as the kernel's packing gave it.</param>
    /// <param name="shrink">The kernel's <see cref="PackedReferences.Shrink"/>.</param>
    public NearestList(float* rows, float* query, int stride, int wanted, int* neighbors, float* distances, float norm, float shrink)
    {
        _rows = rows;
        _query = query;
        _neighbors = neighbors;
        _distances = distances;
        (_stride, _wanted) = (stride, wanted);
        // The exact distances are rounded too, by less than the kernel's: what rounds to less than the worst must not be missed.
        (_norm, _stretch) = (norm, 2 - shrink);
        Bar = float.NegativeInfinity;
    }

    /// <summary>A reference whose sum q·r − |r|²/2 is not above it is farther away than every one in the list.</summary>
    public float Bar { get; private set; }

    /// <summary>Whether there are as many references as wanted.</summary>
    public readonly bool IsFull => _found == _wanted;

    /// <summary>Measures reference <paramref name="first"/> + i for every bit i of <paramref name="hits"/>, and keeps those near enough.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Offer(int first, ulong hits)
    {
        for (; hits != 0; hits &= hits - 1) Offer(first + BitOperations.TrailingZeroCount(hits));
        if (IsFull) Bar = float.BitDecrement((float)(((double)_norm - (double)_distances[_wanted - 1] * _stretch) / 2));
    }

    /// <summary>Measures all references: for rows so far away that |r|² overflows.</summary>
    public void OfferAll(int count)
    {
        _found = 0;
        for (int i = 0; i < count; i++) Offer(i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Offer(int row)
    {
        float distance = SquaredDistance(_rows + (nint)row * _stride, _query, _stride);
        int place = _found;
        if (IsFull)
        {
            if (!(distance < _distances[_wanted - 1])) return;
            place--;
        }
        else
        {
            _found++;
        }
        for (; place > 0 && _distances[place - 1] > distance; place--)
        {
            _distances[place] = _distances[place - 1];
            _neighbors[place] = _neighbors[place - 1];
        }
        _distances[place] = distance;
        _neighbors[place] = row;
    }

    /// <summary>The squared distance of two padded rows.</summary>
    // Multiplication and addition apart, always 8 wide: the same bits on every processor.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SquaredDistance(float* a, float* b, int length)
    {
        Vector256<float> sum = default;
        for (int j = 0; j < length; j += RowAlignment)
        {
            Vector256<float> difference = Vector256.Load(a + j) - Vector256.Load(b + j);
            sum += difference * difference;
        }
        return Vector256.Sum(sum);
    }
}
