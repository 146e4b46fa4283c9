using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Evaluation;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;

namespace AnomalySharp.Torch.Tests.Networks;

/// <summary>The detector that tables use, on pictures.</summary>
public class PictureAutoencoderTests
{
    [Fact]
    public void The_autoencoder_finds_the_picture_with_a_defect_and_where_it_is_and_survives_saving()
    {
        AutoencoderOptions options = new() { Epochs = 15, BatchSize = 32, Hidden = [8, 16], Latent = 8, LearningRate = 3e-3, Patience = 0 };
        Samples pictures = Gratings(160);
        using Detector detector = options.CreateDetector(), loaded = options.CreateDetector();
        detector.Fit(pictures, new FitContext());
        float[] broken = [.. pictures[3]];
        for (int y = 4; y < 8; y++) for (int x = 9; x < 13; x++) broken[y * 16 + x] = -broken[y * 16 + x] + 1.5f;
        Samples odd = new(broken, pictures.Shape);
        Assert.True(detector.Score(odd)[0] > detector.Score(pictures).Max());
        float[] attribution = detector.Attribute(odd).Values.ToArray();
        int peak = Array.IndexOf(attribution, attribution.Max());
        Assert.InRange(peak / 16, 4, 7);
        Assert.InRange(peak % 16, 9, 12);
        using MemoryStream file = new();
        SafeTensors.Write(file, detector.GetState());
        file.Position = 0;
        loaded.SetState(SafeTensors.Read(file), pictures.Shape);
        Assert.Equal(detector.Score(pictures), loaded.Score(pictures));
    }

    [Fact]
    public void Default_options_train_on_pictures()
    {
        Samples pictures = Gratings(40);
        using Detector detector = new AutoencoderOptions { Epochs = 1 }.CreateDetector(), loaded = new AutoencoderOptions().CreateDetector();
        detector.Fit(pictures, new FitContext());
        using MemoryStream file = new();
        SafeTensors.Write(file, detector.GetState());
        file.Position = 0;
        loaded.SetState(SafeTensors.Read(file), pictures.Shape);
        Assert.Equal(detector.Score(pictures), loaded.Score(pictures));
    }

    [Fact]
    public void The_contractive_penalty_contracts_a_convolutional_encoder()
    {
        Samples pictures = Gratings(120);
        ContractiveAutoencoderOptions options = new()
        {
            Epochs = 12,
            BatchSize = 32,
            Hidden = [8, 16],
            Latent = 8,
            LearningRate = 3e-3,
            Patience = 0,
        };
        double free = MeanNorm(options with { PenaltyWeight = 0 }, pictures), contracted = MeanNorm(options with { PenaltyWeight = 10 }, pictures);
        Assert.True(contracted < 0.7 * free, $"{contracted} with the penalty, {free} without.");
    }

    [Theory]
    [InlineData(LikelihoodKind.Gaussian, 40)]
    [InlineData(LikelihoodKind.Bernoulli, 20)]
    public void A_convolutional_variational_autoencoder_of_bars_sees_that_blobs_are_none(LikelihoodKind likelihood, int epochs)
    {
        VariationalAutoencoderOptions options = new()
        {
            Likelihood = likelihood,
            Epochs = epochs,
            BatchSize = 32,
            Hidden = [8, 16],
            Latent = 4,
            LearningRate = 5e-3,
            Patience = 0,
        };
        using Detector detector = options.CreateDetector();
        detector.Fit(Shapes(1, 320, 0), new FitContext { Seed = 1 });
        Samples test = Shapes(2, 100, 100);
        Assert.InRange(RocAuc(detector.Score(test), test), 0.95, 1);
        // As bright as each other: how bright a picture is tells nothing.
        float[] brightness = [.. Enumerable.Range(0, test.Count).Select(i => test[i].ToArray().Sum())];
        Assert.InRange(RocAuc(brightness, test), 0.35, 0.65);
    }

    private static double RocAuc(float[] scores, Samples samples) => DetectionMetrics.Compute(scores, samples.Labels!, 0).RocAuc;

    /// <summary>Mean of ‖J‖²_F of the trained encoder over three pictures, from what each pixel's own small change does to the code.</summary>
    private static double MeanNorm(ContractiveAutoencoderOptions options, Samples pictures)
    {
        const int Count = 3;
        const float Step = 0.01f;
        using Detector detector = options.CreateDetector();
        detector.Fit(pictures, new FitContext { Seed = 1 });
        using AutoencoderNetworks networks = AutoencoderNetworks.Create(new AutoencoderArchitecture
        {
            Shape = pictures.Shape,
            Hidden = options.Hidden,
            Latent = 8,
            CodeActivation = options.CodeActivation,
        });
        networks.ReadState(detector.GetState());
        int pixels = pictures.Shape.Length;
        double sum = 0;
        for (int i = 0; i < Count; i++)
        {
            float[] moved = new float[(1 + pixels) * pixels], codes = new float[(1 + pixels) * 8];
            for (int p = 0; p <= pixels; p++) pictures[i].CopyTo(moved.AsSpan(p * pixels));
            for (int p = 0; p < pixels; p++) moved[(1 + p) * pixels + p] += Step;
            networks.Encoder.Infer(moved, 1 + pixels, codes);
            for (int j = 8; j < codes.Length; j++) sum += Math.Pow((codes[j] - codes[j % 8]) / Step, 2);
        }
        return sum / Count;
    }

    /// <summary>
    /// Soft bars across the picture at some height, and blobs (labelled 1): 12×12 pixels, as many bright ones, and noise; what differs is how they
    /// hang together.
    /// </summary>
    private static Samples Shapes(int seed, int bars, int blobs)
    {
        const int Side = 12;
        Random random = new(seed);
        float[] values = new float[(bars + blobs) * Side * Side];
        for (int i = 0; i < bars + blobs; i++)
        {
            double row = 3 + random.NextDouble() * 5, column = 4 + random.NextDouble() * 3, strength = 0.7 + 0.2 * random.NextDouble();
            for (int p = 0; p < Side * Side; p++)
            {
                double dy = p / Side - row, dx = p % Side - column;
                // A blob of radius 2.2 has the weight of a bar of width 1 over 12 columns: 2π·2.2² and √(2π)·12.
                double shape = i < bars ? Math.Exp(-dy * dy / 2) : Math.Exp(-(dy * dy + dx * dx) / (2 * 2.2 * 2.2));
                values[i * Side * Side + p] = (float)Math.Clamp(strength * shape + 0.1 * random.NextDouble(), 0, 1);
            }
        }
        byte[] labels = [.. Enumerable.Range(0, bars + blobs).Select(i => (byte)(i < bars ? 0 : 1))];
        return new Samples(values, new SampleShape(1, Side, Side), labels);
    }

    private static Samples Gratings(int count)
    {
        Random random = new(1);
        float[] values = new float[count * 256];
        for (int i = 0; i < count; i++)
        {
            double phase = random.NextDouble() * 6, slope = random.NextDouble() * 0.4;
            for (int p = 0; p < 256; p++) values[i * 256 + p] = (float)(0.5 + 0.5 * Math.Sin(p % 16 * 0.5 + p / 16 * slope + phase));
        }
        return new Samples(values, new SampleShape(1, 16, 16));
    }
}
