using AnomalySharp.Detectors.Reconstruction;
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
