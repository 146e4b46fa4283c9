using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Training;

/// <summary>With a linear generator, whose best codes are known.</summary>
public class LatentSearchTests
{
    private readonly Tensor _weights;

    public LatentSearchTests()
    {
        TorchRuntime.Prepare();
        _weights = tensor(FiniteDifferences.Normal(3, 3 * 12), 3, 12);
    }

    private LatentSearch Search(int steps, int restarts = 1, double featureWeight = 0.1, LatentPrior prior = LatentPrior.Normal) =>
        new(z => z.matmul(_weights), x => x.square(), new LatentNoise(prior, 3, 5))
        {
            Steps = steps,
            LearningRate = 0.05,
            FeatureWeight = featureWeight,
            Restarts = restarts,
        };

    [Fact]
    public void A_sample_that_can_be_drawn_is_found()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor codes = tensor(FiniteDifferences.Normal(4, 5 * 3), 5, 3), x = codes.matmul(_weights);
        LatentSearch.Found found = Search(600).Run(x);
        Assert.True((found.Codes - codes).abs().max().Number() < 0.02);
        Assert.True(found.Losses.max().Number() < 0.02 * Search(0).Run(x).Losses.min().Number());
    }

    [Fact]
    public void More_steps_and_more_starts_find_what_is_nearer()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(6, 16 * 12), 16, 12);
        double[] after = [.. Enumerable.Range(0, 4).Select(i => i * i * 30).Select(steps => Search(steps).Run(x).Losses.mean().Number())];
        Assert.True(after[0] > after[1] && after[1] > after[2] && after[2] > after[3], string.Join(", ", after));
        Tensor once = Search(30).Run(x).Losses, thrice = Search(30, restarts: 3).Run(x).Losses;
        Assert.True((thrice <= once).all().item<bool>());
        Assert.True((thrice < once).any().item<bool>());
    }

    [Fact]
    public void What_is_found_for_a_sample_depends_on_it_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(7, 8 * 12), 8, 12), others = x.clone();
        others.narrow(0, 1, 7).mul_(-50);
        LatentSearch.Found first = Search(40).Run(x), second = Search(40).Run(others);
        Assert.Equal(first.Codes[0].data<float>().ToArray(), second.Codes[0].data<float>().ToArray());
        Assert.NotEqual(first.Codes[1].data<float>().ToArray(), second.Codes[1].data<float>().ToArray());
    }

    [Fact]
    public void The_loss_weighs_sums_of_values_and_of_features()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(8, 2 * 12), 2, 12);
        LatentSearch.Found values = Search(0, featureWeight: 0).Run(x), both = Search(0, featureWeight: 0.1).Run(x);
        LatentSearch.Found features = Search(0, featureWeight: 1).Run(x);
        Assert.Equal((x - values.Samples).abs().sum(1).data<float>().ToArray(), values.Losses.data<float>().ToArray());
        Tensor expected = (0.9 * values.Losses) + (0.1 * features.Losses);
        Assert.True((expected - both.Losses).abs().max().Number() < 1e-4);
    }

    [Fact]
    public void Codes_of_a_uniform_prior_stay_within_it()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(9, 4 * 12), 4, 12) * 100;
        Assert.True(Search(100, prior: LatentPrior.Uniform).Run(x).Codes.abs().max().Number() <= 1);
        Assert.True(Search(100).Run(x).Codes.abs().max().Number() > 1);
    }
}
