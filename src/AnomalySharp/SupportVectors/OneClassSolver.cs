using System.Numerics;
using System.Runtime.CompilerServices;

namespace AnomalySharp.SupportVectors;

/// <summary>
/// Solves min ½αᵀQα with 0 ≤ α ≤ 1 and Σα = νn, Q the kernel matrix: sequential minimal optimisation (Platt 1998) of the pair that second-order
/// information selects (Fan, Chen and Lin 2005), in libsvm's scaling and from its start. Double precision; kernel rows are kept in float32, as in
/// libsvm.
/// </summary>
/// <remarks>Departure: no shrinking. Steps run over all samples in vector registers instead.</remarks>
internal sealed class OneClassSolver
{
    private const double LeastCurvature = 1e-12;

    private readonly KernelRows _rows;
    private readonly double[] _alpha, _gradient;

    private OneClassSolver(KernelRows rows, double[] alpha, double[] gradient) => (_rows, _alpha, _gradient) = (rows, alpha, gradient);

    /// <summary>What the solver found.</summary>
    /// <param name="Alpha">α.</param>
    /// <param name="Rho">ρ: a sample's decision value is Σ α_i k(x_i, x) − ρ.</param>
    /// <param name="Steps">Pairs that were optimised.</param>
    /// <param name="Converged">Whether the tolerance was reached.</param>
    public sealed record Solution(double[] Alpha, double Rho, int Steps, bool Converged);

    /// <summary>Solves the problem.</summary>
    /// <param name="samples">n samples.</param>
    /// <param name="kernel">The kernel between them.</param>
    /// <param name="nu">ν, above 0 and at most 1.</param>
    /// <param name="tolerance">Greatest violation of the optimality conditions at the end.</param>
    /// <param name="maxSteps">Most steps.</param>
    /// <param name="cacheBytes">Memory for kernel rows.</param>
    /// <param name="context">Threads, progress, cancellation.</param>
    public static Solution Solve(Samples samples, RadialKernel kernel, double nu, double tolerance, int maxSteps, long cacheBytes, FitContext context)
    {
        int count = samples.Count;
        double[] alpha = new double[count];
        double left = nu * count;
        for (int i = 0; i < count && left > 0; i++, left--) alpha[i] = Math.Min(1, left);
        OneClassSolver solver = new(new KernelRows(kernel, samples, cacheBytes), alpha, Gradient(samples, kernel, alpha, context));
        return solver.Run(tolerance, maxSteps, context);
    }

    private Solution Run(double tolerance, int maxSteps, FitContext context)
    {
        int reported = 0, step = 0;
        double first = 0;
        bool converged = false;
        while (step < maxSteps)
        {
            if (step % 256 == 0) context.Cancellation.ThrowIfCancellationRequested();
            (int i, double violation, int j) = SelectPair(out float[] rowOfI);
            if (violation < tolerance || j < 0)
            {
                converged = true;
                break;
            }
            first = Math.Max(first, violation);
            // How far the violation has come down, on a logarithmic scale, is what can be known of the steps to come.
            int percent = first > tolerance ? (int)(99 * Math.Log(first / violation) / Math.Log(first / tolerance)) : 0;
            if (percent > reported)
            {
                reported = percent;
                context.Progress?.Report(new FitProgress("solving", percent, 100));
                context.Cancellation.ThrowIfCancellationRequested();
            }
            float[] rowOfJ = _rows[j];
            (double changeOfI, double changeOfJ) = Optimize(i, j, rowOfI[j]);
            AddRows(rowOfI, changeOfI, rowOfJ, changeOfJ);
            step++;
        }
        context.Progress?.Report(new FitProgress("solving", 100, 100));
        return new Solution(_alpha, Rho(), step, converged);
    }

