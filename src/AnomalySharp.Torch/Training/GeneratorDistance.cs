using System.Numerics.Tensors;
using AnomalySharp.Networks;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// How far generated samples are from held-out normal ones: the sliced Wasserstein distance (Rabin et al. 2011), the mean squared difference of their
/// sorted projections over fixed random directions. Needs no discriminator and no labels, so epochs can be chosen by it.
/// </summary>
/// <param name="generator">G.</param>
/// <param name="noise">Codes: the same in every epoch.</param>
internal sealed class GeneratorDistance(Network generator, LatentNoise noise)
{
    private const int Directions = 64;

    private readonly LatentNoise _directions = new(LatentPrior.Normal, generator.OutputSize, 0x51CED);

    private float[]? _projection;

    /// <summary>The distance for one batch of held-out samples.</summary>
    public double Of(ReadOnlySpan<float> samples, int count)
    {
        int width = generator.OutputSize;
        _projection ??= Normalized(_directions.Values(Directions, 0), width);
        float[] generated = new float[count * width], a = new float[count], b = new float[count];
        generator.Infer(noise.Values(count, -2), count, generated);
        double sum = 0;
        for (int d = 0; d < Directions; d++)
        {
            ReadOnlySpan<float> direction = _projection.AsSpan(d * width, width);
            for (int i = 0; i < count; i++)
            {
                a[i] = TensorPrimitives.Dot(samples.Slice(i * width, width), direction);
                b[i] = TensorPrimitives.Dot(generated.AsSpan(i * width, width), direction);
            }
            Array.Sort(a);
            Array.Sort(b);
            float distance = TensorPrimitives.Distance<float>(a, b);
            sum += (double)distance * distance / count;
        }
        return sum / Directions;
    }

    private static float[] Normalized(float[] rows, int width)
    {
        for (int i = 0; i < rows.Length; i += width)
        {
            Span<float> row = rows.AsSpan(i, width);
            TensorPrimitives.Divide(row, TensorPrimitives.Norm<float>(row), row);
        }
        return rows;
    }
}
