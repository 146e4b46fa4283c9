using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using AnomalySharp.Clustering;
using AnomalySharp.Optimization;

namespace AnomalySharp.Mixtures;

/// <summary>What the maximisation of a mixture's likelihood needs to know.</summary>
internal sealed record MixtureSettings
{
    /// <summary>K.</summary>
    public required int Components { get; init; }

    /// <summary>Whether covariances are diagonal.</summary>
    public required bool Diagonal { get; init; }

    /// <summary>What is added to every variance.</summary>
    public required double Regularization { get; init; }

    /// <summary>The end: where the mean log likelihood changes by less.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Or after so many iterations.</summary>
    public required int MaxIterations { get; init; }
}

/// <summary>
/// Expectation maximisation (Dempster, Laird and Rubin 1977) of a Gaussian mixture, started at the clusters of k-means. Every iteration passes over
/// the samples once: shares and moments are made block by block, moments about the means of the iteration before.
/// </summary>
internal sealed class ExpectationMaximization
{
    private readonly Samples _samples;
    private readonly MixtureSettings _settings;
    private readonly FitContext _context;
    private readonly int _width, _count;

    private ExpectationMaximization(Samples samples, MixtureSettings settings, FitContext context) =>
        (_samples, _settings, _context, _width, _count) = (samples, settings, context, samples.Shape.Length, settings.Components);

    /// <summary>Fits a mixture.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static GaussianMixture Fit(Samples samples, MixtureSettings settings, FitContext context)
    {
        // One component has no choice of a start.
        if (settings.Components == 1)
        {
            return new ExpectationMaximization(samples, settings, context).Run(samples[0].ToArray(), new int[samples.Count]);
        }
        KMeans start = KMeans.Fit(samples, settings.Components, runs: 1, context);
        settings = settings with { Components = start.Count };
        return new ExpectationMaximization(samples, settings, context).Run(start.Centers, start.Assign(samples, context));
    }

    private GaussianMixture Run(float[] start, int[] clusters)
    {
        double[] centers = new double[start.Length];
        TensorPrimitives.ConvertTruncating<float, double>(start, centers);
        GaussianMixture mixture = Maximize(centers, Accumulate(centers, (from, _, shares) =>
        {
            shares.Clear();
            int rows = Math.Min(GaussianMixture.BlockSamples, _samples.Count - from);
            for (int i = 0; i < rows; i++) shares[clusters[from + i] * GaussianMixture.BlockSamples + i] = 1;
            return 0;
        }));
        double before = double.NegativeInfinity;
        bool converged = false;
        for (int iteration = 1; iteration <= _settings.MaxIterations && !converged; iteration++)
        {
            GaussianMixture current = mixture;
            Moments moments = Accumulate(current.Means, (_, block, shares) =>
            {
                Span<double> logs = stackalloc double[GaussianMixture.BlockSamples];
                current.Evaluate(block, logs, shares);
                TensorPrimitives.Exp(shares, shares);
                double sum = 0;
                for (int i = 0; i < block.Length / _width; i++) sum += logs[i];
                return sum;
            });
            double likelihood = moments.LogLikelihood / _samples.Count;
            mixture = Maximize(current.Means, moments);
            // One component has all shares from the start: once its moments are about its mean, nothing changes any more.
            converged = _count == 1 || Math.Abs(likelihood - before) < _settings.Tolerance;
            before = likelihood;
            _context.Progress?.Report(new FitProgress("maximising the likelihood", iteration, _settings.MaxIterations, -likelihood));
            _context.Cancellation.ThrowIfCancellationRequested();
        }
        if (!converged)
        {
            _context.Warn(string.Create(
                CultureInfo.InvariantCulture,
                $"The mixture's likelihood still grew after {_settings.MaxIterations} iterations. Raise maxIterations or the tolerance."));
        }
        return mixture;
    }

