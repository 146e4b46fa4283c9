using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace AnomalySharp.Cli.Tests.Support;

/// <summary>NumPy's archives, just enough to write test data.</summary>
internal static class Npz
{
    public static byte[] Of(params (string Name, byte[] Array)[] arrays)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] array) in arrays)
            {
                using Stream entry = zip.CreateEntry(name + ".npy").Open();
                entry.Write(array);
            }
        }
        return stream.ToArray();
    }

    public static byte[] Array(float[] values, params int[] shape)
    {
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", shape)},), }}";
        header = header.PadRight((10 + header.Length + 1 + 63) / 64 * 64 - 11) + "\n";
        byte[] length = [(byte)header.Length, (byte)(header.Length >> 8)];
        return [0x93, .. "NUMPY"u8, 1, 0, .. length, .. Encoding.ASCII.GetBytes(header), .. MemoryMarshal.AsBytes<float>(values)];
    }
}
