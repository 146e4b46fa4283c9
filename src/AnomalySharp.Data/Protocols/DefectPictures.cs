using System.Numerics.Tensors;
using AnomalySharp.Data.Arrays;
using AnomalySharp.Evaluation;

namespace AnomalySharp.Data.Protocols;

/// <summary>Pictures of good and of defective surfaces, with the class of each and a mask of what is defective.</summary>
/// <param name="Pictures">Grey pictures <c>[1,h,w]</c>, values in 0…1; labelled 0 where they are of the good class, else 1.</param>
/// <param name="Masks">Their masks.</param>
/// <param name="Classes">Number of the class of each; 0 is the good one.</param>
/// <param name="ClassNames">What the classes are called, by their number.</param>
public sealed record DefectPictures(Samples Pictures, PixelMasks Masks, IReadOnlyList<byte> Classes, IReadOnlyList<string> ClassNames)
{
    /// <summary>
    /// Reads an <c>.npz</c> of the arrays <c>image</c> (<c>[n,h,w]</c> bytes), <c>mask</c> (as <see cref="MaskReader"/> takes it), <c>cls</c>
    /// (<c>[n]</c>, 0 = good) and <c>class_names</c>.
    /// </summary>
    /// <exception cref="DataException">The file cannot be read, or an array is missing or of another shape.</exception>
    public static DefectPictures Read(string path)
    {
        NpyArray[] arrays = NpzReader.ReadArrays(path, "image", "mask", "cls", "class_names");
        (NpyArray image, NpyArray mask, NpyArray classes, NpyArray names) = (arrays[0], arrays[1], arrays[2], arrays[3]);
        if (image.Type != "u1" || image.Shape is not [int count, int height, int width])
        {
            throw new DataException(
                $"Array 'image' of '{path}' is [{string.Join(", ", image.Shape)}] of {image.Type}; needed are bytes [n, height, width].");
        }
        if (count == 0 || classes.Type != "u1" || classes.Length != count || classes.Bytes.Max() >= names.Length)
        {
            throw new DataException(
                $"Array 'cls' of '{path}' must give one of the {names.Length} names of 'class_names' to each of the {count} pictures, as a byte.");
        }
        float[] values = image.ToSingles();
        TensorPrimitives.Multiply(values, 1f / 255, values);
        byte[] labels = Array.ConvertAll(classes.Bytes, one => one == 0 ? (byte)0 : (byte)1);
        PixelMasks masks = MaskReader.FromArray(mask, count, height, width, $"Array 'mask' of '{path}'");
        return new DefectPictures(new Samples(values, new SampleShape(1, height, width), labels), masks, classes.Bytes, names.ToTexts());
    }

    /// <summary>The pictures at <paramref name="rows"/>, copied in that order.</summary>
    public DefectPictures Select(ReadOnlySpan<int> rows)
    {
        byte[] classes = new byte[rows.Length];
        for (int i = 0; i < rows.Length; i++) classes[i] = Classes[rows[i]];
        return new DefectPictures(Pictures.Select(rows), Masks.Select(rows), classes, ClassNames);
    }

    /// <summary>
    /// The same in <paramref name="factor"/> times fewer pixels each way: a pixel is the mean of those it stands for, a mask as
    /// <see cref="PixelMasks.Resize"/> has it.
    /// </summary>
    /// <exception cref="DataException">The factor does not divide the extents.</exception>
    public DefectPictures Shrink(int factor)
    {
        int height = Pictures.Shape[1], width = Pictures.Shape[2];
        if (factor < 1 || height % factor != 0 || width % factor != 0)
        {
            throw new DataException($"Pictures of {width}x{height} cannot be shrunk {factor} times.");
        }
        (int down, int across) = (height / factor, width / factor);
        float[] values = new float[Pictures.Count * down * across];
        for (int i = 0; i < Pictures.Count; i++)
        {
            ReadOnlySpan<float> source = Pictures[i];
            Span<float> target = values.AsSpan(i * down * across, down * across);
            for (int p = 0; p < source.Length; p++) target[(p / width / factor * across) + (p % width / factor)] += source[p];
        }
        TensorPrimitives.Multiply(values, 1f / (factor * factor), values);
        return this with { Pictures = Pictures.WithValues(values, new SampleShape(1, down, across)), Masks = Masks.Resize(down, across) };
    }
}
