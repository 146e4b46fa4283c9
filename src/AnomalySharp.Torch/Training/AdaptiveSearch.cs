using System.Numerics;
using AnomalySharp.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// ADGAN's search (Deecke et al., ECML PKDD 2018): for each sample x and each of several starts, k steps of Adam on ‖x − G_θ(z)‖² over the code z and
/// over a copy of the generator's weights θ, which begins anew with every sample and start.
/// </summary>
/// <remarks>As in <see cref="LatentSearch"/>, samples are searched for at once and each for itself.</remarks>
/// <param name="generator">G, in the mode for use.</param>
/// <param name="noise">The prior.</param>
internal sealed class AdaptiveSearch(GeneratorModule generator, LatentNoise noise)
{
    // Copies of the weights at once: few enough to stay in the cache, and so that what a step allocates and frees, several times as much, does not
    // leave the allocator with hundreds of megabytes of gaps.
    private const int MostValues = 1 << 16;

    private const double Beta1 = 0.5, Beta2 = 0.999, Epsilon = 1e-8;

    /// <summary>k.</summary>
    public required int Steps { get; init; }

    /// <summary>Starts.</summary>
    public required int Restarts { get; init; }

    /// <summary>Step size for z.</summary>
    public required double CodeRate { get; init; }

    /// <summary>Step size for θ; 0: the weights stay.</summary>
    public required double WeightRate { get; init; }

    /// <summary>What was found.</summary>
    /// <param name="Losses">Mean over the starts of the mean of (x − G_θ(z))² at the end, <c>[n]</c>.</param>
    /// <param name="Residuals">Mean over the starts of |x − G_θ(z)|, of the samples' shape.</param>
    /// <param name="Codes">z of the start that came nearest, <c>[n, k]</c>.</param>
    internal readonly record struct Found(Tensor Losses, Tensor Residuals, Tensor Codes);

    /// <summary>Searches for a batch.</summary>
    public Found Run(Tensor x)
    {
        Found[] parts = [.. x.split(Together((int)x.size(0))).Select(RunTogether)];
        return new Found(
            cat([.. parts.Select(part => part.Losses)]), cat([.. parts.Select(part => part.Residuals)]), cat([.. parts.Select(part => part.Codes)]));
    }

    /// <summary>Samples whose copies are adapted at once: a power of two, so that blocks of samples fall into parts of one size.</summary>
    private int Together(int count)
    {
        if (WeightRate <= 0) return count;
        long weights = Math.Max(1, generator.parameters().Sum(parameter => parameter.numel()));
        return Math.Min(count, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, MostValues / weights) + 1) / 2);
    }

    private Found RunTogether(Tensor x)
    {
        Tensor losses = zeros(x.size(0), device: x.device), residuals = zeros_like(x);
        Tensor? best = null, codes = null;
        for (int start = 0; start < Restarts; start++)
        {
            // All that a start needs goes with it: a copy of the weights per sample is large.
            using DisposeScope scope = NewDisposeScope();
            (Tensor z, Tensor drawn) = Descend(x, start);
            using IDisposable noGradient = no_grad();
            Tensor loss = PerSample.SquareMean(x, drawn);
            losses.add_(loss.Over(Restarts), KeptScalar.Of(1));
            residuals.add_((x - drawn).abs().Over(Restarts), KeptScalar.Of(1));
            Tensor? nearer = best is null ? null : loss < best;
            codes = (nearer is null ? z.detach() : where(nearer.unsqueeze(1), z, codes!)).MoveToOuterDisposeScope();
            best = (nearer is null ? loss : where(nearer, loss, best!)).MoveToOuterDisposeScope();
        }
        return new Found(losses, residuals, codes!);
    }

    private (Tensor Code, Tensor Drawn) Descend(Tensor x, int start)
    {
        Tensor z = noise.Draw(1, -3 - start, x.device).expand(x.size(0), noise.Size).contiguous().requires_grad_();
        OwnWeights? weights = WeightRate > 0 ? new OwnWeights(generator, (int)x.size(0)) : null;
        Tensor[] moved = weights is null ? [z] : [z, weights.Values];
        (Tensor First, Tensor Second)[] moments = [.. moved.Select(tensor => (zeros_like(tensor), zeros_like(tensor)))];
        for (int step = 1; step <= Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            IList<Tensor> gradients;
            // Of the sum over the batch: each sample's gradient is its own.
            using (enable_grad()) gradients = autograd.grad([PerSample.SquareMean(x, Draw(z, weights)).sum()], moved);
            using IDisposable noGradient = no_grad();
            for (int i = 0; i < moved.Length; i++)
            {
                (Tensor gradient, Tensor first, Tensor second) = (gradients[i], moments[i].First, moments[i].Second);
                first.mul_(KeptScalar.Of(Beta1)).add_(gradient, KeptScalar.Of(1 - Beta1));
                second.mul_(KeptScalar.Of(Beta2)).addcmul_(gradient, gradient, KeptScalar.Of(1 - Beta2));
                // In the gradient's memory, which is as large as all copies together.
                using Scalar correction = KeptScalar.Once(1 - Math.Pow(Beta2, step));
                Tensor root = gradient.copy_(second).div_(correction).sqrt_().add_(KeptScalar.Of(Epsilon), KeptScalar.Of(1));
                using Scalar size = KeptScalar.Once(-(i == 0 ? CodeRate : WeightRate) / (1 - Math.Pow(Beta1, step)));
                moved[i].addcdiv_(first, root, size);
            }
            if (noise.Prior == LatentPrior.Uniform) z.clamp_(KeptScalar.Of(-1), KeptScalar.Of(1));
        }
        using (no_grad()) return (z, Draw(z, weights));
    }

    private Tensor Draw(Tensor z, OwnWeights? weights) => weights is null ? generator.call(z) : weights.Run(generator, z);
}
