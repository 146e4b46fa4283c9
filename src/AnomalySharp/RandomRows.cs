namespace AnomalySharp;

/// <summary>Random parts of a set of rows, without replacement.</summary>
internal static class RandomRows
{
    /// <summary><paramref name="size"/> different numbers below <paramref name="count"/> (Floyd's method: no array of all of them).</summary>
    public static int[] Draw(int count, int size, Random random)
    {
        if (size == count) return [.. Enumerable.Range(0, count)];
        HashSet<int> drawn = new(size);
        for (int last = count - size; last < count; last++)
        {
            if (!drawn.Add(random.Next(last + 1))) drawn.Add(last);
        }
        return [.. drawn];
    }

    /// <summary>
    /// At most <paramref name="most"/> random samples, in their order; all of them, uncopied, where there are no more. What was left out is a remark.
    /// </summary>
    public static Samples AtMost(Samples samples, int most, string option, FitContext context)
    {
        if (samples.Count <= most) return samples;
        context.Note($"Learnt from {most} random samples of {samples.Count}: the option '{option}' says how many at most.");
        return Some(samples, most, context.CreateRandom(-1));
    }

    /// <summary>
    /// At most <paramref name="most"/> random samples to find a threshold by, in their order; all of them, uncopied, where there are no more. What was left
    /// out is a remark.
    /// </summary>
    public static Samples ToThreshold(Samples samples, int most, FitContext context)
    {
        if (samples.Count <= most) return samples;
        context.Note($"The threshold is from the scores of {most} random training samples of {samples.Count}, because this method is slow to score.");
        return Some(samples, most, context.CreateRandom(-2));
    }

    private static Samples Some(Samples samples, int count, Random random)
    {
        int[] rows = Draw(samples.Count, count, random);
        Array.Sort(rows);
        return samples.Select(rows);
    }
}
