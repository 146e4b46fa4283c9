using System.Buffers.Binary;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace AnomalySharp.Data.Arrays;

/// <summary>An array of a NumPy file, in C order. Its header is matched, never evaluated.</summary>
/// <param name="Type">NumPy's kind and size, such as <c>f8</c> or <c>u1</c>; <c>U12</c> and <c>S5</c> are texts.</param>
/// <param name="Shape">Extents; none for a single number.</param>
/// <param name="Bytes">The values, little endian, C order.</param>
internal sealed partial record NpyArray(string Type, int[] Shape, byte[] Bytes)
{
    /// <summary>Number of values.</summary>
    public int Length => Shape.Aggregate(1, (product, extent) => product * extent);

    /// <summary>Whether it holds texts.</summary>
    public bool IsText => Type[0] is 'U' or 'S';

    /// <summary>Reads one array.</summary>
    /// <param name="stream">At its first byte.</param>
    /// <param name="name">For messages: file and array.</param>
    /// <exception cref="DataException">Damaged, of a type that is not numbers or texts, or too large.</exception>
    public static NpyArray Read(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[8];
        stream.ReadExactly(start);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
        {
            throw new DataException(
                $"{name} is not a NumPy array. Write it again with numpy.savez.");
        }
        Span<byte> size = stackalloc byte[4];
        size.Clear();
        stream.ReadExactly(start[6] == 1 ? size[..2] : size);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > 1 << 16) throw new DataException($"{name} is damaged: its header claims {length:N0} bytes. Write it again.");
        byte[] text = new byte[length];
        stream.ReadExactly(text);
        string header = Encoding.UTF8.GetString(text);
        if (Header().Match(header) is not { Success: true } match)
        {
            throw new DataException(
                $"{name} cannot be read: its header is {header.Trim()}. "
                + "Arrays of numbers, truth values or texts can be; save objects and records otherwise.");
        }
        string type = match.Groups["type"].Value;
        List<int> shape = [];
        long count = 1;
        foreach (string extent in match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!long.TryParse(extent.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out long value) || value > Array.MaxLength
                || (count *= value) > Array.MaxLength)
            {
                throw new DataException($"{name} is too large: {match.Groups["shape"].Value} values. Split it.");
            }
            shape.Add((int)value);
        }
        int itemSize = SizeOf(type);
        if (count * itemSize > Array.MaxLength)
        {
            throw new DataException(
                $"{name} holds {count * itemSize:N0} bytes, more than 2 GB. Split it, or save it as float32.");
        }
        byte[] bytes = ReadBytes(stream, (int)(count * itemSize), name);
        int swapped = type[0] == 'U' ? 4 : type[0] == 'S' ? 1 : itemSize;
        if (match.Groups["order"].Value == ">" && swapped > 1) Swap(bytes, swapped);
        NpyArray array = new(type, [.. shape], bytes);
        return match.Groups["fortran"].Value == "True" && shape.Count > 1 ? array.InRowOrder(itemSize) : array;
    }

    /// <summary>The values as float32.</summary>
    public float[] ToSingles()
    {
        float[] target = new float[Length];
        switch (Type)
        {
            case "b1" or "u1": TensorPrimitives.ConvertTruncating<byte, float>(Bytes, target); break;
            case "i1": Convert<sbyte>(); break;
            case "u2": Convert<ushort>(); break;
            case "i2": Convert<short>(); break;
            case "u4": Convert<uint>(); break;
            case "i4": Convert<int>(); break;
            case "u8": Convert<ulong>(); break;
            case "i8": Convert<long>(); break;
            case "f2": Convert<Half>(); break;
            case "f4": MemoryMarshal.Cast<byte, float>(Bytes).CopyTo(target); break;
            case "f8": Convert<double>(); break;
            default: throw new InvalidOperationException($"{Type} is not a number.");
        }
        return target;
        void Convert<T>() where T : unmanaged, System.Numerics.INumberBase<T> =>
            TensorPrimitives.ConvertTruncating<T, float>(MemoryMarshal.Cast<byte, T>(Bytes), target);
    }

    /// <summary>The values as double.</summary>
    public double[] ToDoubles() => Type == "f8" ? MemoryMarshal.Cast<byte, double>(Bytes).ToArray()
        : Type == "i8" ? Array.ConvertAll(MemoryMarshal.Cast<byte, long>(Bytes).ToArray(), value => (double)value)
        : Array.ConvertAll(ToSingles(), value => (double)value);

    /// <summary>The values as texts: labels may be class names.</summary>
    public string[] ToTexts()
    {
        if (!IsText) return Array.ConvertAll(ToDoubles(), value => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture));
        int size = SizeOf(Type);
        string[] texts = new string[Length];
        Encoding encoding = Type[0] == 'U' ? Encoding.UTF32 : Encoding.Latin1;
        for (int i = 0; i < texts.Length; i++) texts[i] = encoding.GetString(Bytes, i * size, size).TrimEnd('\0');
        return texts;
    }

    private static int SizeOf(string type) => int.Parse(type.AsSpan(1), CultureInfo.InvariantCulture) * (type[0] == 'U' ? 4 : 1);

    // Read bit by bit, so that a header that claims 2 GB costs no memory that the file does not have.
    private static byte[] ReadBytes(Stream stream, int count, string name)
    {
        byte[] bytes = new byte[Math.Min(count, 1 << 20)];
        int read = 0;
        while (read < count)
        {
            if (read == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
            int got = stream.Read(bytes, read, bytes.Length - read);
            if (got == 0) throw new DataException($"{name} is cut off: {read:N0} of {count:N0} bytes are there. Copy or write it again.");
            read += got;
        }
        return bytes;
    }

    private static void Swap(Span<byte> bytes, int size)
    {
        for (int i = 0; i < bytes.Length; i += size) bytes.Slice(i, size).Reverse();
    }

    private NpyArray InRowOrder(int itemSize)
    {
        byte[] rows = new byte[Bytes.Length];
        int[] index = new int[Shape.Length], steps = new int[Shape.Length];
        for (int d = 0, step = 1; d < Shape.Length; step *= Shape[d++]) steps[d] = step;
        for (int i = 0, source = 0; i < rows.Length; i += itemSize)
        {
            Bytes.AsSpan(source * itemSize, itemSize).CopyTo(rows.AsSpan(i));
            for (int d = Shape.Length - 1; d >= 0; d--)
            {
                source += steps[d];
                if (++index[d] < Shape[d]) break;
                source -= steps[d] * Shape[d];
                index[d] = 0;
            }
        }
        return this with { Bytes = rows };
    }

    [GeneratedRegex(@"^\{\s*'descr':\s*'(?<order>[<>|=]?)(?<type>b1|[iu][1248]|f[248]|[US]\d{1,6})',\s*'fortran_order':\s*(?<fortran>True|False),\s*'shape':\s*\((?<shape>[\d,\sL]*)\),?\s*\}\s*$")]
    private static partial Regex Header();
}
