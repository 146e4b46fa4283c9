using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;

namespace AnomalySharp.Torch.Tests.Training;

public class CriticSeparationTests
{
    private static readonly Samples Training = new(FiniteDifferences.Normal(1, 64 * 4), new SampleShape(4));

    private static TorchNetwork Critic(int seed) =>
        new AdversarialArchitecture { Shape = new SampleShape(4), Latent = 2, Width = 8, Seed = seed }.CreateCritic(FeatureNormalization.None).Network;

    /// <summary>A last batch of one has no deviation: its figure must not drown those of whole batches.</summary>
    [Fact]
    public void The_figure_of_few_samples_is_bounded()
    {
        using TorchNetwork critic = Critic(3);
        double figure = new CriticSeparation(critic, TrainingRange.Of(Training)).Of(Training.Slice(0, 1).Values.Span, 1);
        Assert.Equal(10, Math.Abs(figure), 1e-3);
    }

    [Fact]
    public void A_critic_that_is_turned_over_has_the_opposite_figure()
    {
        using TorchNetwork critic = Critic(3);
        CriticSeparation separation = new(critic, TrainingRange.Of(Training));
        double figure = separation.Of(Training.Values.Span, Training.Count);
        // The last layer's weights, before its bias: the sign of D.
        Span<float> last = critic.Parameters.Values[critic.Weights[^1]];
        for (int i = 0; i < last.Length; i++) last[i] = -last[i];
        Assert.Equal(-figure, separation.Of(Training.Values.Span, Training.Count), 1e-4);
    }
}