    private static double[] Gradient(Samples samples, RadialKernel kernel, double[] alpha, FitContext context)
    {
        const int Block = 64;
        int width = samples.Shape.Length, count = samples.Count;
        float[] weights = [.. alpha.Select(value => (float)value)];
        double[] gradient = new double[count];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.Cancellation };
        Parallel.For(0, (count + Block - 1) / Block, parallel, block =>
        {
            int start = block * Block, size = Math.Min(Block, count - start);
            kernel.WeightedSums(samples.Values.Span.Slice(start * width, size * width), weights, gradient.AsSpan(start, size));
        });
        return gradient;
    }

    /// <summary>
    /// i violates most among those that may grow; j gives the greatest decrease with it among those that may shrink (WSS 2 of the paper).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int I, double Violation, int J) SelectPair(out float[] rowOfI)
    {
        double least = double.PositiveInfinity, greatest = double.NegativeInfinity;
        int i = -1, j = -1;
        for (int t = 0; t < _alpha.Length; t++)
        {
            if (_alpha[t] < 1 && _gradient[t] < least) (i, least) = (t, _gradient[t]);
        }
        if (i < 0)
        {
            rowOfI = [];
            return (-1, 0, -1);
        }
        rowOfI = _rows[i];
        double best = 0;
        for (int t = 0; t < _alpha.Length; t++)
        {
            if (!(_alpha[t] > 0)) continue;
            double gradient = _gradient[t], gain = gradient - least;
            greatest = Math.Max(greatest, gradient);
            if (!(gain > 0)) continue;
            // k(x, x) = 1.
            double decrease = gain * gain / Math.Max(2 - 2 * (double)rowOfI[t], LeastCurvature);
            if (decrease > best) (j, best) = (t, decrease);
        }
        return (i, greatest - least, j);
    }

    /// <summary>Moves as much from α_j to α_i as is best, or as the bounds allow.</summary>
    private (double ChangeOfI, double ChangeOfJ) Optimize(int i, int j, float kernel)
    {
        double oldI = _alpha[i], oldJ = _alpha[j], sum = oldI + oldJ;
        double moved = (_gradient[j] - _gradient[i]) / Math.Max(2 - 2 * (double)kernel, LeastCurvature);
        double newI = Math.Min(oldI + moved, Math.Min(1, sum));
        double newJ = sum - newI;
        // To the bounds exactly: rounding would leave both able to move for ever.
        if (newJ < 1e-12) (newI, newJ) = (Math.Min(1, sum), Math.Max(0, sum - 1));
        (_alpha[i], _alpha[j]) = (newI, newJ);
        return (newI - oldI, newJ - oldJ);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRows(float[] a, double scaleOfA, float[] b, double scaleOfB)
    {
        int t = 0, lanes = Vector<double>.Count;
        Vector<double> x = new(scaleOfA), y = new(scaleOfB);
        Span<double> gradient = _gradient;
        for (; t <= gradient.Length - 2 * lanes; t += 2 * lanes)
        {
            Vector.Widen(new Vector<float>(a, t), out Vector<double> lowA, out Vector<double> highA);
            Vector.Widen(new Vector<float>(b, t), out Vector<double> lowB, out Vector<double> highB);
            Span<double> low = gradient[t..], high = gradient[(t + lanes)..];
            Vector.FusedMultiplyAdd(lowB, y, Vector.FusedMultiplyAdd(lowA, x, new Vector<double>(low))).CopyTo(low);
            Vector.FusedMultiplyAdd(highB, y, Vector.FusedMultiplyAdd(highA, x, new Vector<double>(high))).CopyTo(high);
        }
        for (; t < gradient.Length; t++) gradient[t] += scaleOfA * a[t] + scaleOfB * b[t];
    }

    /// <summary>The mean gradient of the free samples, or the middle of what the others allow.</summary>
    private double Rho()
    {
        double sum = 0, low = double.NegativeInfinity, high = double.PositiveInfinity;
        int free = 0;
        for (int t = 0; t < _alpha.Length; t++)
        {
            if (_alpha[t] >= 1)
            {
                low = Math.Max(low, _gradient[t]);
            }
            else if (_alpha[t] <= 0)
            {
                high = Math.Min(high, _gradient[t]);
            }
            else
            {
                sum += _gradient[t];
                free++;
            }
        }
        if (free > 0) return sum / free;
        return double.IsInfinity(high) ? low : double.IsInfinity(low) ? high : (low + high) / 2;
    }
}
