using System.IO.Compression;
using System.Text;
using AnomalySharp.Data.Protocols;
using AnomalySharp.Evaluation;
using AnomalySharp.Tests.Common;
using SkiaSharp;

namespace AnomalySharp.Data.Tests;

public class MaskReaderTests : TemporaryFolder
{
    private static readonly SampleShape Shape = new(1, 2, 4);

    private static readonly Samples Pictures = new(new float[24], Shape, [1, 0, 1], rowNames: ["crack/0.jpg", "good/1.jpg", "crack/2.jpg"]);

    private static PixelMasks ReadMasks(string masks, Samples? pictures = null, string path = "pictures", ReadOptions? options = null) =>
        MaskReader.Read(masks, pictures ?? Pictures, path, options ?? new ReadOptions(), TestContext.Current.CancellationToken);

    private static void Refused(Func<object> read, params string[] parts)
    {
        string message = Assert.Throws<DataException>(read).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private string Mask(string name, int x, int y, int width = 4, int height = 2, byte red = 255)
    {
        using SKBitmap bitmap = new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.Black);
        bitmap.SetPixel(x, y, new SKColor(red, 0, 0));
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return Write(name, data.ToArray());
    }

    private string Npz(string shape, byte[] bytes, string type = "|u1")
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}\n", path = PathOf("t.npz");
        File.Delete(path);
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        using Stream entry = zip.CreateEntry("mask.npy").Open();
        entry.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. bytes]);
        return path;
    }

    [Fact]
    public void Masks_are_found_by_the_names_of_the_pictures_and_a_normal_one_needs_none()
    {
        Mask("masks/crack/0.png", 1, 0, red: 3);
        Mask("masks/crack/2_mask.png", 3, 1);
        PixelMasks masks = ReadMasks(PathOf("masks"));
        Assert.Equal([0, 1, 0, 0, 0, 0, 0, 0], masks[0].ToArray());
        Assert.False(masks.HasDefect(1));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1], masks[2].ToArray());
    }

    [Fact]
    public void A_picture_is_not_its_own_mask()
    {
        Samples pictures = new(new float[8], Shape, [1], rowNames: ["0.png"]);
        Mask("both/0.png", 1, 0);
        Refused(() => ReadMasks(PathOf("both"), pictures, PathOf("both")), "0.png", "the picture itself", "0_mask");
        Mask("both/0_mask.png", 3, 1);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1], ReadMasks(PathOf("both"), pictures, PathOf("both"))[0].ToArray());
    }

    [Fact]
    public void A_missing_mask_of_an_anomaly_is_refused_and_so_is_any_where_nothing_is_labelled()
    {
        Mask("masks/crack/0.png", 1, 0);
        Refused(() => ReadMasks(PathOf("masks")), "crack/2.jpg", "crack/2_mask", "Add it");
        Mask("masks/crack/2.png", 1, 0);
        Refused(() => ReadMasks(PathOf("masks"), Pictures.WithLabels(null)), "good/1.jpg", "label the pictures");
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_or_resized_with_the_pictures()
    {
        Mask("masks/crack/0.png", 2, 1, width: 8, height: 4);
        Mask("masks/crack/2.png", 3, 1);
        Refused(() => ReadMasks(PathOf("masks")), "crack/0.png", "8x4", "4x2", "--image-size");
        PixelMasks masks = ReadMasks(PathOf("masks"), options: new ReadOptions { ImageSize = (4, 2) });
        // The middle of the second pixel lies on column 3 of 8.
        Assert.False(masks.HasDefect(0));
        Mask("masks/crack/0.png", 3, 1, width: 8, height: 4);
        Assert.Equal([0, 1, 0, 0, 0, 0, 0, 0], ReadMasks(PathOf("masks"), options: new ReadOptions { ImageSize = (4, 2) })[0].ToArray());
    }

    [Theory]
    [InlineData("3, 2, 4", new byte[] { 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 255 })]
    [InlineData("3, 1, 2, 4", new byte[] { 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 255 })]
    [InlineData("3, 1", new byte[] { 0b0001_0000, 0, 0b1000_0001 })]
    public void Arrays_hold_a_number_or_a_bit_per_pixel(string shape, byte[] bytes)
    {
        PixelMasks masks = ReadMasks("mask", path: Npz(shape, bytes));
        Assert.Equal([0, 0, 0, 1, 0, 0, 0, 0], masks[0].ToArray());
        Assert.False(masks.HasDefect(1));
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 1], masks[2].ToArray());
    }

    [Fact]
    public void Arrays_that_are_missing_or_do_not_fit_are_refused()
    {
        string path = Npz("3, 4, 2", new byte[24]);
        Refused(() => ReadMasks("mask", path: path), "[3, 4, 2]", "3 masks of 4x2");
        Refused(() => ReadMasks("maks", path: path), "no array 'maks'", "'mask'");
        Refused(() => ReadMasks("mask", path: Npz("2, 2, 4", new byte[16])), "[2, 2, 4]");
        Refused(() => ReadMasks("mask", path: Npz("", new byte[1])), "3 masks of 4x2");
        Refused(() => ReadMasks("mask", path: Folder), "no folder of masks 'mask'", "no .npz");
        Refused(() => ReadMasks("mask", new Samples(new float[4], new SampleShape(4)), path), "Masks are for pictures", "4");
    }

    [Fact]
    public void Shrunk_pictures_are_means_and_their_masks_what_lies_in_the_middle()
    {
        Samples pictures = new((float[])[1, 3, 0, 0, 5, 7, 0, 8], new SampleShape(1, 2, 4), [1]);
        DefectPictures small = new DefectPictures(pictures, new PixelMasks([0, 0, 0, 0, 0, 1, 0, 0], 2, 4), [1], ["good", "bad"]).Shrink(2);
        Assert.Equal([4, 2], small.Pictures.Values.ToArray());
        Assert.Equal([1, 0], small.Masks[0].ToArray());
        Assert.Throws<DataException>(() => small.Shrink(2));
    }

    [Fact]
    public void Magnetic_tiles_have_five_classes_of_defects_with_masks()
    {
        DefectPictures tiles = DefectPictures.Read(RealData.Require("defects/magnetic-tile-128.npz"));
        Assert.Equal(new SampleShape(1, 128, 128), tiles.Pictures.Shape);
        Assert.Equal((1344, 392), (tiles.Pictures.Count, tiles.Pictures.Labels!.Count(label => label == 1)));
        Assert.Equal(["MT_Free", "MT_Blowhole", "MT_Break", "MT_Crack", "MT_Fray", "MT_Uneven"], tiles.ClassNames);
        // Good ones have nothing to show, and five of the others, all of the class Uneven, neither.
        int[] withDefect = [.. Enumerable.Range(0, 1344).Where(tiles.Masks.HasDefect)];
        Assert.Equal(387, withDefect.Length);
        Assert.DoesNotContain(withDefect, i => tiles.Classes[i] == 0);
        // numpy.unpackbits(mask, axis=1).mean()
        Assert.Equal(0.025892030625116257, Enumerable.Range(0, 1344).Sum(i => tiles.Masks[i].Count((byte)1)) / (1344.0 * 128 * 128), 1e-12);
    }
}
