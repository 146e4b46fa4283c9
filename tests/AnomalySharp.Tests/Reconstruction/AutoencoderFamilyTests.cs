using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Tests.Training;
using AnomalySharp.Training;

namespace AnomalySharp.Tests.Reconstruction;

/// <summary>Behaviour on small data that theory foretells.</summary>
public class AutoencoderFamilyTests
{
    /// <summary>All data learnt from, to the end.</summary>
    private static T Thorough<T>(T options) where T : NetworkDetectorOptions => options with { ValidationFraction = 0, Patience = 0 };

    [Fact]
    public void The_linear_autoencoder_without_hidden_layers_leaves_the_sum_of_the_discarded_eigenvalues()
    {
        // Independent features: the eigenvalues of the covariance are the features' variances.
        float[] scale = [3, 2, 1, 0.5f, 0.25f];
        Samples samples = Whitened(5, 1000, scale);
        using Detector detector = Fit(
            Thorough(new AutoencoderOptions { Hidden = [], Latent = 2, Epochs = 400, BatchSize = 1000, LearningRate = 0.02 }), samples);
        double left = 1 + 0.25 + 0.0625;
        Assert.Equal(left, detector.Score(samples).Average() * 5, 1e-3 * left);
        // Tied weights find the same plane.
        using Detector tied = Fit(
            Thorough(new AutoencoderOptions { Hidden = [], Latent = 2, Epochs = 400, BatchSize = 1000, LearningRate = 0.02, TiedWeights = true }), samples);
        Assert.Equal(left, tied.Score(samples).Average() * 5, 1e-3 * left);
    }

    [Fact]
    public void The_linear_masking_autoencoder_becomes_the_closed_form_of_marginalised_noise()
    {
        const int D = 2, Count = 2000;
        const double Correlation = 0.8, Kept = 0.7;
        Samples samples = Whitened(D, Count, [1, 1]);
        float[] values = samples.Values.ToArray();
        for (int i = 0; i < Count; i++) values[2 * i + 1] = (float)(Correlation * values[2 * i] + Math.Sqrt(1 - Correlation * Correlation) * values[2 * i + 1]);
        samples = new Samples(values, new SampleShape(D));
        using Detector detector = Fit(Thorough(new DenoisingAutoencoderOptions
        {
            Hidden = [],
            Latent = D,
            NoiseLevel = 1 - Kept,
            Epochs = 1500,
            BatchSize = Count,
            LearningRate = 3e-3,
        }), samples);
        // W = P·Q⁻¹ with C = [[1, c], [c, 1]], q the share kept, P = qC, Q = q²C off the diagonal and qC on it.
        double[,] w = Product(detector.GetState(), D);
        double offDiagonal = Kept * Correlation, determinant = 1 - offDiagonal * offDiagonal;
        double own = (1 - Correlation * offDiagonal) / determinant, other = (Correlation - offDiagonal) / determinant;
        Assert.Equal(own, w[0, 0], 0.02);
        Assert.Equal(own, w[1, 1], 0.02);
        Assert.Equal(other, w[0, 1], 0.02);
        Assert.Equal(other, w[1, 0], 0.02);
    }

    [Fact]
    public void Gaussian_noise_teaches_the_shrinkage_that_is_best_for_normal_data()
    {
        Samples samples = Whitened(1, 2000, [2]);
        using Detector detector = Fit(Thorough(new DenoisingAutoencoderOptions
        {
            Corruption = CorruptionKind.Gaussian,
            NoiseLevel = 1,
            Hidden = [],
            Latent = 1,
            Epochs = 1500,
            BatchSize = 2000,
            LearningRate = 3e-3,
        }), samples);
        // s²/(s² + σ²) = 4/5.
        Assert.Equal(0.8, Product(detector.GetState(), 1)[0, 0], 0.015);
        // Clean x goes in at scoring: x of 2 comes back as 1.6, whose error is 0.16.
        Assert.Equal(0.16, detector.Score(new Samples(new float[] { 2 }, samples.Shape))[0], 0.03);
    }

    public static TheoryData<string> Methods => ["autoencoder", "denoising-autoencoder", "stacked-denoising-autoencoder", "sparse-autoencoder", "tied", "weight decay", "gaussian", "salt"];

