using AnomalySharp.Tests.Contract;
using AnomalySharp.Tests.Reconstruction;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Training;

/// <summary>A WGAN with gradient penalty that is trained on rows of broken dependence, and encoders that are trained on it.</summary>
public class PenalizedGameTests
{
    private const int Batch = 100, Steps = 3000, EncoderSteps = 1200;

    private static readonly AdversarialArchitecture Architecture =
        new() { Shape = new SampleShape(BrokenDependence.Features), Latent = 4, Width = 64, Seed = 3 };

    private static readonly Lazy<Played> Game = new(Played.Train);

    [Fact]
    public void The_distance_of_the_distributions_falls_and_the_critics_slope_between_them_is_one()
    {
        Played game = Game.Value;
        Assert.True(game.Last < game.First / 5, $"The distance was {game.First:F3} and is {game.Last:F3}.");
        Assert.InRange(game.Slope, 0.9, 1.1);
    }

    /// <summary>What f-AnoGAN's three encoders leave over; ziz, which sees no real sample, gives real ones back less well.</summary>
    [Fact]
    public void Every_encoder_finds_broken_dependence_and_izi_gives_normal_samples_back_better_than_ziz()
    {
        Played game = Game.Value;
        (double izi, double iziAuc) = game.Encode((training, batch, optimizer) => training.SampleStep(batch, 0, optimizer));
        (_, double iziFAuc) = game.Encode((training, batch, optimizer) => training.SampleStep(batch, 1, optimizer));
        LatentNoise noise = new(LatentPrior.Normal, Architecture.Latent, 17);
        (double ziz, double zizAuc) = game.Encode((training, batch, optimizer) => training.CodeStep(batch, noise, optimizer));
        double critic = game.CriticAuc();
        TestContext.Current.SendDiagnosticMessage(
            "ROC AUC izi {0:F3}, izi_f {1:F3}, ziz {2:F3}, critic {3:F3}; residual izi {4:F4}, ziz {5:F4}",
            iziAuc, iziFAuc, zizAuc, critic, izi, ziz);

        Assert.All([iziAuc, iziFAuc, zizAuc], auc => Assert.InRange(auc, 0.97, 1));
        Assert.True(critic < Math.Min(iziAuc, Math.Min(iziFAuc, zizAuc)), $"The critic alone: {critic:F3}");
        Assert.True(izi < ziz, $"Normal samples are left over by izi {izi:F4}, by ziz {ziz:F4}.");
    }

    /// <summary>For G(z) = Az with an A that can be inverted, izi leads to E = A⁻¹.</summary>
    [Fact]
    public void The_encoder_of_an_invertible_linear_generator_becomes_its_inverse()
    {
        Random random = new(1);
        using TorchNetwork generator = new(new Turn(), new SampleShape(2), 2);
        FeatureNetwork module = new(new Same(), 2, bounded: false, random);
        using TorchNetwork encoder = new(module, new SampleShape(2), 2);
        FeatureModel model = new(module, encoder);
        EncoderTraining training = new(generator, model, model);
        Optimizer optimizer = Optimizer.RmsProp([encoder], 1e-2);
        LatentNoise noise = new(LatentPrior.Normal, 2, 3);
        float[] x = new float[2 * Batch];
        for (int step = 0; step < 1500; step++)
        {
            if (step == 1000) optimizer = Optimizer.RmsProp([encoder], 1e-4);
            generator.Infer(noise.Values(Batch, step), Batch, x);
            training.SampleStep(new TrainingBatch { Values = x, Rows = new int[Batch], Step = step }, 0, optimizer);
        }

        float[] z = noise.Values(20, -1), drawn = new float[40], found = new float[40];
        generator.Infer(z, 20, drawn);
        encoder.Infer(drawn, 20, found);
        for (int i = 0; i < z.Length; i++) Assert.Equal(z[i], found[i], 0.02f);
    }

