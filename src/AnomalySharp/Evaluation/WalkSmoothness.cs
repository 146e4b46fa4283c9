using System.Numerics.Tensors;

namespace AnomalySharp.Evaluation;

/// <summary>
/// How evenly samples change along a walk between two codes: f-AnoGAN (Schlegl et al. 2019) shows by such walks that its generator did not learn the
/// training samples by heart, between which it would jump.
/// </summary>
public static class WalkSmoothness
{
    /// <summary>
    /// The longest step by the mean step, max ‖xᵢ₊₁ − xᵢ‖ / mean ‖xᵢ₊₁ − xᵢ‖: 1 where all steps are equal, or nothing changes; their
    /// number where there is a single jump.
    /// </summary>
    /// <param name="walk">At least two samples, in the order of the walk.</param>
    /// <exception cref="DataException">Fewer than two samples.</exception>
    public static double Of(Samples walk)
    {
        if (walk.Count < 2)
        {
            throw new DataException($"A walk has at least two samples, and there {(walk.Count == 1 ? "is 1" : $"are {walk.Count}")}.");
        }
        double longest = 0, sum = 0;
        for (int i = 1; i < walk.Count; i++)
        {
            double step = TensorPrimitives.Distance(walk[i - 1], walk[i]);
            longest = Math.Max(longest, step);
            sum += step;
        }
        return sum > 0 ? longest * (walk.Count - 1) / sum : 1;
    }
}
