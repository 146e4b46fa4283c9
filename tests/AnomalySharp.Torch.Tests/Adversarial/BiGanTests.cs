using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Reconstruction;
using AnomalySharp.Torch.Detectors.Adversarial;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Adversarial;

public class BiGanTests
{
    private static readonly AdversarialArchitecture Small = new() { Shape = new SampleShape(6), Latent = 3, Width = 16, Seed = 3 };

    [Fact]
    public void The_discriminator_looks_at_the_sample_and_at_the_code()
    {
        PairModel critic = Small.CreatePairCritic(0, FeatureNormalization.None);
        using TorchNetwork network = critic.Network;
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(1, 60), 10, 6), z = tensor(FiniteDifferences.Normal(2, 30), 10, 3);
        Tensor judged = critic.Module.Judge(x, z);

        // Every pair changes when its partner is another one's.
        Assert.True((critic.Module.Judge(x.roll(1, 0), z) - judged).abs().min().Number() > 1e-4f);
        Assert.True((critic.Module.Judge(x, z.roll(1, 0)) - judged).abs().min().Number() > 1e-4f);
        Assert.Equal(10, Judge(network, x, z).Length);
    }

    [Fact]
    public void A_picture_and_its_code_behind_it_are_judged_as_the_pair()
    {
        PairModel critic = (Small with { Shape = new SampleShape(2, 8, 8), Width = 4 }).CreatePairCritic(0.2, FeatureNormalization.Batch);
        using TorchNetwork network = critic.Network;
        network.Enter(training: false);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(1, 16 * 128), 16, 2, 8, 8), z = tensor(FiniteDifferences.Normal(2, 48), 16, 3);
        float[] expected = TorchNetwork.Floats(critic.Module.Judge(x, z).contiguous()).ToArray(), judged = Judge(network, x, z);

        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], judged[i], 1e-5f);
    }

    [Fact]
    public void Reconstructions_come_nearer_in_training_and_the_losses_are_reported()
    {
        List<FitProgress> history = [];
        using Detector detector = new BiGanOptions { Latent = 2, Width = 32, Epochs = 60, LearningRate = 1e-3, Patience = 0 }.CreateDetector();
        detector.Fit(BrokenDependence.Training(1), new FitContext { Seed = 1, Progress = new Recorder(history) });

        double first = history.Take(5).Average(step => step.ValidationLoss!.Value);
        double last = history.TakeLast(5).Average(step => step.ValidationLoss!.Value);
        Assert.True(last < 0.8 * first, $"|x − G(E(x))| was {first:F3} and is {last:F3}.");
        Assert.All(
            ["discriminator", "generator and encoder", "reconstruction ratio", "diversity", "gradient of the discriminator"],
            name => Assert.Contains(name, history[^1].Measures!.Keys));
        // 2·log 2 at the equilibrium.
        Assert.InRange(history[^1].Measures!["discriminator"], 0.3, 2);
    }

    [Fact]
    public void A_stochastic_encoder_draws_around_its_mean_and_scores_by_it()
    {
        BiGanPlayers players = new(Small.CreateGenerator(), Small.CreateFreeEncoder(6), Small.CreatePairCritic(0, FeatureNormalization.None));
        using TorchNetwork generator = players.Generator, encoder = players.Encoder.Network, critic = players.Critic.Network;
        LatentNoise noise = new(LatentPrior.Normal, 3, 1);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(FiniteDifferences.Normal(1, 6), 1, 6).expand(4000, 6), drawn = players.Draw(x, noise, 0), mean = players.Encode(x)[0];
        Tensor deviation = (players.Encoder.Module.call(x)[0].narrow(0, 3, 3) / 2).exp();

        for (int j = 0; j < 3; j++)
        {
            double expected = deviation[j].Number();
            Assert.Equal(mean[j].Number(), drawn.select(1, j).mean().Number(), 4 * expected / Math.Sqrt(4000));
            Assert.InRange(drawn.select(1, j).std().Number() / expected, 0.95, 1.05);
        }
    }

    [Theory]
    [InlineData(BiGanScore.FeatureMatching, BiGanEncoder.Stochastic)]
    [InlineData(BiGanScore.CrossEntropy, BiGanEncoder.Deterministic)]
    [InlineData(BiGanScore.ReconstructionCrossEntropy, BiGanEncoder.Deterministic)]
    public void The_discriminators_part_of_the_score_has_its_weight(BiGanScore score, BiGanEncoder encoder)
    {
        float[] residual = Scores(0), both = Scores(0.5), judged = Scores(1);

        for (int i = 0; i < residual.Length; i++) Assert.Equal((residual[i] + judged[i]) / 2, both[i], 1e-3f * Math.Abs(both[i]));
        Assert.Contains(Enumerable.Range(0, residual.Length), i => Math.Abs(residual[i] - judged[i]) > 0.01);

        float[] Scores(double weight)
        {
            BiGanOptions options = new() { Latent = 2, Width = 16, Epochs = 2, Score = score, Encoder = encoder, CriticWeight = weight };
            using Detector detector = options.CreateDetector();
            detector.Fit(BrokenDependence.Training(1), new FitContext { Seed = 1 });
            return detector.Score(BrokenDependence.Test(1).Slice(480, 40));
        }
    }

    [Fact]
    public void Averages_follow_the_weights_and_forget_the_first_ones_at_once()
    {
        using TorchNetwork trained = Small.CreateGenerator(), mean = (Small with { Seed = 4 }).CreateGenerator();
        WeightAverage average = new(trained, mean, 0.99);
        float start = mean.Parameters.Values[0], target = trained.Parameters.Values[0];
        average.Step(0);
        Assert.Equal(target + (0.1f * (start - target)), mean.Parameters.Values[0], 1e-6f);
        float before = mean.Parameters.Values[0];
        average.Step(1_000_000);
        Assert.Equal(target + (0.99f * (before - target)), mean.Parameters.Values[0], 1e-6f);
    }

    private static float[] Judge(TorchNetwork network, Tensor x, Tensor z)
    {
        float[] output = new float[x.size(0)];
        network.Infer(TorchNetwork.Floats(cat([x.flatten(1), z], 1).contiguous()), output.Length, output);
        return output;
    }

    private sealed class Recorder(List<FitProgress> history) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => history.Add(value);
    }
}
