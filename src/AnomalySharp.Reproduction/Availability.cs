namespace AnomalySharp.Reproduction;

/// <summary>Which cells can be run here, and why the others cannot.</summary>
/// <param name="Runnable">Cells with their fingerprints.</param>
/// <param name="Skipped">The others, one entry per reason and case or method.</param>
public sealed record Availability(IReadOnlyList<(string Fingerprint, Cell Cell)> Runnable, IReadOnlyList<SkippedCells> Skipped)
{
    /// <summary>Looks for the detectors and, where <paramref name="data"/> is given, for the files of each cell.</summary>
    public static Availability Of(IReadOnlyList<Cell> cells, DataStore? data)
    {
        List<(string, Cell)> runnable = [];
        List<(string What, string Reason)> skipped = [];
        Dictionary<string, string?> missing = [];
        foreach (Cell cell in cells)
        {
            string? file = data is null ? null : cell.Files.FirstOrDefault(name =>
            {
                if (!missing.TryGetValue(name, out string? known)) missing[name] = known = data.Find(name);
                return known is null;
            });
            if (file is not null)
            {
                skipped.Add((file, SkippedCells.NoFile));
                continue;
            }
            try
            {
                runnable.Add((cell.Fingerprint(), cell));
            }
            catch (OptionException e)
            {
                skipped.Add((cell.Method.Label, e.Message));
            }
        }
        return new Availability(
            runnable, [.. skipped.GroupBy(one => one).Select(group => new SkippedCells(group.Key.What, group.Key.Reason, group.Count()))]);
    }
}
