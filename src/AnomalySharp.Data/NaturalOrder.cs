namespace AnomalySharp.Data;

/// <summary>Orders names as people number them: <c>frame2.png</c> before <c>frame10.png</c>; otherwise by their characters.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static readonly NaturalOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> a = x, b = y;
        while (!a.IsEmpty && !b.IsEmpty)
        {
            int order;
            if (char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0]))
            {
                ReadOnlySpan<char> first = Number(ref a), second = Number(ref b);
                order = first.Length != second.Length ? first.Length - second.Length : first.SequenceCompareTo(second);
            }
            else
            {
                order = a[0] - b[0];
                a = a[1..];
                b = b[1..];
            }
            if (order != 0) return order;
        }
        // Equal but for leading zeros: still always in the same order.
        return a.Length != b.Length ? a.Length - b.Length : string.CompareOrdinal(x, y);
    }

    /// <summary>The digits at the start, without leading zeros, taken off the text.</summary>
    private static ReadOnlySpan<char> Number(ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits.TrimStart('0');
    }
}
