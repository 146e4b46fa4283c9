using System.Collections.Concurrent;

namespace AnomalySharp.Reproduction;

/// <summary>How an experiment is run.</summary>
public sealed record RunOptions
{
    /// <summary>Where data sets are.</summary>
    public required DataStore Data { get; init; }

    /// <summary>Folder of the result files; made where it does not exist.</summary>
    public required string OutFolder { get; init; }

    /// <summary>Whether only the small subset is run.</summary>
    public bool Quick { get; init; }

    /// <summary>Seeds 0, 1, … this number − 1; null: as many as the experiment asks for.</summary>
    public int? Seeds { get; init; }

    /// <summary>Cells at a time, each on one thread, at least 1.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told after every cell: the cell, cells done so far, cells to run in all. Called by one thread at a time.</summary>
    public Action<CellResult, int, int>? Finished { get; init; }
}

/// <summary>What became of an experiment.</summary>
/// <param name="Experiment">Name.</param>
/// <param name="Json">Result file.</param>
/// <param name="Markdown">Result page.</param>
/// <param name="Ran">Cells run now.</param>
/// <param name="Reused">Cells of an earlier run.</param>
/// <param name="Failed">Cells run now that gave an error.</param>
/// <param name="Skipped">Cells that lack data or a detector.</param>
public sealed record RunSummary(string Experiment, string Json, string Markdown, int Ran, int Reused, int Failed, int Skipped);

/// <summary>
/// Runs the cells of an experiment side by side and writes the result file after each, so that an interrupted run goes on where it stopped: a cell
/// whose fingerprint is in the file is not run again.
/// </summary>
public static class ExperimentRunner
{
    /// <summary>Runs what is missing in the result file, and writes file and page.</summary>
    /// <exception cref="DataException">The result file is damaged.</exception>
    /// <exception cref="AnomalySharpException">The results cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what was finished is in the file and on the page.</exception>
    public static RunSummary Run(Experiment experiment, RunOptions options, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        CreateFolder(options.OutFolder);
        string json = Path.Combine(options.OutFolder, experiment.FileName(options.Quick) + ".json"), page = Path.ChangeExtension(json, ".md");
        IReadOnlyList<CellResult> earlier = File.Exists(json) ? ExperimentResults.Read(json).Cells : [];

        int seeds = options.Seeds ?? experiment.DefaultSeeds(options.Quick);
        Availability available = Availability.Of(experiment.Cells(options.Quick, seeds), options.Data);
        // Results of more seeds than are asked for now are kept; those of other settings are not.
        int allSeeds = Math.Max(seeds, earlier.Select(cell => cell.Seed + 1).DefaultIfEmpty().Max());
        Dictionary<string, int> order = [];
        IReadOnlyList<(string Fingerprint, Cell Cell)> planned = Availability.Of(experiment.Cells(options.Quick, allSeeds), null).Runnable;
        foreach ((string fingerprint, _) in planned) order.TryAdd(fingerprint, order.Count);
        SortedDictionary<int, CellResult> cells = [];
        foreach (CellResult cell in earlier)
        {
            if (cell.Error is null && order.TryGetValue(cell.Fingerprint, out int place)) cells[place] = cell;
        }
        (string Fingerprint, Cell Cell)[] missing = [.. available.Runnable.Where(one => !cells.ContainsKey(order[one.Fingerprint]))];
        int reused = available.Runnable.Count - missing.Length, ran = 0, failed = 0;

        ExperimentResults Results() => new()
        {
            Experiment = experiment.Name,
            Quick = options.Quick,
            Protocol = experiment.Protocol(options.Quick),
            Differences = experiment.Differences(options.Quick),
            Skipped = available.Skipped,
            Cells = [.. cells.Values],
        };

        Lock gate = new();
        void Finish(CellResult result)
        {
            lock (gate)
            {
                cells[order[result.Fingerprint]] = result;
                ran++;
                if (result.Error is not null) failed++;
                Results().Write(json);
                options.Finished?.Invoke(result, ran, missing.Length);
            }
        }

        try
        {
            RunAll(missing, options, Finish, cancellation);
        }
        finally
        {
            Results().Write(json);
            ResultPage.Write(page, experiment, Results());
            options.Data.Clear();
        }
        return new RunSummary(experiment.Name, json, page, ran, reused, failed, available.Skipped.Sum(one => one.Cells));
    }

    private static void RunAll(
        (string Fingerprint, Cell Cell)[] cells, RunOptions options, Action<CellResult> finish, CancellationToken cancellation)
    {
        ParallelOptions degree = new() { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation };
        int parallel = Math.Min(options.Threads, cells.Length);
        try
        {
            // Without buffering every worker takes the next cell when it is free: cells differ a thousandfold in length.
            Parallel.ForEach(
                Partitioner.Create(cells, EnumerablePartitionerOptions.NoBuffering),
                degree,
                one => finish(CellRun.Run(one.Cell, options.Data, parallel, cancellation)));
        }
        catch (AggregateException e) when (e.Flatten().InnerExceptions.Any(inner => inner is OperationCanceledException))
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnomalySharpException($"Cannot make the folder '{folder}': {e.Message} Choose another --out.", e);
        }
    }
}
