using AnomalySharp.Persistence;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Tests.Reconstruction;
using AnomalySharp.Torch.Detectors.Adversarial;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;

namespace AnomalySharp.Torch.Tests.Detectors;

public class AdversarialTests
{
    private static readonly FAnoGanOptions Tiny = new() { Epochs = 3, Width = 16, Latent = 4, BatchSize = 64, SearchSteps = 10 };

    private static readonly Samples Few = BrokenDependence.Training(1).Slice(0, 256);

    private static TensorState Trained(DetectorOptions options, Samples samples, out Detector detector, FitContext? context = null)
    {
        detector = options.CreateDetector();
        detector.Fit(samples, context ?? new FitContext { Seed = 1 });
        return detector.GetState();
    }

    private static TensorState Trained(DetectorOptions options)
    {
        TensorState state = Trained(options, Few, out Detector detector);
        detector.Dispose();
        return state;
    }

    private static void AssertEqual(TensorState a, TensorState b, string part)
    {
        Assert.NotEmpty(a.GetPart(part).Tensors);
        foreach ((string name, StoredTensor tensor) in a.GetPart(part).Tensors) Assert.Equal(tensor.Bytes, b.GetPart(part).Tensors[name].Bytes);
    }

    [Theory]
    [InlineData(FAnoGanEncoder.Izi)]
    [InlineData(FAnoGanEncoder.Ziz)]
    [InlineData(FAnoGanEncoder.IziF)]
    public void Training_the_encoder_leaves_generator_and_critic_as_they_were_bit_for_bit(FAnoGanEncoder encoder)
    {
        TensorState stage1 = Trained(Tiny with { Encoder = FAnoGanEncoder.Iterative }), both = Trained(Tiny with { Encoder = encoder });
        AssertEqual(stage1, both, "generator");
        AssertEqual(stage1, both, "critic");
        Assert.Empty(stage1.GetPart("encoder").Tensors);
    }

    [Fact]
    public void Without_a_weight_of_features_iziF_is_izi()
    {
        TensorState izi = Trained(Tiny with { Encoder = FAnoGanEncoder.Izi, Kappa = 0 }), iziF = Trained(Tiny with { Kappa = 0 });
        AssertEqual(izi, iziF, "encoder");
        TensorState weighted = Trained(Tiny with { Kappa = 1 });
        const string Weights = "encoder.head.layer.weight";
        Assert.NotEqual(izi.Get<float>(Weights), weighted.Get<float>(Weights));
    }

    [Fact]
    public void Ziz_looks_at_no_real_sample()
    {
        AdversarialArchitecture architecture = new() { Shape = new SampleShape(6), Latent = 3, Width = 8, Seed = 1 };
        using TorchNetwork generator = architecture.CreateGenerator();
        FeatureModel critic = architecture.CreateCritic(FeatureNormalization.None), encoder = architecture.CreateEncoder();
        using TorchNetwork first = critic.Network, second = encoder.Network;
        EncoderTraining training = new(generator, critic, encoder);
        Optimizer optimizer = Optimizer.RmsProp([encoder.Network], 1e-2);
        float[] nothing = [.. Enumerable.Repeat(float.NaN, 32 * 6)];
        double[] losses = [.. Enumerable.Range(0, 200).Select(step => training.CodeStep(
            new TrainingBatch { Values = nothing, Rows = new int[32], Step = step }, new LatentNoise(LatentPrior.Normal, 3, 1), optimizer))];
        Assert.All(losses, loss => Assert.True(double.IsFinite(loss)));
        Assert.True(losses[^20..].Average() < 0.5 * losses[..20].Average(), $"{losses[0]} → {losses[^1]}");
        Assert.True(double.IsNaN(training.SampleStep(new TrainingBatch { Values = nothing, Rows = new int[32] }, 0, optimizer)));
    }

    /// <summary>Rows in which only the dependence of the columns is broken: every column for itself looks as it should.</summary>
    [Fact]
    public void Searching_matters_and_finds_broken_dependence_and_so_does_the_encoder()
    {
        FAnoGanOptions options = new() { Epochs = 60, Patience = 0, ValidationFraction = 0, EncoderRate = 2e-3, SearchRate = 0.05 };
        Samples test = BrokenDependence.Test(1);
        TensorState state = Trained(options, BrokenDependence.Training(1), out Detector encoded);
        using Detector owned = encoded;
        double Auc(int steps)
        {
            // The same generator and critic: what is left of the state is not asked for.
            using Detector search = (options with { Encoder = FAnoGanEncoder.Iterative, SearchSteps = steps }).CreateDetector();
            search.SetState(state, test.Shape);
            return EasyData.RocAuc(search.Score(test), test.Labels!);
        }

        double none = Auc(0), few = Auc(30), many = Auc(100), encoder = EasyData.RocAuc(encoded.Score(test), test.Labels!);
        TestContext.Current.SendDiagnosticMessage("search {0:F3} {1:F3} {2:F3}, encoder {3:F3}", none, few, many, encoder);
        Assert.InRange(none, 0.4, 0.65);
        Assert.True(few > none && many > few, $"{none}, {few}, {many}");
        Assert.InRange(many, 0.95, 1);
        Assert.InRange(encoder, 0.95, 1);
    }

