using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using AnomalySharp.Persistence;

namespace AnomalySharp.Mixtures;

/// <summary>
/// A mixture of K Gaussians: weights π, means μ and for every component W with Σ⁻¹ = WᵀW. log N(x; μ, Σ) = Σ log W_ii − ½|W(x − μ)|² − ½d log 2π.
/// </summary>
internal sealed class GaussianMixture
{
    /// <summary>Samples that are worked on at a time, side by side in vector registers.</summary>
    public const int BlockSamples = 64;

    private readonly double[] _offsets;

    /// <param name="weights">π, positive: K values.</param>
    /// <param name="means">μ: K × d values.</param>
    /// <param name="factors">W: K lower triangles in d × d values, or K × d values on the diagonals.</param>
    public GaussianMixture(double[] weights, double[] means, double[] factors)
    {
        (Weights, Means, Factors) = (weights, means, factors);
        Width = means.Length / weights.Length;
        IsDiagonal = factors.Length == means.Length && Width > 1;
        _offsets = new double[Count];
        for (int k = 0; k < Count; k++)
        {
            double sum = Math.Log(weights[k]) - Width * 0.5 * Math.Log(2 * Math.PI);
            for (int i = 0; i < Width; i++) sum += Math.Log(FactorOf(k)[IsDiagonal ? i : i * Width + i]);
            _offsets[k] = sum;
        }
    }

    /// <summary>K.</summary>
    public int Count => Weights.Length;

    /// <summary>d.</summary>
    public int Width { get; }

    /// <summary>Whether W are diagonals.</summary>
    public bool IsDiagonal { get; }

    public double[] Weights { get; }

    public double[] Means { get; }

    public double[] Factors { get; }

    /// <summary>The mean of component <paramref name="k"/>.</summary>
    public ReadOnlySpan<double> MeanOf(int k) => Means.AsSpan(k * Width, Width);

    /// <summary>The factor of component <paramref name="k"/>.</summary>
    public ReadOnlySpan<double> FactorOf(int k) => Factors.AsSpan(k * (Factors.Length / Count), Factors.Length / Count);

    /// <summary>
    /// log density of each sample, and log of the share that each component has in it, <c>[component][sample]</c> with <see cref="BlockSamples"/>
    /// places a component.
    /// </summary>
    /// <param name="samples">At most <see cref="BlockSamples"/> samples, row-major.</param>
    /// <param name="logDensities">Receives log p(x).</param>
    /// <param name="logShares">Receives log p(k | x), <c>K × BlockSamples</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Evaluate(ReadOnlySpan<float> samples, Span<double> logDensities, Span<double> logShares)
    {
        int count = samples.Length / Width;
        double[] transposed = ArrayPool<double>.Shared.Rent(2 * Width * BlockSamples);
        Span<double> values = transposed.AsSpan(0, Width * BlockSamples), centred = transposed.AsSpan(Width * BlockSamples, Width * BlockSamples);
        for (int j = 0; j < Width; j++)
        {
            Span<double> row = values.Slice(j * BlockSamples, BlockSamples);
            for (int i = 0; i < count; i++) row[i] = samples[i * Width + j];
            row[count..].Clear();
        }
        for (int k = 0; k < Count; k++)
        {
            for (int j = 0; j < Width; j++)
            {
                TensorPrimitives.Subtract(values.Slice(j * BlockSamples, BlockSamples), MeanOf(k)[j], centred.Slice(j * BlockSamples, BlockSamples));
            }
            Span<double> logs = logShares.Slice(k * BlockSamples, BlockSamples);
            SquaredDeviations(FactorOf(k), centred, logs);
            TensorPrimitives.Multiply(logs, -0.5, logs);
            TensorPrimitives.Add(logs, _offsets[k], logs);
        }
        ArrayPool<double>.Shared.Return(transposed);
        for (int i = 0; i < count; i++)
        {
            double most = double.NegativeInfinity, sum = 0;
            for (int k = 0; k < Count; k++) most = Math.Max(most, logShares[k * BlockSamples + i]);
            for (int k = 0; k < Count; k++) sum += Math.Exp(logShares[k * BlockSamples + i] - most);
            logDensities[i] = most + Math.Log(sum);
            for (int k = 0; k < Count; k++) logShares[k * BlockSamples + i] -= logDensities[i];
        }
    }

