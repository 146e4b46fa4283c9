using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Training;

public class AdversarialLossTests
{
    public AdversarialLossTests() => TorchRuntime.Prepare();

    [Fact]
    public void Where_the_discriminator_cannot_tell_its_loss_is_twice_and_the_generators_once_the_logarithm_of_two()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor unsure = zeros(5);
        Assert.Equal(1.3862944, AdversarialLoss.Discriminator(unsure, unsure).Number(), 1e-6);
        Assert.Equal(0.6931472, AdversarialLoss.IsReal(unsure).Number(), 1e-6);
    }

    [Fact]
    public void Logits_far_out_cost_what_they_are_and_overflow_nowhere()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor([-1000f]);
        Assert.Equal(1000, AdversarialLoss.IsReal(logits).Number(), 1e-3);
        Assert.Equal(0, AdversarialLoss.IsFake(logits).Number(), 1e-6);
    }

    /// <summary>Three places: real samples are there 6, 3 and 1 times of ten, generated ones 2, 3 and 5 times.</summary>
    [Fact]
    public void The_best_discriminator_of_a_fixed_generator_is_p_over_p_plus_q()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor real = tensor([0L, 0, 0, 0, 0, 0, 1, 1, 1, 2]), fake = tensor([0L, 0, 1, 1, 1, 2, 2, 2, 2, 2]);
        Tensor logits = zeros(3);
        for (int step = 0; step < 400; step++)
        {
            Tensor at = logits.detach().requires_grad_();
            Tensor loss = AdversarialLoss.Discriminator(at.index_select(0, real), at.index_select(0, fake));
            logits = logits - (5 * autograd.grad([loss], [at])[0]);
        }
        float[] best = logits.sigmoid().data<float>().ToArray();
        Assert.Equal(6.0 / 8, best[0], 1e-3);
        Assert.Equal(3.0 / 6, best[1], 1e-3);
        Assert.Equal(1.0 / 6, best[2], 1e-3);
    }

    [Fact]
    public void Losses_of_samples_are_sums_and_means_over_their_own_values()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor([1f, 2, 3, 4, 0, 0, 0, 0], 2, 1, 2, 2), b = zeros_like(a);
        Assert.Equal([10, 0], PerSample.AbsoluteSum(a, b).data<float>().ToArray());
        Assert.Equal([2.5f, 0], PerSample.AbsoluteMean(a, b).data<float>().ToArray());
        Assert.Equal([7.5f, 0], PerSample.SquareMean(a, b).data<float>().ToArray());
    }

    [Fact]
    public void The_gradient_penalty_takes_one_norm_over_all_values_of_a_sample_at_one_point_on_its_way()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor slope = arange(12, ScalarType.Float32).view(1, 3, 2, 2) / 12, real = ones(4, 3, 2, 2), fake = zeros(4, 3, 2, 2);
        Tensor? at = null;
        Tensor shares = tensor([0f, 0.25f, 0.5f, 1f]);
        double penalty = GradientPenalty.Of(x => (at = x).mul(slope).flatten(1).sum(1), real, fake, shares, convolves: true).Number();
        double norm = Math.Sqrt(Enumerable.Range(0, 12).Sum(i => i * i / 144.0));
        Assert.Equal((norm - 1) * (norm - 1), penalty, 1e-5);
        // The last sample fills the batch up to 16, and has no part in the penalty.
        Assert.Equal([16L, 3, 2, 2], at!.shape);
        Assert.Equal(Enumerable.Range(0, 16 * 12).Select(i => shares[Math.Min(i / 12, 3)].item<float>()), at.contiguous().data<float>().ToArray());
        double ofOthers = GradientPenalty.Of(x => (at = x).mul(slope).flatten(1).sum(1), real, fake, tensor([0f, 0.25f, 0.5f, 0f]), convolves: false).Number();
        Assert.Equal(penalty, ofOthers, 1e-6);
        Assert.Equal([4L, 3, 2, 2], at.shape);
    }
}