    [Theory, MemberData(nameof(Methods))]
    public void Broken_dependence_between_features_that_each_look_right_is_found(string method)
    {
        Samples test = BrokenDependence.Test(1);
        NetworkDetectorOptions options = method switch
        {
            "autoencoder" => new AutoencoderOptions { Hidden = [32], Latent = 2 },
            "tied" => new AutoencoderOptions { Hidden = [32], Latent = 2, TiedWeights = true },
            "denoising-autoencoder" => new DenoisingAutoencoderOptions { Hidden = [32], Latent = 2, NoiseLevel = 0.25 },
            "gaussian" => new DenoisingAutoencoderOptions { Hidden = [32], Latent = 2, Corruption = CorruptionKind.Gaussian },
            "salt" => new DenoisingAutoencoderOptions { Hidden = [32], Latent = 2, Corruption = CorruptionKind.SaltAndPepper, NoiseLevel = 0.25 },
            "stacked-denoising-autoencoder" => new StackedDenoisingAutoencoderOptions { Hidden = [32], Latent = 4, FineTuningRate = 1 },
            "weight decay" => new SparseAutoencoderOptions { Penalty = SparsityPenalty.WeightDecay },
            _ => new SparseAutoencoderOptions(),
        };
        using Detector detector = Fit(options with { Epochs = 60, BatchSize = 100, LearningRate = 0.01 }, BrokenDependence.Training(1));
        float[] scores = detector.Score(test);
        Assert.InRange(EasyData.RocAuc(scores, test.Labels!), 0.98, 1);
        // Each feature for itself says nothing: the control.
        Assert.InRange(EasyData.RocAuc([.. Enumerable.Range(0, test.Count).Select(i => test[i].ToArray().Sum(Math.Abs))], test.Labels!), 0.4, 0.6);
    }

    [Theory, InlineData("autoencoder"), InlineData("robust-autoencoder")]
    public void A_code_wider_than_the_sample_is_allowed_and_warned_about(string method)
    {
        List<string> said = [];
        foreach ((int latent, bool warned) in ((int, bool)[])[(7, true), (6, false)])
        {
            DetectorOptions options = method == "autoencoder"
                ? new AutoencoderOptions { Latent = latent, Epochs = 1 }
                : new RobustAutoencoderOptions { Latent = latent, Epochs = 1 };
            using Detector detector = options.CreateDetector();
            detector.Fit(TrainingLoopTests.Data(3, 100), new FitContext { Warning = said.Add });
            if (warned) Assert.Contains($"{method}: the code has 7 units and a sample 6 values", Assert.Single(said), StringComparison.Ordinal);
            else Assert.Empty(said);
            said.Clear();
        }
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(70_000), InlineData(65_536)]
    public void A_state_with_a_width_that_was_altered_is_refused(int width)
    {
        AutoencoderOptions options = new() { Hidden = [16], Latent = 2, Epochs = 1 };
        using Detector detector = Fit(options, TrainingLoopTests.Data(3, 100));
        foreach (string name in (string[])["hidden", "latent"])
        {
            TensorState state = detector.GetState();
            state.Set<int>(name, [width]);
            using Detector other = options.CreateDetector();
            Assert.Contains("altered", Assert.Throws<ModelFileException>(() => other.SetState(state, new SampleShape(6))).Message, StringComparison.Ordinal);
        }
    }

    private static Detector Fit(DetectorOptions options, Samples samples)
    {
        Detector detector = options.CreateDetector();
        detector.Fit(samples, new FitContext { Seed = 3 });
        return detector;
    }

    /// <summary>Decoder times encoder of a detector without hidden layers.</summary>
    private static double[,] Product(TensorState state, int d)
    {
        float[] encoder = state.Get<float>("encoder.layer1.weight"), decoder = state.Get<float>("decoder.layer1.weight");
        double[,] product = new double[d, d];
        for (int i = 0; i < d; i++) for (int j = 0; j < d; j++) for (int k = 0; k < d; k++) product[i, j] += decoder[i * d + k] * encoder[k * d + j];
        return product;
    }

    /// <summary>Normal rows whose sample mean is 0 and whose sample covariance is exactly diag(scale²): Gram and Schmidt over the columns.</summary>
    private static Samples Whitened(int d, int count, float[] scale)
    {
        double[][] columns = [.. Enumerable.Range(0, d).Select(j => FiniteDifferences.Normal(90 + j, count).Select(value => (double)value).ToArray())];
        for (int j = 0; j < d; j++)
        {
            double mean = columns[j].Average();
            for (int i = 0; i < count; i++) columns[j][i] -= mean;
            for (int k = 0; k < j; k++)
            {
                double along = columns[j].Zip(columns[k], (a, b) => a * b).Average();
                for (int i = 0; i < count; i++) columns[j][i] -= along * columns[k][i];
            }
            double norm = Math.Sqrt(columns[j].Average(value => value * value));
            for (int i = 0; i < count; i++) columns[j][i] /= norm;
        }
        float[] values = new float[count * d];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(columns[i % d][i / d] * scale[i % d]);
        return new Samples(values, new SampleShape(d));
    }
}
