namespace AnomalySharp.Data;

/// <summary>Labels from a file of their own: a line for each sample, such as a frame of a video, in their order; a heading above them is left out.</summary>
internal static class LabelsFile
{
    /// <summary>1 for an anomaly, 0 otherwise, as <see cref="LabelMap"/> tells them.</summary>
    /// <exception cref="DataException">The file cannot be read, or has another number of lines than there are samples.</exception>
    public static byte[] Read(string path, int count, string? anomalyValue, CancellationToken cancellation)
    {
        if (!File.Exists(path)) throw new DataException($"There is no file of labels '{path}'. Check the spelling and the current folder.");
        using StreamReader reader = new(new MemoryStream(FileBytes.ReadAll(path, cancellation)));
        List<string> lines = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.Trim().Trim('"') is { Length: > 0 } label) lines.Add(label);
        }
        // What stands nowhere else is no label.
        if (lines.Count == count + 1 && lines.LastIndexOf(lines[0]) == 0) lines.RemoveAt(0);
        return lines.Count == count
            ? new LabelMap(path, "labels", anomalyValue).Of(lines)
            : throw new DataException($"'{path}' holds {lines.Count} labels, and there are {count} samples. Write a line with a label for each, in their order.");
    }
}
