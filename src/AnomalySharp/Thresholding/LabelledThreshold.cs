namespace AnomalySharp.Thresholding;

/// <summary>Thresholds that are best on labelled scores.</summary>
internal static class LabelledThreshold
{
    /// <summary>
    /// The threshold with the greatest Youden's J (sensitivity + specificity − 1) or F1, looked for between all distinct scores; of equally good
    /// ones the one that flags fewest. Labels of both kinds are needed.
    /// </summary>
    public static float Find(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels, bool youden)
    {
        float[] ordered = scores.ToArray();
        byte[] classes = [.. labels];
        Array.Sort(ordered, classes);
        double positives = classes.Sum(label => (double)label);
        double negatives = classes.Length - positives;
        // With the threshold at the greatest score nothing is flagged: J = F1 = 0.
        (double best, float threshold) = (0, ordered[^1]);
        double truePositives = 0, falsePositives = 0;
        for (int i = ordered.Length - 1; i >= 0; i--)
        {
            if (classes[i] == 1) truePositives++;
            else falsePositives++;
            if (i > 0 && ordered[i - 1] == ordered[i]) continue;
            double goodness = youden
                ? truePositives / positives - falsePositives / negatives
                : 2 * truePositives / (truePositives + falsePositives + positives);
            if (goodness > best) (best, threshold) = (goodness, i > 0 ? ordered[i - 1] : MathF.BitDecrement(ordered[0]));
        }
        return threshold;
    }
}
