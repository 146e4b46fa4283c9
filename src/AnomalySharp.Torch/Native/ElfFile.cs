using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace AnomalySharp.Torch.Native;

/// <summary>Looks at the headers of a shared object on disk without reading the file.</summary>
internal static class ElfFile
{
    private const int HeaderSize = 64, ProgramHeaderSize = 56;

    /// <summary>Whether an ELF file ends before the last byte that its segments take from it. Files of other formats are not judged.</summary>
    public static bool IsTruncated(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        long length = RandomAccess.GetLength(file);
        Span<byte> header = stackalloc byte[HeaderSize];
        if (RandomAccess.Read(file, header, 0) < HeaderSize || !header.StartsWith("\u007fELF"u8)) return false;
        long table = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        Span<byte> segment = stackalloc byte[ProgramHeaderSize];
        for (int i = 0; i < count; i++)
        {
            if (RandomAccess.Read(file, segment, table + i * ProgramHeaderSize) < ProgramHeaderSize) return true;
            long end = BinaryPrimitives.ReadInt64LittleEndian(segment[8..]) + BinaryPrimitives.ReadInt64LittleEndian(segment[32..]);
            if (end > length) return true;
        }
        return false;
    }
}
