using System.Globalization;
using System.Numerics.Tensors;
using AnomalySharp.Optimization;

namespace AnomalySharp.Preprocessing;

/// <summary>Takes sparse noise out of training rows: X = L + S by robust PCA, and L is what is learnt from.</summary>
internal static class LowRankPart
{
    /// <summary>L of scaled samples, with their names, and what was done in one sentence or two.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static (Samples LowRank, string Note) Of(Samples samples, CancellationToken cancellation)
    {
        double[] values = new double[samples.Values.Length];
        TensorPrimitives.ConvertTruncating(samples.Values.Span, values);
        LowRankDecomposition split = PrincipalComponentPursuit.Solve(values, samples.Shape.Length, cancellation: cancellation);
        float[] low = new float[values.Length];
        TensorPrimitives.ConvertTruncating<double, float>(split.LowRank, low);
        double share = split.Sparse.Count(value => value != 0) / (double)split.Sparse.Length;
        string converged = split.Converged ? "" : string.Create(CultureInfo.InvariantCulture, $" It did not converge: the relative residual is {split.RelativeResidual:G3}.");
        return (
            samples.WithValues(low, samples.Shape, samples.FeatureNames),
            string.Create(
                CultureInfo.InvariantCulture,
                $"Robust PCA: the detector learnt from the low-rank part of the training rows, of rank {split.Rank}; {share:P1} of the values differ from it.{converged}"));
    }
}
