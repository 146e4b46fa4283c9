using AnomalySharp.Data.Arrays;
using AnomalySharp.Data.Images;
using AnomalySharp.Evaluation;

namespace AnomalySharp.Data;

/// <summary>Reads masks, which say which pixels of pictures are defective: whatever is not zero (not black) is. Transparency is ignored.</summary>
public static class MaskReader
{
    // As MVTec AD and others call the mask of 000.png: 000_mask.png.
    private const string Suffix = "_mask";

    /// <summary>The masks of <paramref name="pictures"/>, in their order.</summary>
    /// <param name="masks">
    /// A folder of pictures, or the name of an array in the <c>.npz</c> that the pictures are from. In a folder the mask of <c>crack/007.jpg</c> is
    /// <c>crack/007.png</c> or <c>crack/007_mask.png</c> (any ending); a picture labelled normal needs none. An array is <c>[n,h,w]</c>,
    /// <c>[n,1,h,w]</c>, or <c>[n, h·w/8]</c> bytes of eight pixels, the first one in the highest bit, as <c>numpy.packbits</c> makes them.
    /// </param>
    /// <param name="pictures">The pictures, of the shape <c>[c,h,w]</c>, with their labels where those are known.</param>
    /// <param name="path">The file or folder that the pictures were read from.</param>
    /// <param name="options">How they were read: where they were resized, so are masks in a folder, by <see cref="PixelMasks.Resize"/>.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="DataException">A mask is missing, unreadable, or of another size than its picture.</exception>
    public static PixelMasks Read(string masks, Samples pictures, string path, ReadOptions options, CancellationToken cancellation = default)
    {
        if (pictures.Shape.Rank != 3)
        {
            throw new DataException($"Masks are for pictures (channels×height×width); '{path}' holds samples of the shape {pictures.Shape}.");
        }
        if (Directory.Exists(masks)) return ReadFolder(masks, pictures, path, options, cancellation);
        if (!File.Exists(path) || FileKinds.Of(path, options) != FileKind.Arrays)
        {
            throw new DataException(
                $"There is no folder of masks '{masks}', and '{path}' is no .npz that could have an array of this name. Check the spelling.");
        }
        return FromArray(NpzReader.ReadArrays(path, masks)[0], pictures.Count, pictures.Shape[1], pictures.Shape[2], $"Array '{masks}' of '{path}'");
    }

    /// <summary>Masks from an array of any of the forms that <see cref="Read"/> names.</summary>
    internal static PixelMasks FromArray(NpyArray array, int count, int height, int width, string name)
    {
        string extents = $"[{string.Join(", ", array.Shape)}]", needed = $"{count} masks of {width}x{height}";
        if (array.IsText) throw new DataException($"{name} holds texts and no masks. Give {needed} as numbers.");
        int area = height * width;
        bool packed = array.Shape.Length == 2 && array.Type == "u1" && array.Shape[1] == (area + 7) / 8;
        int[] whole = array.Shape is [int n, 1, int h, int w] ? [n, h, w] : array.Shape;
        if (array.Shape.Length == 0 || array.Shape[0] != count || (!packed && !whole.AsSpan().SequenceEqual((int[])[count, height, width])))
        {
            throw new DataException($"{name} has the shape {extents}; the pictures need {needed}: [{count}, {height}, {width}], or packed to bits.");
        }
        byte[] values = new byte[checked(count * area)];
        if (packed)
        {
            for (int i = 0, line = array.Shape[1]; i < values.Length; i++)
            {
                int pixel = i % area;
                values[i] = (byte)(array.Bytes[(i / area * line) + (pixel >> 3)] >> (7 - (pixel & 7)) & 1);
            }
        }
        else
        {
            float[] numbers = array.ToSingles();
            for (int i = 0; i < values.Length; i++) values[i] = numbers[i] != 0 ? (byte)1 : (byte)0;
        }
        return new PixelMasks(values, height, width);
    }

    private static PixelMasks ReadFolder(string folder, Samples pictures, string source, ReadOptions options, CancellationToken cancellation)
    {
        int height = pictures.Shape[1], width = pictures.Shape[2], area = height * width;
        if (pictures.RowNames is null)
        {
            throw new DataException($"The pictures have no names by which the masks in '{folder}' could be found. Give masks as an array.");
        }
        Dictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (string file in ImageReader.FindPictures(folder))
        {
            string name = WithoutEnding(file);
            // Where pictures and masks are in one folder, the name with the suffix is the mask.
            if (name.EndsWith(Suffix, StringComparison.Ordinal)) files[name[..^Suffix.Length]] = file;
            else files.TryAdd(name, file);
        }
        byte[] values = new byte[checked(pictures.Count * area)];
        for (int i = 0; i < pictures.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            string name = WithoutEnding(pictures.RowNames[i]);
            if (!files.TryGetValue(name, out string? file))
            {
                // Nothing of a normal picture is defective, and most data sets have masks of the others only.
                if (pictures.Labels?[i] == 0) continue;
                throw new DataException(
                    $"The picture '{pictures.RowNames[i]}' has no mask: "
                    + $"'{folder}' holds neither '{name}' nor '{name}{Suffix}' with the ending of a picture. "
                    + $"Add it{(pictures.Labels is null ? ", or label the pictures: normal ones need none" : "")}.");
            }
            if (Path.GetFullPath(Path.Combine(folder, file)) == Path.GetFullPath(Path.Combine(source, pictures.RowNames[i])))
            {
                throw new DataException(
                    $"The mask of the picture '{pictures.RowNames[i]}' would be the picture itself: '{folder}' is where the pictures are. "
                    + $"Give the folder of their masks, or call a mask '{name}{Suffix}'.");
            }
            PixelMasks mask = FromPicture(Path.Combine(folder, file));
            if ((mask.Height, mask.Width) != (height, width) && options.ImageSize is null)
            {
                throw new DataException(
                    $"The mask '{Path.Combine(folder, file)}' is {mask.Width}x{mask.Height}, and its picture {width}x{height}. "
                    + $"Give a mask of the same size, or resize both with --image-size {width}x{height}.");
            }
            mask.Resize(height, width)[0].CopyTo(values.AsSpan(i * area));
        }
        return new PixelMasks(values, height, width);
    }

    private static PixelMasks FromPicture(string path)
    {
        Picture picture = Picture.Read(path, size: null);
        int area = picture.Width * picture.Height;
        byte[] values = new byte[area];
        for (int i = 0; i < picture.Planes.Length; i++)
        {
            if (picture.Planes[i] != 0) values[i % area] = 1;
        }
        return new PixelMasks(values, picture.Height, picture.Width);
    }

    private static string WithoutEnding(string name) => name[..^Path.GetExtension(name).Length];
}
