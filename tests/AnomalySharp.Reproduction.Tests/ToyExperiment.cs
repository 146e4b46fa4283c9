namespace AnomalySharp.Reproduction.Tests;

/// <summary>Points on a line with two far ones; trains in milliseconds.</summary>
internal sealed class ToyExperiment(params IReadOnlyList<Method> methods) : Experiment
{
    private int _prepared;

    public static Method Knn { get; } = new("knn", "knn", "k=2");

    public static Method Forest { get; } = new("forest", "isolation-forest", "trees=5");

    /// <summary>Cells whose data was asked for.</summary>
    public int Prepared => _prepared;

    /// <summary>Called before a cell gets its data.</summary>
    public Action<Cell>? BeforeData { get; init; }

    public IReadOnlyList<string> Files { get; init; } = [];

    public Func<AnomalyModel, Trial, ReadOnlyMemory<float>, Inspection>? Inspect { get; init; }

    public override string Name => "toy";

    public override string Title => "A toy";

    public override string Protocol(bool quick) => "All rows train.";

    public override IReadOnlyList<string> Differences(bool quick) => ["It is a toy."];

    public override int DefaultSeeds(bool quick) => quick ? 1 : 2;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds)
    {
        List<Cell> cells = [];
        foreach (string line in quick ? ["short"] : new[] { "short", "long" })
        {
            foreach (int seed in Enumerable.Range(0, seeds))
            {
                foreach (Method method in methods) cells.Add(CreateCell(line, seed, method));
            }
        }
        return cells;
    }

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
    [
        new ResultTable(
            "Figures.",
            ["line", "method", "seed", "ROC AUC"],
            [
                .. results.Measured.Select(cell =>
                    (string[])[cell.Case["line"], cell.Method, $"{cell.Seed}", Spread.Number(cell.Figures["rocAuc"], "0.000")]),
            ]),
    ];

    private Cell CreateCell(string line, int seed, Method method)
    {
        Cell cell = new()
        {
            Case = new Dictionary<string, string> { ["line"] = line },
            Method = method,
            Seed = seed,
            Setup = "toy",
            Files = Files,
            Inspect = Inspect,
            Prepare = (_, _) => throw new InvalidOperationException(),
        };
        return cell with
        {
            Prepare = (_, _) =>
            {
                BeforeData?.Invoke(cell);
                Interlocked.Increment(ref _prepared);
                float[] values = [.. Enumerable.Range(0, line == "short" ? 20 : 40).Select(i => i % 7 / 7f), 30, 40];
                byte[] labels = [.. values.Select(value => value > 9 ? (byte)1 : (byte)0)];
                Samples samples = new(values, new SampleShape(1), labels);
                return new Trial(samples, samples);
            },
        };
    }
}
