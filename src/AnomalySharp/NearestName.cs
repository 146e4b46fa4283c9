namespace AnomalySharp;

/// <summary>What may have been meant by a name that is not known.</summary>
internal static class NearestName
{
    /// <summary>The one of <paramref name="names"/>, at least one, with the fewest letters to change; capitals count as small ones.</summary>
    public static string Of(string name, IEnumerable<string> names) =>
        names.MinBy(known => EditDistance(known.ToLowerInvariant(), name.ToLowerInvariant()))!;

    private static int EditDistance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
