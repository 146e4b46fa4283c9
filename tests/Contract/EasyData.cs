using AnomalySharp.Graphs;

namespace AnomalySharp.Tests.Contract;

/// <summary>
/// A set that every method must master: samples close to one pattern, and a few of which half of the values, never the first, are far from it in
/// directions of their own, so that a network that sees them in training has nothing in common to learn from them.
/// </summary>
internal static class EasyData
{
    /// <summary>The shape that stands for a kind of data.</summary>
    public static SampleShape ShapeOf(DataKinds kind) => kind switch
    {
        DataKinds.Table or DataKinds.Graph => new SampleShape(6),
        DataKinds.Sequence => new SampleShape(8, 3),
        DataKinds.Video => new SampleShape(4, 1, 8, 8),
        _ => new SampleShape(1, 12, 12),
    };

    /// <summary>Normal samples first, then anomalies; with labels, and with names for features and rows.</summary>
    /// <param name="kind">Kind of data.</param>
    /// <param name="normal">Normal samples.</param>
    /// <param name="anomalies">Anomalies.</param>
    /// <param name="seed">Start of the random sequence.</param>
    /// <param name="atTheEnd">Whether the wrong half of the values is always the last one: a forecast judges what comes last, by what comes
    /// before.</param>
    public static Samples Create(DataKinds kind, int normal, int anomalies, int seed, bool atTheEnd = false)
    {
        SampleShape shape = ShapeOf(kind);
        Random random = new(seed);
        int width = shape.Length, count = normal + anomalies, wrong = width / 2;
        float[] values = new float[count * width];
        for (int i = 0; i < count; i++)
        {
            int first = atTheEnd ? width - wrong : random.Next(1, width - wrong + 1);
            for (int j = 0; j < width; j++)
            {
                float value = Pattern(j, width) + 0.2f * (random.NextSingle() + random.NextSingle() - 1);
                bool far = i >= normal && j >= first && j < first + wrong;
                values[i * width + j] = far ? value + (2 + 2 * random.NextSingle()) * (random.Next(2) == 0 ? 1 : -1) : value;
            }
        }
        byte[] labels = new byte[count];
        labels.AsSpan(normal).Fill(1);
        string[] features = [.. Enumerable.Range(0, width).Select(j => $"feature {j}")];
        string[] rows = [.. Enumerable.Range(0, count).Select(i => $"sample {i}")];
        Samples samples = new(values, shape, labels, features, rows);
        return kind == DataKinds.Graph ? samples.WithGraph(Ring(normal, count)) : samples;
    }

    /// <summary>A ring of the normal samples, each connected to two on either side, and each anomaly to two of them.</summary>
    private static Graph Ring(int normal, int count)
    {
        List<int> from = [], to = [];
        for (int i = 0; i < count; i++)
        {
            for (int step = 1; step <= 2; step++)
            {
                from.Add(i);
                to.Add((i < normal ? i + step : 7 * i + (step * normal / 2)) % normal);
            }
        }
        return Graph.OfEdges(count, [.. from], [.. to]);
    }

    /// <summary>The area under the ROC curve: the share of pairs of an anomaly and a normal sample that are in order, ties counting half.</summary>
    public static double RocAuc(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels)
    {
        double ordered = 0;
        int pairs = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            for (int j = 0; labels[i] == 1 && j < scores.Length; j++)
            {
                if (labels[j] == 1) continue;
                ordered += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                pairs++;
            }
        }
        return ordered / pairs;
    }

    private static float Pattern(int j, int width) => MathF.Sin(6 * (float)j / width) * 0.5f;
}