    /// <param name="Generator">G.</param>
    /// <param name="Critic">D.</param>
    /// <param name="First">E[D(x)] − E[D(G(z))] in the first steps, once D has learnt something.</param>
    /// <param name="Last">The same at the end.</param>
    /// <param name="Slope">Mean ‖∇D‖ between real and drawn samples at the end.</param>
    private sealed record Played(TorchNetwork Generator, FeatureModel Critic, double First, double Last, double Slope)
    {
        private static readonly Samples Real = BrokenDependence.Training(1);

        public static Played Train()
        {
            TorchNetwork generator = Architecture.CreateGenerator();
            FeatureModel critic = Architecture.CreateCritic(FeatureNormalization.None);
            LatentNoise noise = new(LatentPrior.Normal, Architecture.Latent, 5);
            WassersteinGame game = new(generator, critic, noise, 5, network => Optimizer.Adam([network], 1e-3, 0, 0.9), penalty: 10);
            List<double> distances = [];
            for (int step = 0; step < Steps; step++)
            {
                game.Step(BatchAt(step));
                if (step % 100 == 99) distances.Add(game.Measures.EndEpoch()["distance"]);
            }
            return new Played(generator, critic, distances[0], distances[^5..].Average(), SlopeOf(generator, critic, noise));
        }

        /// <summary>A trained encoder: the mean of (x − G(E(x)))² of normal samples, and the ROC AUC of A_R + A_D.</summary>
        public (double Residual, double RocAuc) Encode(Func<EncoderTraining, TrainingBatch, Optimizer, double> step)
        {
            FeatureModel encoder = Architecture.CreateEncoder();
            using TorchNetwork owned = encoder.Network;
            EncoderTraining training = new(Generator, Critic, encoder);
            Optimizer optimizer = Optimizer.RmsProp([encoder.Network], 1e-3, 0.9);
            for (int i = 0; i < EncoderSteps; i++) step(training, BatchAt(i), optimizer);
            Samples test = BrokenDependence.Test(1);
            foreach (TorchNetwork network in (ReadOnlySpan<TorchNetwork>)[Generator, Critic.Network, encoder.Network]) network.Enter(training: false);
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            Tensor x = encoder.Network.Import(test.Values.Span, test.Count);
            float[] scores = TorchNetwork.Floats(training.Terms(x, 1)).ToArray();
            return (training.Terms(x.narrow(0, 0, 500), 0).mean().Number(), EasyData.RocAuc(scores, test.Labels!));
        }

        /// <summary>The ROC AUC of −D(x), A_D of the paper's table.</summary>
        public double CriticAuc()
        {
            Samples test = BrokenDependence.Test(1);
            float[] judged = new float[test.Count];
            Critic.Network.Infer(test.Values.Span, test.Count, judged);
            return EasyData.RocAuc(judged.Select(value => -value).ToArray(), test.Labels!);
        }

        private static TrainingBatch BatchAt(int step) =>
            new() { Values = Real.Slice(step % 10 * Batch, Batch).Values.Span, Rows = new int[Batch], Step = step };

        private static double SlopeOf(TorchNetwork generator, FeatureModel critic, LatentNoise noise)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor real = critic.Network.Import(Real.Values.Span, Real.Count), fake, share = noise.Shares(Real.Count, -9, real.device).unsqueeze(1);
            using (no_grad()) fake = generator.Module.call(noise.Draw(Real.Count, -8, real.device));
            Tensor between = ((share * real) + ((1 - share) * fake)).detach().requires_grad_();
            return autograd.grad([critic.Module.call(between).sum()], [between])[0].square().sum(1).sqrt().mean().Number();
        }
    }

    /// <summary>A = ((2, 1), (−0.5, 1)).</summary>
    private sealed class Turn : nn.Module<Tensor, Tensor>
    {
        public Turn() : base("turn") => register_parameter("turned", nn.Parameter(tensor([2f, -0.5f, 1f, 1f], 2, 2)));

        public override Tensor forward(Tensor code) => code.matmul(get_parameter("turned")!);
    }

    private sealed class Same() : FeatureTrunk("same")
    {
        public override int Width => 2;

        public override Tensor forward(Tensor input) => input;
    }
}
