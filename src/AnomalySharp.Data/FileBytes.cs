using System.IO.Compression;

namespace AnomalySharp.Data;

/// <summary>Reads files that may be gzipped; what the system says of a failure becomes a message that names the file.</summary>
internal static class FileBytes
{
    /// <summary>Whether the file begins as gzip does.</summary>
    public static bool IsGzip(string path) => Guard(path, () =>
    {
        using FileStream file = File.OpenRead(path);
        return file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
    });

    /// <summary>The first bytes, decompressed.</summary>
    public static byte[] Head(string path, int count) => Guard(path, () =>
    {
        using Stream stream = Open(path);
        byte[] bytes = new byte[count];
        return bytes[..stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false)];
    });

    /// <summary>The whole file, decompressed.</summary>
    public static byte[] ReadAll(string path, CancellationToken cancellation) => Guard(path, () =>
    {
        using Stream stream = Open(path);
        using MemoryStream memory = new();
        byte[] buffer = new byte[1 << 20];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            if (memory.Length + read > Array.MaxLength) throw new DataException($"'{path}' holds more than 2 GB. Split it.");
            memory.Write(buffer, 0, read);
        }
        return memory.Length == memory.Capacity ? memory.GetBuffer() : memory.ToArray();
    });

    /// <summary>Decompresses a gzip file to its end, throws the bytes away, and compares their number with the one that the file ends with.</summary>
    /// <exception cref="DataException">It is damaged or cut off.</exception>
    public static void RequireWhole(string path) => Guard(path, () =>
    {
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        using (Stream stream = Open(path))
        {
            for (int read; (read = stream.Read(buffer)) > 0;) length += read;
        }
        using FileStream file = File.OpenRead(path);
        file.Seek(-4, SeekOrigin.End);
        file.ReadExactly(buffer, 0, 4);
        // The number is that of the last part only, where a file has several; of a file that was cut off it is four bytes of something else.
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(buffer) <= length ? true : throw new InvalidDataException(
            "It ends too early.");
    });

    private static Stream Open(string path)
    {
        FileStream file = File.OpenRead(path);
        bool gzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        return gzip ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <summary>Runs <paramref name="read"/> and names the file where it fails.</summary>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new DataException($"'{path}' is damaged: {e.Message} Copy or download it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"Cannot read '{path}': {e.Message}", e);
        }
    }
}
