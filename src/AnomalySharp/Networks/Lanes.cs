using System.Numerics;

namespace AnomalySharp.Networks;

/// <summary>
/// Vectors over spans of any length: the last one is filled up with zeros, so that a formula is written once, and a value has the same bits wherever
/// in memory it lies.
/// </summary>
internal static class Lanes
{
    public static int Width => Vector<float>.Count;

    public static Vector<float> Load(ReadOnlySpan<float> values, int start)
    {
        if (start <= values.Length - Width) return new Vector<float>(values[start..]);
        Span<float> last = stackalloc float[Width];
        last.Clear();
        values[start..].CopyTo(last);
        return new Vector<float>(last);
    }

    public static void Store(Vector<float> vector, Span<float> values, int start)
    {
        if (start <= values.Length - Width)
        {
            vector.CopyTo(values[start..]);
            return;
        }
        Span<float> last = stackalloc float[Width];
        vector.CopyTo(last);
        last[..(values.Length - start)].CopyTo(values[start..]);
    }

    public static float Sum(ReadOnlySpan<float> values)
    {
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < values.Length; i += Width) sums += Load(values, i);
        return Vector.Sum(sums);
    }
}
