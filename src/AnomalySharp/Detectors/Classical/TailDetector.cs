using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>What becomes of the tail probabilities of the features.</summary>
public enum TailCombination
{
    /// <summary>
    /// Per feature the greater of the −log probability of the longer tail and the mean of those of both; then their sum: what the papers' authors
    /// published as code.
    /// </summary>
    Features,

    /// <summary>
    /// The sums over the features of the −log probabilities of the left tails, of the right tails and of the longer tails; then the greatest: the
    /// papers.
    /// </summary>
    Sums,
}

/// <summary>
/// Scores by how far out in the tails of the training data each value lies; features are taken as independent. Shared by <see cref="Ecod"/> and
/// <see cref="Copod"/>.
/// </summary>
/// <remarks>
/// Departure: a new sample is measured against the training data alone, where PyOD adds all samples that are scored to them; so a score does not
/// depend on the others.
/// </remarks>
public abstract class TailDetector(TailCombination combination) : Detector
{
    private TailProbabilities? _tails;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context) => _tails = TailProbabilities.Fit(samples, context);

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples) => [.. AttributeCore(samples).Chunk(samples.Shape.Length).Select(Sum)];

    /// <summary>The contribution of each feature: they sum to the score.</summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = samples.Shape.Length;
        float[] result = new float[samples.Values.Length];
        (double Left, double Right, double Longer)[] surprises = new (double, double, double)[width];
        for (int i = 0; i < samples.Count; i++)
        {
            ReadOnlySpan<float> sample = samples[i];
            double left = 0, right = 0, longer = 0;
            for (int j = 0; j < width; j++)
            {
                (double l, double r) = _tails!.Surprise(j, sample[j]);
                // Of a symmetric feature both tails, as in the published code.
                double s = _tails.Skewness(j) switch { < 0 => l, > 0 => r, _ => l + r };
                surprises[j] = (l, r, s);
                left += l;
                right += r;
                longer += s;
            }
            bool longest = longer >= Math.Max(left, right);
            for (int j = 0; j < width; j++)
            {
                (double l, double r, double s) = surprises[j];
                result[i * width + j] = (float)(combination == TailCombination.Features ? Math.Max(s, (l + r) / 2)
                    : longest ? s
                    : left >= right ? l
                    : r);
            }
        }
        return result;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state) => _tails!.WriteState(state);

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape) => _tails = TailProbabilities.ReadState(state, shape.Length);

    private static float Sum(float[] parts)
    {
        double sum = 0;
        foreach (float part in parts) sum += part;
        return (float)sum;
    }
}
