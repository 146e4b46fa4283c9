using AnomalySharp.Tests.Common;

namespace AnomalySharp.Tests.Reconstruction;

/// <summary>
/// Rows of 20 features near a curved surface of two dimensions, and anomalies whose columns are each permuted on their own: every feature for itself looks
/// as it should, and only the dependence between them is gone.
/// </summary>
internal static class BrokenDependence
{
    public const int Features = 20;

    private static readonly float[] Mix = FiniteDifferences.Normal(77, 2 * Features);

    public static Samples Training(int seed) => new(Normal(seed, 1000), new SampleShape(Features));

    /// <summary>500 normal rows, then 500 anomalies, with labels.</summary>
    public static Samples Test(int seed)
    {
        float[] normal = Normal(seed + 1000, 500), broken = Normal(seed + 2000, 500);
        Random random = new(seed);
        for (int j = 0; j < Features; j++)
        {
            float[] column = [.. Enumerable.Range(0, 500).Select(i => broken[i * Features + j])];
            random.Shuffle(column);
            for (int i = 0; i < 500; i++) broken[i * Features + j] = column[i];
        }
        byte[] labels = new byte[1000];
        labels.AsSpan(500).Fill(1);
        return new Samples((float[])[.. normal, .. broken], new SampleShape(Features), labels);
    }

    private static float[] Normal(int seed, int count)
    {
        Random random = new(seed);
        float[] noise = FiniteDifferences.Normal(seed, count * Features), values = new float[count * Features];
        for (int i = 0; i < count; i++)
        {
            float a = 2 * random.NextSingle() - 1, b = 2 * random.NextSingle() - 1;
            for (int j = 0; j < Features; j++)
            {
                values[i * Features + j] = MathF.Tanh(a * Mix[j] + b * Mix[Features + j]) + 0.05f * noise[i * Features + j];
            }
        }
        return values;
    }
}
