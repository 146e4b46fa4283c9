namespace AnomalySharp.Data;

internal enum FileKind
{
    Sql,
    Text,
    Json,
    JsonLines,
    Parquet,
    Arrays,
    Idx,
    Cifar,
    Images,
    Video,
}

internal static class FileKinds
{
    extension(FileKind kind)
    {
        public bool IsTable => kind is FileKind.Sql or FileKind.Text or FileKind.Json or FileKind.JsonLines or FileKind.Parquet;
    }

    /// <summary>What is to be read.</summary>
    /// <exception cref="DataException">There is no such file, or it is of a kind that cannot be read.</exception>
    public static FileKind Of(string? path, ReadOptions options)
    {
        if (options.Sql is not null) return FileKind.Sql;
        if (string.IsNullOrWhiteSpace(path)) throw new DataException("No data given. Give a file, a folder of pictures, or a query with --sql.");
        if (Video.VideoReader.IsVideo(path, options)) return FileKind.Video;
        if (Directory.Exists(path)) return FileKind.Images;
        if (!File.Exists(path)) throw new DataException($"There is no file or folder '{path}'. Check the spelling and the current folder.");
        // The bytes are asked first where they are clear: a file with the wrong ending is then read, or named for what it is.
        byte[] head = FileBytes.Head(path, 16);
        if (head.AsSpan().StartsWith("PAR1"u8)) return FileKind.Parquet;
        if (head.AsSpan().StartsWith("PK\u0003\u0004"u8)) return FileKind.Arrays;
        if (head.Length > 6 && head[0] == 0x93 && head.AsSpan(1).StartsWith("NUMPY"u8)) return FileKind.Arrays;
        if (head.Length >= 8 && head[0] == 0 && head[1] == 0 && head[2] is >= 0x08 and <= 0x0E && head[3] is >= 1 and <= 4) return FileKind.Idx;
        string ending = Path.GetExtension(path).ToLowerInvariant();
        if (ending == ".gz") ending = Path.GetExtension(path[..^3]).ToLowerInvariant();
        return ending switch
        {
            ".parquet" or ".pq" => throw new DataException($"'{path}' is not a Parquet file: it does not begin with 'PAR1'. Write it again, or correct its ending."),
            ".npz" or ".npy" => throw new DataException($"'{path}' is not a NumPy file: it begins otherwise. Write it again with numpy.savez."),
            ".json" => FileKind.Json,
            ".jsonl" or ".ndjson" => FileKind.JsonLines,
            ".bin" => FileKind.Cifar,
            ".png" or ".jpg" or ".jpeg" or ".webp" or ".bmp" => FileKind.Images,
            ".xlsx" or ".xls" or ".mat" or ".h5" or ".hdf5" or ".pkl" or ".feather" or ".arrow" or ".zip" => throw new DataException(
                $"'{path}': files {ending} cannot be read. Save the table as .csv or .parquet, or arrays as .npz."),
            _ => FileKind.Text,
        };
    }
}