    /// <summary>Sums over all samples, in as many parts as there are threads.</summary>
    /// <param name="centers">What moments are about: K × d values.</param>
    /// <param name="expect">Fills the shares of a block that starts at a sample; returns the sum of its log densities.</param>
    private Moments Accumulate(double[] centers, Expectation expect)
    {
        int parts = _context.Threads, size = (_samples.Count + parts - 1) / parts;
        Moments[] moments = new Moments[parts];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = parts, CancellationToken = _context.Cancellation };
        Parallel.For(0, parts, parallel, part =>
        {
            Moments sums = moments[part] = new Moments(_count, _width, _settings.Diagonal);
            double[] shares = new double[_count * GaussianMixture.BlockSamples];
            for (int from = part * size; from < Math.Min((part + 1) * size, _samples.Count); from += GaussianMixture.BlockSamples)
            {
                _context.Cancellation.ThrowIfCancellationRequested();
                int rows = Math.Min(GaussianMixture.BlockSamples, Math.Min((part + 1) * size, _samples.Count) - from);
                ReadOnlySpan<float> block = _samples.Values.Span.Slice(from * _width, rows * _width);
                sums.LogLikelihood += expect(from, block, shares);
                for (int k = 0; k < _count; k++)
                {
                    sums.Add(k, block, centers.AsSpan(k * _width, _width), shares.AsSpan(k * GaussianMixture.BlockSamples, rows));
                }
            }
        });
        foreach (Moments other in moments.Skip(1)) moments[0].Add(other);
        return moments[0];
    }

    private GaussianMixture Maximize(double[] centers, Moments moments)
    {
        int squares = _settings.Diagonal ? _width : _width * _width;
        double[] weights = new double[_count], means = new double[_count * _width], factors = new double[_count * squares];
        for (int k = 0; k < _count; k++)
        {
            // Of a component without a share nothing is known; ten roundings keep the quotient finite, as in scikit-learn.
            double share = moments.Shares[k] + 10 * 2.2e-16;
            weights[k] = share / _samples.Count;
            Span<double> shift = moments.Sums.AsSpan(k * _width, _width), second = moments.Squares.AsSpan(k * squares, squares);
            TensorPrimitives.Divide(shift, share, shift);
            TensorPrimitives.Add(centers.AsSpan(k * _width, _width), shift, means.AsSpan(k * _width, _width));
            TensorPrimitives.Divide(second, share, second);
            Span<double> factor = factors.AsSpan(k * squares, squares);
            if (_settings.Diagonal)
            {
                for (int j = 0; j < _width; j++) factor[j] = 1 / Math.Sqrt(Math.Max(0, second[j] - shift[j] * shift[j]) + _settings.Regularization);
                continue;
            }
            for (int i = 0; i < _width; i++)
            {
                Span<double> row = second.Slice(i * _width + i, _width - i);
                TensorPrimitives.MultiplyAdd(shift[i..], -shift[i], row, row);
            }
            Products.Mirror(second, _width);
            TriangularInverse.Of(second, _width, _settings.Regularization).CopyTo(factor);
        }
        TensorPrimitives.Divide(weights, TensorPrimitives.Sum<double>(weights), weights);
        return new GaussianMixture(weights, means, factors);
    }

    private delegate double Expectation(int from, ReadOnlySpan<float> block, Span<double> shares);

    /// <summary>Sums of shares γ, of γ(x − c) and of γ(x − c)(x − c)ᵀ: its upper triangle, or its diagonal.</summary>
    private sealed class Moments(int count, int width, bool diagonal)
    {
        private readonly double[] _rows = new double[GaussianMixture.BlockSamples * width];

        public double LogLikelihood { get; set; }

        public double[] Shares { get; } = new double[count];

        public double[] Sums { get; } = new double[count * width];

        public double[] Squares { get; } = new double[count * (diagonal ? width : width * width)];

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Add(int k, ReadOnlySpan<float> block, ReadOnlySpan<double> center, ReadOnlySpan<double> shares)
        {
            int used = 0;
            Span<double> sum = Sums.AsSpan(k * width, width);
            for (int i = 0; i < shares.Length; i++)
            {
                // What has no part in a component need not be looked at.
                if (shares[i] < 1e-30) continue;
                Span<double> row = _rows.AsSpan(used++ * width, width);
                TensorPrimitives.ConvertTruncating(block.Slice(i * width, width), row);
                TensorPrimitives.Subtract(row, center, row);
                TensorPrimitives.MultiplyAdd(row, shares[i], sum, sum);
                TensorPrimitives.Multiply(row, Math.Sqrt(shares[i]), row);
                Shares[k] += shares[i];
            }
            if (!diagonal)
            {
                Products.AddGramOfColumns(_rows.AsSpan(0, used * width), width, Squares.AsSpan(k * width * width, width * width));
                return;
            }
            Span<double> squares = Squares.AsSpan(k * width, width);
            for (int i = 0; i < used; i++)
            {
                ReadOnlySpan<double> row = _rows.AsSpan(i * width, width);
                TensorPrimitives.MultiplyAdd(row, row, squares, squares);
            }
        }

        public void Add(Moments other)
        {
            LogLikelihood += other.LogLikelihood;
            TensorPrimitives.Add(Shares, other.Shares, Shares);
            TensorPrimitives.Add(Sums, other.Sums, Sums);
            TensorPrimitives.Add(Squares, other.Squares, Squares);
        }
    }
}