    [Fact]
    public void Attributions_of_a_critic_sum_to_what_the_score_exceeds_that_of_the_mean_sample()
    {
        Trained(new GanOptions { Epochs = 5, Width = 16, Latent = 4 }, Few, out Detector detector);
        using Detector owned = detector;
        float[] mean = new float[BrokenDependence.Features];
        for (int i = 0; i < Few.Count; i++) for (int j = 0; j < mean.Length; j++) mean[j] += Few[i][j] / Few.Count;
        float[] outside = Few[3].ToArray();
        outside[2] += 7;
        Samples asked = new((float[])[.. Few[0], .. Few[1], .. outside], Few.Shape);
        float usual = detector.Score(new Samples(mean, Few.Shape))[0];
        float[] scores = detector.Score(asked);
        Samples attributions = detector.Attribute(asked);
        for (int i = 0; i < 3; i++)
        {
            double sum = attributions[i].ToArray().Sum();
            Assert.Equal(scores[i] - usual, sum, 0.1 * Math.Max(0.5, Math.Abs(scores[i] - usual)));
        }
        Assert.Equal(2, Array.IndexOf(attributions[2].ToArray(), attributions[2].ToArray().Max()));
    }

    [Theory]
    // In its last phase, each.
    [InlineData("gan", "training")]
    [InlineData("f-anogan", "encoder")]
    [InlineData("bigan", "training")]
    [InlineData("ganomaly", "training")]
    [InlineData("adversarial-autoencoder", "training")]
    [InlineData("alocc", "training")]
    [InlineData("fence-gan", "training")]
    public void A_resumed_training_ends_with_the_state_of_an_uninterrupted_one(string name, string phase)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("gan").FullName, "checkpoint");
        DetectorOptions options = DetectorOption.Apply(
            DetectorCatalog.Find(name).CreateOptions(), [new("epochs", "4"), new("width", "4"), new("latent", "4"), new("batchSize", "16"), new("criticSteps", "2")]);
        Samples pictures = EasyData.Create(DataKinds.Image, 60, 0, 1);
        TensorState whole = Trained(options, pictures, out Detector detector);
        detector.Dispose();
        using CancellationTokenSource source = new();
        FitContext context = new()
        {
            Seed = 1,
            CheckpointPath = file,
            CheckpointInterval = TimeSpan.Zero,
            Cancellation = source.Token,
            Progress = new Reporter(report =>
            {
                if (report.Phase == phase && report.Done == 2) source.Cancel();
            }),
        };
        Assert.ThrowsAny<OperationCanceledException>(() => Trained(options, pictures, out _, context));
        Assert.True(File.Exists(file));
        List<int> epochs = [];
        TensorState resumed = Trained(options, pictures, out Detector again, context with
        {
            Resume = true,
            Cancellation = default,
            Progress = new Reporter(report => epochs.Add(report.Done)),
        });
        again.Dispose();
        Assert.Equal([3, 4], epochs);
        Assert.Equal(whole.Tensors.Keys, resumed.Tensors.Keys);
        foreach ((string part, StoredTensor tensor) in whole.Tensors) Assert.Equal(tensor.Bytes, resumed.Tensors[part].Bytes);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Theory]
    [InlineData("wgan")]
    [InlineData("f-anogan")]
    [InlineData("adgan")]
    public void A_critic_with_a_gradient_penalty_is_not_normalised_over_the_batch(string name)
    {
        KeyValuePair<string, string>[] settings =
            [new("epochs", "1"), new("normalization", "batch"), .. name == "wgan" ? (KeyValuePair<string, string>[])[new("penalty", "gradient")] : []];
        DetectorOptions options = DetectorOption.Apply(DetectorCatalog.Find(name).CreateOptions(), settings);
        string refused = Assert.Throws<OptionException>(() => Trained(options, EasyData.Create(DataKinds.Image, 40, 0, 1), out _)).Message;
        Assert.Contains("normalization to sample or none", refused, StringComparison.Ordinal);
        // Dense layers are not normalised, whatever is asked for.
        Trained(options, Few, out Detector detector);
        detector.Dispose();
    }

    [Theory]
    [InlineData("gan")]
    [InlineData("alocc", "rho=0")]
    [InlineData("fence-gan", "criticRate=0.01")]
    public void A_discriminator_that_has_won_is_reported_with_what_to_try(string name, params string[] settings)
    {
        string warning = WarningsAgainstAnIdleAdversary(name, settings)
            .First(text => text.StartsWith($"{name}: the discriminator tells every drawn sample", StringComparison.Ordinal));
        Assert.Contains(name == "alocc" ? "smaller learningRate" : "wgan with penalty=gradient", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_learns_from_real_samples_alone_has_not_won() =>
        Assert.DoesNotContain(
            WarningsAgainstAnIdleAdversary("fence-gan", "criticRate=0.01", "gamma=0"), text => text.Contains("tells every drawn sample", StringComparison.Ordinal));

    /// <summary>All real samples are at one place, and the generator, which hardly moves, is not.</summary>
    private static List<string> WarningsAgainstAnIdleAdversary(string name, params string[] settings)
    {
        List<string> warnings = [];
        float[] values = [.. Enumerable.Repeat(3f, 200 * 4)];
        DetectorOptions options = DetectorOption.Apply(
            DetectorCatalog.Find(name).CreateOptions(),
            [
                new("epochs", "40"), new("learningRate", "0.01"), new("criticSteps", "100"), new("patience", "0"),
                .. settings.Select(setting => setting.Split('=')).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1])),
            ]);
        Trained(options, new Samples(values, new SampleShape(4)), out Detector detector, new FitContext { Warning = warnings.Add });
        detector.Dispose();
        return warnings;
    }

    [Theory]
    [InlineData("gan")]
    [InlineData("f-anogan")]
    public void Samples_are_drawn_by_seed_and_a_walk_ends_where_the_codes_of_its_ends_lead(string name)
    {
        DetectorOptions options = DetectorOption.Apply(DetectorCatalog.Find(name).CreateOptions(), [new("epochs", "1"), new("width", "4")]);
        Samples pictures = EasyData.Create(DataKinds.Image, 40, 0, 1);
        Trained(options, pictures, out Detector detector);
        using Detector owned = detector;
        IGenerativeDetector generative = (IGenerativeDetector)detector;
        Samples drawn = generative.Generate(5, 3);
        Assert.Equal((5, pictures.Shape), (drawn.Count, drawn.Shape));
        Assert.Equal(drawn.Values.ToArray(), generative.Generate(5, 3).Values.ToArray());
        Assert.NotEqual(drawn.Values.ToArray(), generative.Generate(5, 4).Values.ToArray());
        // In the units of the data, not in those of the networks.
        float[] all = pictures.Values.ToArray();
        Assert.All(drawn.Values.ToArray(), value => Assert.InRange(value, all.Min() - 1e-4f, all.Max() + 1e-4f));
        Samples walk = generative.Interpolate(pictures.Slice(0, 2), 7), back = generative.Interpolate(pictures.Select([1, 0]), 7);
        Assert.Equal(7, walk.Count);
        Assert.Equal(walk[0].ToArray(), back[6].ToArray());
        Assert.Throws<DataException>(() => generative.Interpolate(pictures.Slice(0, 3), 7));
        Assert.Contains(((IFindings)detector).Findings.OfType<SampleFinding>(), finding => finding.Rows[^1] == "the model");
    }

    [Theory]
    [InlineData(LatentPrior.Normal)]
    [InlineData(LatentPrior.Uniform)]
    public void A_walk_between_drawn_codes_follows_from_its_seed(LatentPrior prior)
    {
        Trained(new GanOptions { Epochs = 1, Width = 4, Latent = 4, Prior = prior }, Few, out Detector detector);
        using Detector owned = detector;
        IGenerativeDetector generative = (IGenerativeDetector)detector;
        Samples walk = generative.Interpolate(13, 3);
        Assert.Equal((13, Few.Shape), (walk.Count, walk.Shape));
        Assert.Equal(walk.Values.ToArray(), generative.Interpolate(13, 3).Values.ToArray());
        Assert.NotEqual(walk.Values.ToArray(), generative.Interpolate(13, 4).Values.ToArray());
        Assert.NotEqual(walk[0].ToArray(), walk[12].ToArray());
    }

    /// <summary>Their codes have no prior, so that there is nothing to draw from.</summary>
    [Theory]
    [InlineData("ganomaly")]
    [InlineData("alocc")]
    public void Methods_that_only_remake_samples_walk_between_given_ones_and_say_why_they_draw_none(string name)
    {
        DetectorOptions options = DetectorOption.Apply(DetectorCatalog.Find(name).CreateOptions(), [new("epochs", "1"), new("width", "4")]);
        Samples pictures = EasyData.Create(DataKinds.Image, 40, 0, 1);
        using AnomalyModel model = AnomalyModel.Train(pictures.WithLabels(null), options);
        Samples walk = model.Interpolate(pictures, 0, 1, 7), back = model.Interpolate(pictures, 1, 0, 7);
        Assert.Equal((7, pictures.Shape), (walk.Count, walk.Shape));
        Assert.Equal(walk[0].ToArray(), back[6].ToArray());
        Assert.NotEqual(walk[0].ToArray(), walk[6].ToArray());
        foreach (Action draw in (Action[])[() => model.Generate(1), () => model.Interpolate(7, seed: 0)])
        {
            string refused = Assert.Throws<OptionException>(draw).Message;
            Assert.Contains($"'{name}' cannot draw samples", refused, StringComparison.Ordinal);
            Assert.Contains("f-anogan", refused, StringComparison.Ordinal);
            Assert.DoesNotContain($", {name}", refused, StringComparison.Ordinal);
        }
    }

    private sealed class Reporter(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
