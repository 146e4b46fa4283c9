using System.Numerics.Tensors;

namespace AnomalySharp.Optimization;

/// <summary>
/// Mean, directions of greatest variance (one per row, falling) and the variances along them; the rest of the variance is spread over the others.
/// </summary>
/// <param name="Mean">The mean of every feature.</param>
/// <param name="Directions">Orthonormal, row-major, one per variance.</param>
/// <param name="Variances">Falling.</param>
/// <param name="Total">The sum of all variances.</param>
internal sealed record PrincipalComponents(double[] Mean, double[] Directions, double[] Variances, double Total)
{
    // Larger matrices are not decomposed whole: it would take many minutes.
    private const int MostWhole = 1500;

    private const int BlockRows = 64;

    /// <summary>
    /// Finds the components with a variance: all of them up to 1,500 features or samples, beyond that those above the mean variance.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static PrincipalComponents Of(Samples samples, FitContext context)
    {
        int width = samples.Shape.Length, count = samples.Count;
        double[] mean = new double[width], row = new double[width];
        for (int i = 0; i < count; i++)
        {
            TensorPrimitives.ConvertTruncating(samples[i], row.AsSpan());
            TensorPrimitives.MultiplyAdd(row, 1.0 / count, mean, mean);
        }
        bool byRows = count < width;
        int size = byRows ? count : width;
        double[] centred = byRows ? Centred(samples, 0, count, mean) : [];
        double[] gram = byRows ? new double[size * size] : Gram(samples, mean, context);
        if (byRows) Products.GramOfRows(centred, width, gram);
        TensorPrimitives.Divide(gram, count, gram);
        double total = 0;
        for (int i = 0; i < size; i++) total += gram[i * size + i];
        context.Cancellation.ThrowIfCancellationRequested();
        SymmetricSpectrum spectrum = new(size) { Truncates = size > MostWhole };
        spectrum.Decompose(gram, total / width);
        // Of rounding there is no direction.
        int kept = spectrum.Values.Count(value => value > 1e-12 * Math.Max(spectrum.Values[0], double.Epsilon));
        double[] directions = spectrum.Vectors[..(kept * size)];
        if (byRows)
        {
            double[] combined = new double[kept * width];
            Products.Multiply(directions, centred, width, combined);
            for (int c = 0; c < kept; c++)
            {
                Span<double> direction = combined.AsSpan(c * width, width);
                TensorPrimitives.Divide(direction, TensorPrimitives.Norm<double>(direction), direction);
            }
            directions = combined;
        }
        return new PrincipalComponents(mean, directions, spectrum.Values[..kept], total);
    }

    private static double[] Gram(Samples samples, double[] mean, FitContext context)
    {
        int width = samples.Shape.Length, parts = context.Threads, size = (samples.Count + parts - 1) / parts;
        double[][] grams = new double[parts][];
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts, CancellationToken = context.Cancellation }, part =>
        {
            double[] gram = grams[part] = new double[width * width];
            int end = Math.Min((part + 1) * size, samples.Count);
            for (int start = part * size; start < end; start += BlockRows)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                Products.AddGramOfColumns(Centred(samples, start, Math.Min(BlockRows, end - start), mean), width, gram);
            }
        });
        foreach (double[] other in grams.Skip(1)) TensorPrimitives.Add(grams[0], other, grams[0]);
        Products.Mirror(grams[0], width);
        return grams[0];
    }

    private static double[] Centred(Samples samples, int start, int count, double[] mean)
    {
        int width = mean.Length;
        double[] rows = new double[count * width];
        TensorPrimitives.ConvertTruncating(samples.Values.Span.Slice(start * width, count * width), rows.AsSpan());
        for (int i = 0; i < rows.Length; i += width) TensorPrimitives.Subtract(rows.AsSpan(i, width), mean, rows.AsSpan(i, width));
        return rows;
    }
}
