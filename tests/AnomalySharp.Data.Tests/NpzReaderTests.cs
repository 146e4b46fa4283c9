using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using AnomalySharp.Tables;
using AnomalySharp.Tests.Common;

namespace AnomalySharp.Data.Tests;

public class NpzReaderTests : TemporaryFolder
{
    private static byte[] Npy(string type, string shape, byte[] values, bool fortran = false, int version = 1)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({shape}), }}\n";
        byte[] length = new byte[version == 1 ? 2 : 4];
        if (version == 1) BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        else BinaryPrimitives.WriteInt32LittleEndian(length, header.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. Encoding.Latin1.GetBytes(header), .. values];
    }

    private string Npz(params (string Name, byte[] Npy)[] arrays)
    {
        string path = PathOf("t.npz");
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] npy) in arrays)
        {
            using Stream entry = zip.CreateEntry(name + ".npy", name == "y" ? CompressionLevel.NoCompression : CompressionLevel.Fastest).Open();
            entry.Write(npy);
        }
        return path;
    }

    public static TheoryData<string, byte[]> Types => new()
    {
        { "|b1", [0, 1, 1, 0, 1, 1] },
        { "|u1", [0, 1, 2, 3, 4, 255] },
        { "|i1", [0, 1, 2, 3, 4, 0xFF] },
        { "<u2", Each(2, (s, v) => BinaryPrimitives.WriteUInt16LittleEndian(s, (ushort)v)) },
        { ">i2", Each(2, (s, v) => BinaryPrimitives.WriteInt16BigEndian(s, (short)v)) },
        { "<u4", Each(4, (s, v) => BinaryPrimitives.WriteUInt32LittleEndian(s, (uint)v)) },
        { ">i4", Each(4, (s, v) => BinaryPrimitives.WriteInt32BigEndian(s, v)) },
        { ">u8", Each(8, (s, v) => BinaryPrimitives.WriteUInt64BigEndian(s, (ulong)v)) },
        { "<i8", Each(8, (s, v) => BinaryPrimitives.WriteInt64LittleEndian(s, v)) },
        { "<f2", Each(2, (s, v) => BinaryPrimitives.WriteHalfLittleEndian(s, (Half)v)) },
        { ">f4", Each(4, (s, v) => BinaryPrimitives.WriteSingleBigEndian(s, v)) },
        { "<f8", Each(8, (s, v) => BinaryPrimitives.WriteDoubleLittleEndian(s, v)) },
        { ">f8", Each(8, (s, v) => BinaryPrimitives.WriteDoubleBigEndian(s, v)) },
    };

    private delegate void Store(Span<byte> target, int value);

    private static byte[] Each(int size, Store store)
    {
        byte[] bytes = new byte[6 * size];
        for (int i = 0; i < 6; i++) store(bytes.AsSpan(i * size), i * 11);
        return bytes;
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_numeric_type_is_read(string type, byte[] bytes)
    {
        Samples samples = Read(Npz(("X", Npy(type, "2, 3", bytes)))).Samples!;

        float[] expected = type switch
        {
            "|b1" => [0, 1, 1, 0, 1, 1],
            "|u1" => [0, 1, 2, 3, 4, 255],
            "|i1" => [0, 1, 2, 3, 4, -1],
            _ => [0, 11, 22, 33, 44, 55],
        };
        Assert.Equal(expected, samples.Values.ToArray());
        Assert.Equal(new SampleShape(3), samples.Shape);
    }

    [Fact]
    public void Fortran_order_is_turned_into_rows()
    {
        byte[] values = Each(8, (s, v) => BinaryPrimitives.WriteInt64LittleEndian(s, v));
        Samples matrix = Read(Npz(("X", Npy("<i8", "2, 3", values, fortran: true, version: 2)))).Samples!;
        File.Delete(PathOf("t.npz"));
        Samples cube = Read(Npz(("X", Npy("<i8", "1, 2, 3", values, fortran: true)))).Samples!;

        Assert.Equal([0, 22, 44, 11, 33, 55], matrix.Values.ToArray());
        Assert.Equal([0, 22, 44, 11, 33, 55], cube.Values.ToArray());
    }

    [Theory]
    [InlineData("|u1", "2, 8, 9", "1×8×9", 1f)]
    [InlineData("|u1", "2, 7, 9", "7×9", 255f)]
    [InlineData("|i1", "2, 8, 9", "8×9", -1f)]
    [InlineData("|u1", "2, 3, 4, 5", "3×4×5", 1f)]
    public void Bytes_with_two_large_extents_are_pictures_and_other_cubes_windows(string type, string shape, string expected, float value)
    {
        int length = shape.Split(',').Aggregate(1, (product, extent) => product * int.Parse(extent));
        Samples samples = Read(Npz(("X", Npy(type, shape, [.. Enumerable.Repeat((byte)255, length)])))).Samples!;

        Assert.Equal(expected, samples.Shape.ToString());
        Assert.Equal(value, samples.Values.Span[0], 6);
    }

    [Fact]
    public void Missing_values_make_a_table_so_that_they_are_filled()
    {
        byte[] values = new byte[32];
        BinaryPrimitives.WriteDoubleLittleEndian(values.AsSpan(8), double.NaN);
        Dataset data = Read(Npz(("X", Npy("<f8", "2, 2", values)), ("y", Npy("<i8", "2,", [1, 0, 0, 0, 0, 0, 0, 0, .. new byte[8]]))), new ReadOptions { LabelColumn = "y" });

        Assert.Equal(["f0", "f1"], data.Table!.Columns.Select(column => column.Name));
        Assert.Equal([double.NaN, 0], ((NumberColumn)data.Table.Columns[1]).Values);
        Assert.Equal([1, 0], data.Labels!);
    }

    [Fact]
    public void Labels_are_read_only_when_asked_for_and_may_be_texts()
    {
        byte[] texts = Encoding.UTF32.GetBytes("ok\0\0bad\0");
        string path = Npz(("X", Npy("|u1", "2, 1", [1, 2])), ("class", Npy("<U4", "2,", texts)));

        Assert.Null(Read(path).Labels);
        Assert.Equal([0, 1], Read(path, new ReadOptions { LabelColumn = "class" }).Labels!);
        AssertRefused(path, new ReadOptions { LabelColumn = "y" }, path, "'y'", "'X', 'class'");
        Assert.Null(Read(path, new ReadOptions { LabelColumn = "y", LabelOptional = true }).Labels);
    }

    [Fact]
    public void Samples_come_in_blocks_with_their_labels()
    {
        string path = Npz(("X", Npy("|u1", "5, 1", [1, 2, 3, 4, 5])), ("y", Npy("|u1", "5,", [0, 0, 0, 1, 1])));
        Dataset[] blocks = [.. ReadBlocks(path, new ReadOptions { LabelColumn = "y" }, 2)];

        Assert.Equal([2, 2, 1], blocks.Select(block => block.Count));
        Assert.Equal([1f, 2, 3, 4, 5], blocks.SelectMany(block => block.Samples!.Values.ToArray()));
        Assert.Equal([0, 0, 0, 1, 1], blocks.SelectMany(block => block.Labels!));
    }

    [Fact]
    public void Arrays_that_cannot_be_samples_are_refused()
    {
        AssertRefusedArray([("data", Npy("|u1", "2, 1", [1, 2])), ("y", Npy("|u1", "2,", [0, 1]))], "no array 'X'", "'data', 'y'");
        AssertRefusedArray([("X", Npy("|u1", "2,", [1, 2]))], "[2]");
        AssertRefusedArray([("X", Npy("|u1", "0, 3", []))], "no samples");
        AssertRefusedArray([("X", Npy("|O", "2, 1", [1, 2]))], "|O");
        AssertRefusedArray([("X", Npy("<f8", "2, 2", new byte[31]))], "cut off", "'X'");
        AssertRefusedArray([("X", Npy("<f8", "999999999, 999999999", new byte[32]))], "too large");
        AssertRefusedArray([("X", Npy("<f4", "400000000, 1", new byte[32]))], "cut off");
        AssertRefusedArray([("X", Npy("|u1", "2, 1", [1, 2])), ("y", Npy("|u1", "3,", [0, 1, 1]))], "3 labels", "2 samples");

        void AssertRefusedArray((string, byte[])[] arrays, params string[] parts)
        {
            string path = Npz(arrays);
            AssertRefused(path, new ReadOptions { LabelColumn = "y", LabelOptional = true }, [path, .. parts]);
            File.Delete(path);
        }
    }

    [Fact]
    public void A_damaged_archive_is_refused()
    {
        byte[] whole = File.ReadAllBytes(Npz(("X", Npy("|u1", "200, 50", [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * i))]))));
        string path = Write("cut.npz", whole[..(whole.Length / 2)]);

        AssertRefused(path, null, path, "damaged");
    }

    [Theory]
    [InlineData("thyroid", 3_772, 6, 93)]
    [InlineData("shuttle", 49_097, 9, 3_511)]
    [InlineData("arrhythmia", 452, 274, 66)]
    public void Published_sets_have_their_published_counts(string name, int rows, int features, int anomalies)
    {
        Dataset data = Read(RealData.Require($"tabular/{name}.npz"), new ReadOptions { LabelColumn = "y" });

        Assert.Equal((rows, features, anomalies), (data.Count, data.Samples!.Shape.Length, data.Labels!.Count(label => label == 1)));
    }
}
