using System.Buffers.Binary;
using System.Text;

namespace AnomalySharp.Torch.Native;

/// <summary>One version that an image asks another library for, such as <c>GLIBCXX_3.4.32</c> of <c>libstdc++.so.6</c>.</summary>
internal sealed record RequiredVersion(string Library, string Name, int Index, int EntryOffset)
{
    public override string ToString() => $"{Name} ({Library})";
}

/// <summary>
/// A 64-bit little-endian ELF shared object in memory, read by its program headers as the dynamic loader does (sections may be stripped): the
/// symbol versions that it requires and defines. Linux Standard Base, "Symbol Versioning".
/// </summary>
internal sealed class ElfImage
{
    private const int ProgramHeaderSize = 56, LoadSegment = 1, DynamicSegment = 2;
    private const long StringTable = 5, GnuHash = 0x6ffffef5, Versions = 0x6ffffff0;
    private const long Definitions = 0x6ffffffc, DefinitionCount = 0x6ffffffd, Needs = 0x6ffffffe, NeedCount = 0x6fffffff;
    private const ushort WeakFlag = 2, AnyVersion = 1, IndexMask = 0x7fff;

    private readonly byte[] _image;
    private readonly List<(long Address, long Offset, long Size)> _segments = [];
    private readonly Dictionary<long, long> _dynamic = [];

    /// <summary>Reads the headers of <paramref name="image"/>, which is kept, not copied.</summary>
    /// <exception cref="BadImageFormatException">Not such a file, or a truncated one.</exception>
    public ElfImage(byte[] image)
    {
        _image = image;
        if (image.Length < 64 || U32(0) != 0x464C457F || image[4] != 2 || image[5] != 1)
        {
            throw new BadImageFormatException("Not a 64-bit little-endian ELF file.");
        }
        long table = I64(32);
        int count = U16(56);
        (long Offset, long Size) dynamic = default;
        for (int i = 0; i < count; i++)
        {
            long header = table + i * ProgramHeaderSize;
            if (U32(header) == LoadSegment) _segments.Add((I64(header + 16), I64(header + 8), I64(header + 32)));
            if (U32(header) == DynamicSegment) dynamic = (I64(header + 8), I64(header + 32));
        }
        long end = dynamic.Offset + dynamic.Size;
        for (long entry = dynamic.Offset; entry < end && I64(entry) != 0; entry += 16) _dynamic[I64(entry)] = I64(entry + 8);
    }

    /// <summary>The file's bytes, with every change made so far.</summary>
    public ReadOnlySpan<byte> Bytes => _image;

    /// <summary>The versions that the image requires of other libraries.</summary>
    public IReadOnlyList<RequiredVersion> RequiredVersions
    {
        get
        {
            List<RequiredVersion> required = [];
            if (!_dynamic.ContainsKey(Needs)) return required;
            long need = Locate(Needs);
            for (long n = _dynamic.GetValueOrDefault(NeedCount); n > 0; n--)
            {
                string library = Text(U32(need + 4));
                long entry = need + U32(need + 8);
                for (int left = U16(need + 2); left > 0; left--)
                {
                    required.Add(new RequiredVersion(library, Text(U32(entry + 8)), U16(entry + 6), checked((int)entry)));
                    entry += U32(entry + 12);
                }
                need += U32(need + 12);
            }
            return required;
        }
    }

    /// <summary>The versions that the image defines.</summary>
    public IReadOnlySet<string> DefinedVersions
    {
        get
        {
            HashSet<string> defined = new(StringComparer.Ordinal);
            if (!_dynamic.ContainsKey(Definitions)) return defined;
            long definition = Locate(Definitions);
            for (long n = _dynamic.GetValueOrDefault(DefinitionCount); n > 0; n--)
            {
                defined.Add(Text(U32(definition + U32(definition + 12))));
                definition += U32(definition + 16);
            }
            return defined;
        }
    }

    /// <summary>
    /// Makes a required version optional: its absence no longer stops the load, and the symbols bound to it take whatever version there is.
    /// </summary>
    /// <returns>Number of symbols that were bound to it.</returns>
    public int MakeOptional(RequiredVersion version)
    {
        Put16(version.EntryOffset + 4, (ushort)(U16(version.EntryOffset + 4) | WeakFlag));
        long versions = Locate(Versions);
        int freed = 0;
        for (int symbol = 0; symbol < ImportedSymbolCount; symbol++)
        {
            if ((U16(versions + 2 * symbol) & IndexMask) != version.Index) continue;
            Put16(versions + 2 * symbol, AnyVersion);
            freed++;
        }
        return freed;
    }

    /// <summary>Whether the version may be absent.</summary>
    public bool IsOptional(RequiredVersion version) => (U16(version.EntryOffset + 4) & WeakFlag) != 0;

    // The hash table lists the exported symbols only; every imported one comes before the first of them.
    private int ImportedSymbolCount => checked((int)U32(Locate(GnuHash) + 4));

    private long Locate(long tag)
    {
        if (!_dynamic.TryGetValue(tag, out long address)) throw new BadImageFormatException($"The ELF file has no dynamic entry 0x{tag:x}.");
        foreach ((long start, long offset, long size) in _segments)
        {
            if (address >= start && address < start + size) return address - start + offset;
        }
        throw new BadImageFormatException($"Address 0x{address:x} of the ELF file lies in none of its segments.");
    }

    private string Text(uint offset)
    {
        ReadOnlySpan<byte> rest = At(Locate(StringTable) + offset, 1, toEnd: true);
        int end = rest.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? rest : rest[..end]);
    }

    private ushort U16(long offset) => BinaryPrimitives.ReadUInt16LittleEndian(At(offset, 2));

    private uint U32(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(At(offset, 4));

    private long I64(long offset) => BinaryPrimitives.ReadInt64LittleEndian(At(offset, 8));

    private void Put16(long offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_image.AsSpan((int)offset, 2), value);

    private ReadOnlySpan<byte> At(long offset, int length, bool toEnd = false) => offset >= 0 && offset + length <= _image.Length
        ? _image.AsSpan((int)offset, toEnd ? _image.Length - (int)offset : length)
        : throw new BadImageFormatException("The ELF file is truncated.");
}
