using System.ComponentModel;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.Reports;
using AnomalySharp.Tables;
using AnomalySharp.Thresholding;

namespace AnomalySharp.Tests.Reports;

/// <summary>Reports about made-up data, without a trained model.</summary>
internal static class SampleReports
{
    private static readonly string[] Columns = ["amount", "duration", "country", "merchant category", "attempts", "hour of day", "age of account"];

    /// <summary>Payments with a long tail of scores, labels and a training curve.</summary>
    public static ReportView Payments(int rows = 2000, string? hostile = null)
    {
        Random random = new(5);
        float[] scores = new float[rows];
        byte[] labels = new byte[rows];
        string[] names = new string[rows];
        for (int i = 0; i < rows; i++)
        {
            labels[i] = (byte)(random.NextDouble() < 0.03 ? 1 : 0);
            double noise = random.NextDouble() + random.NextDouble() + random.NextDouble();
            scores[i] = (float)Math.Exp(noise - 2.5 + (labels[i] * 1.6 * random.NextDouble() * 1.7));
            names[i] = $"P-{100000 + i}";
        }
        float threshold = 1.32f;
        if (hostile is not null) names[Array.IndexOf(scores, scores.Max())] = hostile;
        ScoredSamples scored = Scored(scores, threshold, names, labels, new Dictionary<string, int> { ["country"] = 3, ["merchant category"] = 1 });
        string[] columns = hostile is null ? Columns : [hostile, .. Columns[1..]];
        string[] usual = ["3.5 to 240", "0.2 to 31", "DE, FR, NL", "groceries, fuel, travel", "1 to 2", "6 to 22", "41 to 3,100"];
        string[] values = ["9120.5", "412", hostile ?? "KY", "", "17", "3", "0.2"];
        SampleExplanation[] top = [.. scored.MostAnomalous(12).Select((index, rank) =>
        {
            double[] weights = [.. Enumerable.Range(0, 4).Select(_ => 0.05 + random.NextDouble()).OrderDescending()];
            ColumnContribution[] reasons = [.. weights.Select((weight, k) =>
            {
                int column = (rank * rank + (k * 3)) % columns.Length;
                return new ColumnContribution(columns[column], values[column], 0.93 * weight / weights.Sum(), usual[column]);
            })];
            return new SampleExplanation(index, scored.RowName(index), scores[index], scored.Probabilities.Span[index], scored.IsAnomaly(index), reasons);
        })];
        FitProgress[] history = [.. Enumerable.Range(1, 64).Select(epoch =>
            new FitProgress("training", epoch, 100, 0.03 + Math.Exp(-epoch / 9.0) + (0.002 * random.NextDouble()), 0.035 + Math.Exp(-epoch / 9.0) + (0.004 * random.NextDouble())))];
        Table table = new([new NumberColumn("amount", new double[rows])], $"/data/{hostile ?? "payments.csv"}");
        return View(new Dataset(table, labels) { Source = table.Source, Notes = ["Column 'id' is left out: every value is different."] }, scored, top) with
        {
            Metrics = DetectionMetrics.Compute(scores, labels, threshold),
            Training = Summary(rows, 23, history),
            Command = $"anomaly detect {hostile ?? "payments.csv"} --label fraud --set epochs=100 --report out.html",
        };
    }

    /// <summary>Small pictures of a disc; anomalies carry a scratch.</summary>
    public static ReportView Pictures(int channels = 3, int size = 32)
    {
        const int count = 24, top = 10;
        Random random = new(6);
        float[] values = new float[count * channels * size * size], attributions = new float[top * channels * size * size];
        float[] scores = [.. Enumerable.Range(0, count).Select(i => i < top ? 3f - (0.1f * i) : (float)random.NextDouble())];
        for (int i = 0; i < values.Length; i++)
        {
            int x = i % size, y = i / size % size, c = i / (size * size) % channels, n = i / (size * size * channels);
            double across = x - (size / 2.0), down = y - (size / 2.0);
            values[i] = (float)((across * across) + (down * down) < size * size * 0.13 ? 0.75 - (0.15 * c) : 0.18 + (0.08 * random.NextDouble()));
            int line = (size / 3) + (n * 2 % (size / 3));
            if (n >= top || Math.Abs(y - line - (x / 4)) > size / 24 || Math.Abs(x - (size / 2)) > size / 4) continue;
            values[i] = 0.95f;
            attributions[i] = 0.4f + (float)random.NextDouble();
        }
        SampleShape shape = new(channels, size, size);
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"{(i < top ? "scratch" : "good")}/{i:000}.png")];
        ScoredSamples scored = Scored(scores, 1.2f, names, null);
        SampleExplanation[] reasons = [.. Enumerable.Range(0, top).Select(i => new SampleExplanation(i, names[i], scores[i], scored.Probabilities.Span[i], true, []))];
        Dataset data = new(new Samples(values, shape, rowNames: names)) { Source = "/data/discs" };
        return View(data, scored, reasons) with { TopMaps = HeatMaps.Of(new Samples(attributions, shape)), Training = Summary(count, shape.Length, []) };
    }

    private static ReportView View(Dataset data, ScoredSamples scored, IReadOnlyList<SampleExplanation> top) => new()
    {
        Detector = new DetectorEntry("autoencoder", Info, typeof(DemoOptions)),
        Options = new DemoOptions { Epochs = 64, Hidden = [64, 32] },
        Training = Summary(scored.Count, 1, []),
        Rule = new ThresholdRule(ThresholdKind.MedianMad, 3.5),
        Contamination = 0.031,
        Data = data,
        Scored = scored,
        Top = top,
        ScoreSeconds = 0.0123,
    };

    private static ScoredSamples Scored(
        float[] scores, float threshold, string[] names, byte[]? labels, IReadOnlyDictionary<string, int>? unseen = null) => new()
        {
            Scores = scores,
            Probabilities = (float[])[.. scores.Select(score => 1 / (1 + MathF.Exp(-4 * (score - threshold))))],
            Threshold = threshold,
            RowNames = names,
            Labels = labels,
            UnseenCategories = unseen ?? new Dictionary<string, int>(),
        };

    private static TrainingSummary Summary(int rows, int features, IReadOnlyList<FitProgress> history) => new()
    {
        Rows = rows,
        Features = features,
        Seconds = 0.82,
        Seed = 0,
        Threads = 2,
        Version = "0.1.0",
        TrainedAt = new DateTime(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc),
        Notes = ["Column 'age of account' had 12 missing values, replaced by the median 411."],
        History = history,
    };

    private static readonly DetectorAttribute Info = new("autoencoder")
    {
        Family = DetectorFamily.Reconstruction,
        Summary = "A network learns to reproduce normal samples through a narrow layer; what it reproduces badly is abnormal.",
        Paper = "Hinton and Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, Science 313, 2006.",
    };

    internal sealed record DemoOptions : DetectorOptions
    {
        [Description("Passes.")]
        public int Epochs { get; init; } = 100;

        [Description("Widths.")]
        public IReadOnlyList<int> Hidden { get; init; } = [32];

        [Description("Step size.")]
        public double LearningRate { get; init; } = 1e-3;

        protected override Detector Create() => throw new NotSupportedException("Only its values are needed.");
    }
}
