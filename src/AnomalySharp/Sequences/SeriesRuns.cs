using System.Globalization;
using AnomalySharp.Tables;

namespace AnomalySharp.Sequences;

/// <summary>The rows of a dataset as series: those of one entity in the order of time, cut where time jumps.</summary>
/// <param name="Runs">Positions of rows that follow one another without a gap.</param>
/// <param name="UsualStep">The usual step of time; null where there is no time or no step.</param>
/// <param name="Notes">What was mended, and how many gaps there are.</param>
internal sealed record SeriesRuns(IReadOnlyList<int[]> Runs, double? UsualStep, IReadOnlyList<string> Notes)
{
    /// <summary>Finds them.</summary>
    /// <param name="data">A table, or samples that are rows.</param>
    /// <param name="settings">Columns of time and entity, what a gap is.</param>
    /// <param name="normalOnly">Whether rows labelled 1 are left out: no run goes over them.</param>
    /// <exception cref="DataException">A column is missing or no time, a cell is empty, or two rows of a series have the same time.</exception>
    public static SeriesRuns Of(Dataset data, WindowSettings settings, bool normalOnly = false)
    {
        List<string> notes = [];
        double[]? times = settings.TimeColumn is string time ? Times(data, time) : null;
        List<int[]> series = Series(data, settings.EntityColumn);
        if (times is not null && series.Sum(rows => Sort(rows, times, data, settings)) is int late and > 0)
        {
            string rows = late == 1 ? "1 row was" : $"{late} rows were";
            notes.Add($"{rows} not in the order of column '{settings.TimeColumn}'; they were put in order.");
        }
        double? usual = times is null ? null : settings.UsualStep ?? MedianStep(series, times);
        double longest = usual * settings.Gap ?? double.PositiveInfinity;
        List<int[]> runs = [];
        int gaps = 0;
        foreach (int[] rows in series)
        {
            int start = 0;
            for (int i = 0; i <= rows.Length; i++)
            {
                bool leftOut = i < rows.Length && normalOnly && data.Labels![rows[i]] == 1;
                bool gap = !leftOut && i > start && i < rows.Length && times is not null && times[rows[i]] - times[rows[i - 1]] > longest;
                if (gap) gaps++;
                if (!gap && !leftOut && i < rows.Length) continue;
                if (i > start) runs.Add(rows[start..i]);
                start = leftOut ? i + 1 : i;
            }
        }
        if (gaps > 0)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{(gaps == 1 ? "1 gap" : $"{gaps} gaps")} in column '{settings.TimeColumn}': no window goes over a step of more than {longest:G6}, "
                + $"{settings.Gap:G3} times the usual {usual:G6}."));
        }
        return new SeriesRuns(runs, usual, notes);
    }

    /// <summary>Does nothing where there is a window.</summary>
    /// <exception cref="DataException">No run is as long as a window.</exception>
    public void RequireWindows(WindowIndex windows, string source)
    {
        if (windows.Count > 0) return;
        int longest = Runs.Select(run => run.Length).DefaultIfEmpty().Max();
        throw new DataException(
            $"In {source}, no series is as long as a window: a window has {windows.Length} rows, and the most that follow one another without a gap "
            + $"are {longest}. Lower --window, or look at --entity and --gap.");
    }

    private static List<int[]> Series(Dataset data, string? entityColumn)
    {
        if (entityColumn is null && data.Series is null) return [[.. Enumerable.Range(0, data.Count)]];
        TableColumn? column = entityColumn is null ? null : Column(data, entityColumn, "--entity");
        Dictionary<string, List<int>> byEntity = new(StringComparer.Ordinal);
        for (int i = 0; i < data.Count; i++)
        {
            string entity = column?.Text(i) ?? data.Series![i];
            if (column is not null && entity.Length == 0)
            {
                throw new DataException(
                    $"In {data.Source}, the entity in row {data.FirstRow + i}, column '{entityColumn}', is missing. Fill it in.");
            }
            if (!byEntity.TryGetValue(entity, out List<int>? rows)) byEntity.Add(entity, rows = []);
            rows.Add(i);
        }
        // A dictionary that nothing was removed from keeps its order.
        return [.. byEntity.Values.Select(rows => rows.ToArray())];
    }

    private static double[] Times(Dataset data, string timeColumn)
    {
        if (Column(data, timeColumn, "--time") is not NumberColumn numbers)
        {
            throw new DataException(
                $"In {data.Source}, column '{timeColumn}' holds texts that are no time. Write dates such as 2024-05-31 12:00:00, or numbers.");
        }
        int missing = Array.FindIndex(numbers.Values, value => !double.IsFinite(value));
        return missing < 0 ? numbers.Values : throw new DataException(
            $"In {data.Source}, the time in row {data.FirstRow + missing}, column '{timeColumn}', is missing. Fill it in, or leave the row out.");
    }

    private static TableColumn Column(Dataset data, string name, string option)
    {
        if (data.Table is not { } table) throw new DataException($"{data.Source} is no table, so it has no column '{name}'. Leave {option} away.");
        return table.Columns.FirstOrDefault(column => column.Name == name) ?? throw new DataException(
            $"{data.Source} has no column '{name}' ({option}). Its columns are: "
            + $"{string.Join(", ", table.Columns.Take(50).Select(column => column.Name))}.");
    }

    /// <summary>Puts rows in the order of time; how many came later than they should.</summary>
    private static int Sort(int[] rows, double[] times, Dataset data, WindowSettings settings)
    {
        int late = 0;
        for (int i = 1; i < rows.Length; i++) late += times[rows[i]] < times[rows[i - 1]] ? 1 : 0;
        if (late > 0) Array.Sort(rows, (a, b) => times[a] != times[b] ? times[a].CompareTo(times[b]) : a.CompareTo(b));
        for (int i = 1; i < rows.Length; i++)
        {
            if (times[rows[i]] != times[rows[i - 1]]) continue;
            TableColumn column = Column(data, settings.TimeColumn!, "--time");
            string of = settings.EntityColumn is string entity ? $" of '{Column(data, entity, "--entity").Text(rows[i])}'" : "";
            string remedy = settings.EntityColumn is null ? "Name the column that tells series apart with --entity, leave" : "Leave";
            throw new DataException(
                $"In {data.Source}, rows {data.FirstRow + rows[i - 1]} and {data.FirstRow + rows[i]}{of} have the same time, {column.Text(rows[i])}. "
                + $"{remedy} one row for each time, or leave --time away where the rows are in order already.");
        }
        return late;
    }

    private static double? MedianStep(List<int[]> series, double[] times)
    {
        double[] steps = [.. series.SelectMany(rows => rows.Skip(1).Select((row, i) => times[row] - times[rows[i]]))];
        if (steps.Length == 0) return null;
        Array.Sort(steps);
        return steps[steps.Length / 2];
    }
}
