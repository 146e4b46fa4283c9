using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Tests.Reconstruction;
using AnomalySharp.Torch.Detectors.Adversarial;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;

namespace AnomalySharp.Torch.Tests.Adversarial;

public class AdversarialAutoencoderTests
{
    [Fact]
    public void Codes_come_to_look_like_the_prior_and_reconstructions_like_the_samples()
    {
        AdversarialArchitecture architecture = new() { Shape = new SampleShape(BrokenDependence.Features), Latent = 2, Width = 32, Seed = 3 };
        FeatureModel model = architecture.CreateFreeEncoder(2);
        using TorchNetwork generator = architecture.CreateGenerator(), encoder = model.Network;
        using TorchNetwork critic = (architecture with { Shape = new SampleShape(2) }).CreateCritic(FeatureNormalization.None).Network;
        AdversarialAutoencoderOptions options = new() { LearningRate = 2e-3 };
        AdversarialAutoencoderGame game = new(generator, encoder, critic, new LatentNoise(LatentPrior.Normal, 2, 1), options);
        Samples samples = BrokenDependence.Training(1);
        double before = Spread(), first = 0, last = 0;
        for (int step = 0; step < 600; step++)
        {
            TrainingBatch batch = new() { Values = samples.Slice(step % 10 * 100, 100).Values.Span, Rows = new int[100], Step = step };
            last = game.Step(batch);
            if (step == 0) first = last;
        }

        Assert.True(last < first / 4, $"The error was {first:F4} and is {last:F4}.");
        Assert.InRange(Spread(), 0.7, 1.3);
        Assert.False(before is > 0.7 and < 1.3, $"The spread was {before:F2} without training.");

        double Spread()
        {
            float[] codes = new float[2 * samples.Count];
            encoder.Infer(samples.Values.Span, samples.Count, codes);
            return Math.Sqrt(codes.Average(value => (double)value * value));
        }
    }

    [Fact]
    public void What_breaks_the_dependence_of_columns_is_reconstructed_badly()
    {
        using Detector detector = new AdversarialAutoencoderOptions { Latent = 2, Width = 32, Epochs = 30, LearningRate = 3e-3 }.CreateDetector();
        detector.Fit(BrokenDependence.Training(1), new FitContext { Seed = 1 });
        Samples test = BrokenDependence.Test(1);

        Assert.InRange(EasyData.RocAuc(detector.Score(test), test.Labels!), 0.97, 1);
    }
}