    /// <summary>Σ⁻¹(x − μ) of component <paramref name="k"/>.</summary>
    public double[] Whiten(int k, ReadOnlySpan<double> centred)
    {
        ReadOnlySpan<double> factor = FactorOf(k);
        double[] result = new double[Width];
        for (int i = 0; i < Width; i++)
        {
            if (IsDiagonal)
            {
                result[i] = factor[i] * factor[i] * centred[i];
                continue;
            }
            ReadOnlySpan<double> row = factor.Slice(i * Width, i + 1);
            TensorPrimitives.MultiplyAdd(row, TensorPrimitives.Dot(row, centred[..(i + 1)]), result.AsSpan(0, i + 1), result.AsSpan(0, i + 1));
        }
        return result;
    }

    /// <summary>−log p(x) of any number of samples, row-major.</summary>
    public void Energies(ReadOnlySpan<float> samples, Span<float> energies)
    {
        double[] logDensities = new double[BlockSamples], logShares = new double[Count * BlockSamples];
        for (int start = 0; start < energies.Length; start += BlockSamples)
        {
            int rows = Math.Min(BlockSamples, energies.Length - start);
            Evaluate(samples.Slice(start * Width, rows * Width), logDensities, logShares);
            for (int i = 0; i < rows; i++) energies[start + i] = (float)-logDensities[i];
        }
    }

    /// <summary>Stores π, μ and W.</summary>
    public void WriteState(TensorState state)
    {
        state.Set<double>("weights", Weights);
        state.Set<double>("means", Means, Count, Width);
        state.Set<double>("factors", Factors, Count, Factors.Length / Count);
    }

    /// <summary>Reads what <see cref="WriteState"/> of a mixture of samples of <paramref name="width"/> values wrote.</summary>
    /// <exception cref="ModelFileException">An array is missing, of the wrong size, or its values make no mixture.</exception>
    public static GaussianMixture ReadState(TensorState state, int width, bool diagonal)
    {
        double[] weights = state.Get<double>("weights"), means = state.Get<double>("means", weights.Length * width);
        double[] factors = state.Get<double>("factors", checked(weights.Length * (diagonal ? width : width * width)));
        if (weights.Length == 0 || !weights.All(weight => weight > 0) || !means.Concat(factors).All(double.IsFinite))
        {
            throw new ModelFileException("The model's mixture has weights that are not positive, or values that are not finite. Train the model again.");
        }
        return new GaussianMixture(weights, means, factors);
    }

    /// <summary>|W(x − μ)|² of a block of transposed deviations: four registers of samples side by side, every lane on its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void SquaredDeviations(ReadOnlySpan<double> factor, ReadOnlySpan<double> centred, Span<double> squares)
    {
        int lanes = Vector<double>.Count, step = 4 * lanes;
        fixed (double* w = factor, x = centred, output = squares)
        {
            for (int start = 0; start < BlockSamples; start += step)
            {
                Vector<double> s0 = default, s1 = default, s2 = default, s3 = default;
                for (int i = 0; i < Width; i++)
                {
                    Vector<double> a = default, b = default, c = default, d = default;
                    double* row = IsDiagonal ? w + i : w + (nint)i * Width;
                    double* column = x + start + (IsDiagonal ? (nint)i * BlockSamples : 0);
                    for (int j = IsDiagonal ? i : 0; j <= i; j++, row++, column += BlockSamples)
                    {
                        Vector<double> weight = new(*row);
                        a = Vector.FusedMultiplyAdd(weight, Vector.Load(column), a);
                        b = Vector.FusedMultiplyAdd(weight, Vector.Load(column + lanes), b);
                        c = Vector.FusedMultiplyAdd(weight, Vector.Load(column + 2 * lanes), c);
                        d = Vector.FusedMultiplyAdd(weight, Vector.Load(column + 3 * lanes), d);
                    }
                    s0 = Vector.FusedMultiplyAdd(a, a, s0);
                    s1 = Vector.FusedMultiplyAdd(b, b, s1);
                    s2 = Vector.FusedMultiplyAdd(c, c, s2);
                    s3 = Vector.FusedMultiplyAdd(d, d, s3);
                }
                s0.Store(output + start);
                s1.Store(output + start + lanes);
                s2.Store(output + start + 2 * lanes);
                s3.Store(output + start + 3 * lanes);
            }
        }
    }
}
