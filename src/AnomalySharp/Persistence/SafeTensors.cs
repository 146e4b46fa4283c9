using System.Buffers.Binary;
using System.Text.Json;

namespace AnomalySharp.Persistence;

/// <summary>
/// Named arrays in the safetensors format: eight bytes of header length, a JSON header with kind, extents and byte range of every array, then
/// the bytes. Files open in every safetensors reader; nothing in them is code.
/// </summary>
/// <remarks>Format: https://github.com/huggingface/safetensors. Of its kinds, those of <see cref="TensorKind"/> are known here.</remarks>
public static class SafeTensors
{
    // The format's own limit; keeps a damaged length from reserving memory.
    private const long MaximumHeader = 100_000_000;

    private const string Remedy = "The file is damaged or was made by something else; make it again.";

    private sealed record Entry(string Name, TensorKind Kind, int[] Shape, long Start, long End);

    /// <summary>Writes the arrays of <paramref name="state"/>: those of wide numbers first, so that all lie on multiples of their size.</summary>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, TensorState state)
    {
        (string Name, StoredTensor Tensor)[] ordered =
        [
            .. state.Tensors.Select(pair => (pair.Key, pair.Value))
                .OrderByDescending(pair => SizeOf(pair.Value.Kind)).ThenBy(pair => pair.Key, StringComparer.Ordinal),
        ];
        byte[] header = Header(ordered);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach ((_, StoredTensor tensor) in ordered) stream.Write(tensor.Bytes.Span);
    }

    /// <summary>
    /// Reads what <see cref="Write"/> or another safetensors writer wrote, to the end of the stream. Memory is reserved only for bytes that
    /// are there.
    /// </summary>
    /// <exception cref="ModelFileException">Truncated, malformed, longer than its header says, or an array of an unknown kind.</exception>
    public static TensorState Read(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Damaged("end before the header");
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaximumHeader) throw Damaged($"claim a header of {headerLength} bytes");
        Entry[] entries = ParseHeader(ReadExactly(stream, (long)headerLength));
        long position = 0;
        foreach (Entry entry in entries)
        {
            if (entry.Start != position) throw Damaged($"leave a gap or overlap before the array '{entry.Name}'");
            position = entry.End;
        }
        TensorState state = new();
        foreach (Entry entry in entries)
        {
            state.Add(entry.Name, new StoredTensor(entry.Kind, entry.Shape, ReadExactly(stream, entry.End - entry.Start)));
        }
        if (stream.ReadByte() != -1) throw Damaged("are longer than their header says");
        return state;
    }

    private static byte[] Header(ReadOnlySpan<(string Name, StoredTensor Tensor)> ordered)
    {
        using MemoryStream header = new();
        using (Utf8JsonWriter json = new(header))
        {
            json.WriteStartObject();
            long offset = 0;
            foreach ((string name, StoredTensor tensor) in ordered)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", tensor.Kind.ToString());
                json.WriteStartArray("shape");
                foreach (int extent in tensor.Shape) json.WriteNumberValue(extent);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Bytes.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Blanks after the JSON put the arrays on multiples of eight bytes.
        while (header.Length % 8 != 0) header.WriteByte((byte)' ');
        return header.ToArray();
    }

    private static Entry[] ParseHeader(byte[] header)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            return
            [
                .. json.RootElement.EnumerateObject().Where(property => property.Name != "__metadata__").Select(ParseEntry)
                    .OrderBy(entry => entry.Start).ThenBy(entry => entry.End),
            ];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Damaged("have a malformed header", e);
        }
    }

    private static Entry ParseEntry(JsonProperty property)
    {
        JsonElement entry = property.Value;
        string dtype = entry.GetProperty("dtype").GetString() ?? "null";
        TensorKind[] known = [.. Enum.GetValues<TensorKind>().Where(kind => kind.ToString() == dtype)];
        if (known.Length == 0) throw Damaged($"hold the array '{property.Name}' of the unknown kind '{dtype}'");
        int[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32())];
        JsonElement offsets = entry.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2) throw Damaged($"give the array '{property.Name}' no byte range");
        (long start, long end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        UInt128 bytes = (UInt128)SizeOf(known[0]);
        foreach (int extent in shape)
        {
            if (extent < 0) throw Damaged($"give the array '{property.Name}' a negative extent");
            bytes *= (uint)extent;
            if (bytes > (UInt128)Array.MaxLength) throw Damaged($"claim an absurd size for the array '{property.Name}'");
        }
        if (start < 0 || end < start || (UInt128)(end - start) != bytes)
        {
            throw Damaged($"give the array '{property.Name}' a byte range that does not fit its extents");
        }
        return new Entry(property.Name, known[0], shape, start, end);
    }

    private static byte[] ReadExactly(Stream stream, long length)
    {
        if (stream.CanSeek && stream.Length - stream.Position < length) throw Damaged("are truncated");
        // A stream that cannot tell its length is believed a little at a time.
        byte[] bytes = new byte[stream.CanSeek ? length : Math.Min(length, 1 << 20)];
        int filled = 0;
        while (true)
        {
            filled += stream.ReadAtLeast(bytes.AsSpan(filled), bytes.Length - filled, throwOnEndOfStream: false);
            if (filled < bytes.Length) throw Damaged("are truncated");
            if (filled == length) return bytes;
            Array.Resize(ref bytes, (int)Math.Min(length, 2L * filled));
        }
    }

    private static int SizeOf(TensorKind kind) => kind switch
    {
        TensorKind.F32 or TensorKind.I32 => 4,
        TensorKind.F64 or TensorKind.I64 => 8,
        _ => 1,
    };

    private static ModelFileException Damaged(string how, Exception? inner = null) => new($"The stored arrays {how}. {Remedy}", inner);
}
