using System.Buffers.Binary;
using AnomalySharp.Tests.Common;
using SkiaSharp;

namespace AnomalySharp.Data.Tests;

public class PictureReaderTests : TemporaryFolder
{
    private static readonly ReadOptions Labelled = new() { LabelColumn = "label" };

    private void Picture(string name, int width, int height, SKColor first, SKColor rest, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using SKBitmap bitmap = new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(rest);
        bitmap.SetPixel(0, 0, first);
        using SKData data = bitmap.Encode(format, 100);
        Write(name, data.ToArray());
    }

    private void Grey(string name, byte level, int size = 4) => Picture(name, size, size, new SKColor(level, level, level), SKColors.Black);

    [Fact]
    public void A_folder_is_read_in_order_of_names_channels_first_from_0_to_1()
    {
        Picture("b.png", 3, 2, new SKColor(255, 51, 0), new SKColor(0, 0, 255));
        Picture("a.png", 3, 2, SKColors.White, SKColors.Black);
        Write("notes.txt", "not a picture");
        Samples samples = Read(Folder).Samples!;

        Assert.Equal(new SampleShape(3, 2, 3), samples.Shape);
        Assert.Equal(["a.png", "b.png"], samples.RowNames!);
        Assert.Equal([1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], samples[0].ToArray());
        float[] expected = [1, 0, 0, 0, 0, 0, 0.2f, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], samples[1][i], 6);
    }

    [Fact]
    public void Grey_pictures_have_one_channel()
    {
        Grey("a.png", 51);
        Grey("b.png", 102);
        Samples samples = Read(Folder).Samples!;

        Assert.Equal(new SampleShape(1, 4, 4), samples.Shape);
        Assert.Equal(0.4f, samples[1][0], 6);
    }

    [Theory]
    [InlineData("a.jpg", SKEncodedImageFormat.Jpeg)]
    [InlineData("a.webp", SKEncodedImageFormat.Webp)]
    [InlineData("a.png", SKEncodedImageFormat.Png)]
    public void A_single_picture_is_a_dataset_of_one(string name, SKEncodedImageFormat format)
    {
        Picture(name, 16, 8, SKColors.White, SKColors.White, format);
        Samples samples = Read(PathOf(name)).Samples!;

        Assert.Equal((1, "1×8×16", name), (samples.Count, samples.Shape.ToString(), samples.RowName(0)));
        Assert.All(samples.Values.ToArray(), value => Assert.InRange(value, 0.98f, 1f));
    }

    [Fact]
    public void A_bitmap_file_is_read()
    {
        byte[] header = [.. "BM"u8, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0, .. new byte[24]];

        Assert.Equal([1f, 0, 0], Read(Write("a.bmp", [.. header, 0, 0, 255, 0])).Samples!.Values.ToArray());
    }

    [Fact]
    public void Folders_are_labels_where_labels_are_asked_for()
    {
        foreach (string name in new[] { "good/1.png", "crack/1.png", "scratch/1.png" }) Grey(name, 9);

        Assert.Null(Read(Folder).Labels);
        Assert.Equal(["crack/1.png", "good/1.png", "scratch/1.png"], Read(Folder).Samples!.RowNames!);
        Assert.Equal([1, 0, 1], Read(Folder, Labelled).Labels!);
        Assert.Equal([0, 0, 1], Read(Folder, Labelled with { AnomalyValue = "scratch" }).Labels!);
    }

    [Fact]
    public void Class_folders_of_which_none_is_normal_need_a_choice()
    {
        foreach (string name in new[] { "cat/1.png", "dog/1.png", "emu/1.png" }) Grey(name, 9);

        AssertRefused(Folder, Labelled, Folder, "'cat', 'dog', 'emu'", "--anomaly");
    }

    [Fact]
    public void A_picture_outside_the_class_folders_has_no_label()
    {
        Grey("good/1.png", 9);
        Grey("loose.png", 9);

        AssertRefused(Folder, Labelled, Folder, "loose.png");
        Assert.Null(Read(Folder, Labelled with { LabelOptional = true }).Labels);
    }

    [Fact]
    public void Pictures_of_different_sizes_are_refused_or_resized()
    {
        Grey("a.png", 255);
        Grey("b.png", 255, size: 6);

        AssertRefused(Folder, null, "a.png", "4x4", "b.png", "6x6", "--image-size");
        Samples samples = Read(Folder, new ReadOptions { ImageSize = (5, 3) }).Samples!;
        Assert.Equal(new SampleShape(1, 3, 5), samples.Shape);
    }

    [Fact]
    public void Among_many_pictures_the_unreadable_one_is_named_or_skipped_with_a_note()
    {
        for (int i = 0; i < 200; i++) Grey($"p{i:000}.png", (byte)i);
        byte[] whole = File.ReadAllBytes(PathOf("p100.png"));
        File.WriteAllBytes(PathOf("p100.png"), [.. "garbage"u8]);
        File.WriteAllBytes(PathOf("p150.png"), whole[..45]);

        AssertRefused(Folder, null, "p100.png", "--skip-bad");
        Dataset data = Read(Folder, new ReadOptions { SkipBad = true });
        Assert.Equal(198, data.Count);
        Assert.Contains("p100.png, p150.png", Assert.Single(data.Notes), StringComparison.Ordinal);
        Assert.DoesNotContain("p100.png", data.Samples!.RowNames!);
        Assert.Equal(101 / 255f, data.Samples[100][0], 6);
    }

    [Fact]
    public void A_picture_whose_header_promises_a_huge_size_is_unreadable_like_any_other()
    {
        Grey("a.png", 9);
        byte[] huge = File.ReadAllBytes(PathOf("a.png"));
        BinaryPrimitives.WriteInt32BigEndian(huge.AsSpan(16), 60_000);
        BinaryPrimitives.WriteInt32BigEndian(huge.AsSpan(20), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(huge.AsSpan(29), Crc(huge.AsSpan(12, 17)));
        Write("b.png", huge);

        AssertRefused(Folder, null, "b.png", "60000x60000", "--skip-bad");
        Assert.Equal(["a.png"], Read(Folder, new ReadOptions { SkipBad = true }).Samples!.RowNames!);
    }

    private static uint Crc(ReadOnlySpan<byte> chunk)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in chunk)
        {
            crc ^= b;
            for (int k = 0; k < 8; k++) crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
        }
        return ~crc;
    }

    [Fact]
    public void A_folder_without_pictures_says_so() => AssertRefused(Folder, null, Folder, "no pictures");

    [Fact]
    public void IDX_pictures_find_their_labels_beside_them()
    {
        string images = Write("t-images-idx3-ubyte.gz", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 0]);
        AssertRefused(images, Labelled, images, "t-labels-idx1-ubyte");
        Write("t-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 7, 3]);
        Dataset data = Read(images, Labelled with { AnomalyValue = "3" });

        Assert.Equal(new SampleShape(1, 1, 2), data.Samples!.Shape);
        Assert.Equal([0, 1, 0.2f, 0], data.Samples.Values.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Equal([0, 1], data.Labels!);
        Assert.Null(Read(images).Labels);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51 }, "damaged")]
    [InlineData(new byte[] { 0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 }, "damaged")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0, 0, 2 }, "damaged")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 1, 5 }, "1 dimension")]
    [InlineData(new byte[] { 0, 0, 0x0D, 1, 0, 0, 0, 1, 0, 0, 0, 0 }, "0x0D")]
    public void A_damaged_IDX_file_is_refused(byte[] bytes, string part)
    {
        string path = Write("t-images-idx3-ubyte", bytes);

        AssertRefused(path, null, path, part);
    }

    [Fact]
    public void CIFAR_pictures_have_the_names_of_their_classes()
    {
        byte[] bytes = new byte[2 * 3073];
        (bytes[0], bytes[1], bytes[3073]) = (3, 255, 9);
        string path = Write("t.bin.gz", bytes);

        Assert.Equal([1, 0], Read(path, Labelled with { AnomalyValue = "cat" }).Labels!);
        Assert.Equal([0, 1], Read(path, Labelled with { AnomalyValue = "9" }).Labels!);
        Assert.Equal((new SampleShape(3, 32, 32), 1f), (Read(path).Samples!.Shape, Read(path).Samples![0][0]));
        AssertRefused(Write("cut.bin", bytes[..5_000]), null, "cut.bin", "CIFAR-10");
    }

    [Theory]
    [InlineData("mnist/t10k-images-idx3-ubyte.gz", "1×28×28", "3", 1_010)]
    [InlineData("cifar10/test_batch.bin.gz", "3×32×32", "cat", 1_000)]
    public void Published_test_sets_have_their_published_counts(string name, string shape, string anomaly, int anomalies)
    {
        Dataset data = Read(RealData.Require(name), Labelled with { AnomalyValue = anomaly });

        Assert.Equal((10_000, shape, anomalies), (data.Count, data.Samples!.Shape.ToString(), data.Labels!.Count(label => label == 1)));
    }
}
