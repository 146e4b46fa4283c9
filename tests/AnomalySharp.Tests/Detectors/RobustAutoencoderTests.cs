using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.Detectors;

public sealed class RobustAutoencoderTests
{
    /// <summary>The settings of the paper's small-data behaviour: sigmoid layers, 8 rounds of 40 epochs.</summary>
    private static readonly RobustAutoencoderOptions Small = new()
    {
        Hidden = [32],
        Latent = 16,
        Activation = Activation.Sigmoid,
        CodeActivation = Activation.Sigmoid,
        OutputActivation = Activation.Sigmoid,
        LearningRate = 5e-3,
        BatchSize = 32,
        Rounds = 8,
        Epochs = 40,
    };

    private static readonly double[] Thresholds = [0, 0.6, 1, 1.4, 1.6, 2, 2.5, double.MaxValue];

    /// <summary>One training per threshold on 181 fours and 10 other digits.</summary>
    private static readonly Lazy<(double T, RobustAutoencoderResult Result, double RocAuc)[]> Swept = new(() =>
    [
        .. Thresholds.Select(t =>
        {
            using RobustAutoencoder detector = Fit(Small with { Threshold = t }, Digits.Fours);
            return (t, detector.Result!, EasyData.RocAuc(detector.Score(Digits.Fours), Digits.Fours.Labels!));
        }),
    ]);

    [Fact]
    public void Fewer_rows_are_set_aside_the_higher_the_threshold_from_all_to_none()
    {
        int[] flagged = [.. Swept.Value.Select(run => run.Result.FlaggedRows.Count)];
        Assert.Equal(191, flagged[0]);
        Assert.Equal(0, flagged[^1]);
        Assert.Equal(flagged.OrderDescending(), flagged);
        Assert.All(Swept.Value, run => Assert.Equal(run.Result.FlaggedRows.Count, run.Result.History[^1]));
        // With 0, S takes up all of the residual: both criteria are met at once.
        Assert.All(Swept.Value, run => Assert.Equal((run.T > 0 ? 8 : 1, run.T == 0), (run.Result.History.Count, run.Result.Converged)));
    }

    [Fact]
    public void Precision_rises_and_recall_falls_with_the_threshold_and_f1_is_best_in_between()
    {
        (double Precision, double Recall, double F1)[] figures = [.. Swept.Value.Select(run => Figures(run.Result.FlaggedRows))];
        double[] recalls = [.. figures.Select(figure => figure.Recall)], f1 = [.. figures.Select(figure => figure.F1)];
        Assert.Equal(recalls.OrderDescending(), recalls);
        // Nothing flagged has no precision.
        double[] precisions = [.. figures.Where(figure => figure.Recall > 0).Select(figure => figure.Precision)];
        Assert.Equal(precisions.Order(), precisions);
        int best = Array.IndexOf(f1, f1.Max());
        Assert.InRange(best, 2, Thresholds.Length - 2);
        Assert.InRange(f1[best], 0.6, 1);
    }

    [Fact]
    public void Some_threshold_ranks_better_than_the_plain_autoencoder_does()
    {
        double plain = Swept.Value[^1].RocAuc;
        Assert.InRange(plain, 0.85, 0.99);
        Assert.True(Swept.Value.Max(run => run.RocAuc) > plain + 0.005);
    }

    [Fact]
    public void The_rows_of_early_rounds_leave_what_was_set_aside_while_the_network_learns()
    {
        IReadOnlyList<int> history = Swept.Value[3].Result.History;
        Assert.True(history[^1] < history[0] / 2, string.Join(' ', history));
    }

    [Fact]
    public void With_an_infinite_threshold_and_one_round_it_is_the_plain_autoencoder()
    {
        using RobustAutoencoder robust = Fit(Small with { Threshold = double.MaxValue, Rounds = 1 }, Digits.Fours);
        using Detector plain = new AutoencoderOptions
        {
            Hidden = Small.Hidden,
            Latent = Small.Latent,
            Activation = Small.Activation,
            CodeActivation = Small.CodeActivation,
            OutputActivation = Small.OutputActivation,
            LearningRate = Small.LearningRate,
            BatchSize = Small.BatchSize,
            Epochs = Small.Epochs,
            ValidationFraction = 0,
            Patience = 0,
        }.CreateDetector();
        plain.Fit(Digits.Fours, new FitContext());
        Assert.Equal(plain.Score(Digits.Fours), robust.Score(Digits.Fours));
        Assert.All(robust.Result!.Sparse.ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void The_expected_contamination_decides_how_many_rows_are_set_aside()
    {
        using RobustAutoencoder detector = Fit(Small, Digits.Fours, new FitContext { Contamination = 10 / 191.0 });
        Assert.Equal(10, detector.Result!.FlaggedRows.Count);
        Assert.InRange(Figures(detector.Result.FlaggedRows).F1, 0.6, 1);
        Assert.Equal(detector.Result.Threshold / 191, detector.Result.Lambda, 1e-9);
        using RobustAutoencoder unknown = Fit(Small, Digits.Fours);
        Assert.InRange(unknown.Result!.FlaggedRows.Count, 1, 40);
    }

    [Fact]
    public void Data_are_what_is_left_plus_what_was_set_aside_up_to_the_threshold()
    {
        RobustAutoencoderResult result = Swept.Value[3].Result;
        ReadOnlySpan<float> x = Digits.Fours.Values.Span, low = result.LowDimensional.Span, sparse = result.Sparse.Span;
        for (int i = 0; i < 191; i++)
        {
            double square = 0;
            for (int j = 64 * i; j < 64 * (i + 1); j++) square += Math.Pow(x[j] - low[j] - sparse[j], 2);
            Assert.InRange(Math.Sqrt(square), 0, 1.4001);
            // Of a row that is set aside exactly the threshold is left.
            if (result.RowNorms[i] > 0) Assert.InRange(Math.Sqrt(square), 1.3999, 1.4001);
        }
    }

    [Fact]
    public void A_broken_column_is_told_apart_from_rows()
    {
        (Samples samples, int broken) = Sensors();
        using RobustAutoencoder detector = Fit(Plain with { Penalty = RobustPenalty.L21Columns, Threshold = 3 }, samples);
        Assert.Equal([broken], detector.Result!.FlaggedColumns);
        Finding finding = Assert.Single(detector.Findings);
        Assert.Equal((FindingKind.Columns, broken), (finding.Kind, Assert.Single(finding.Items).Position));
        using RobustAutoencoder automatic = Fit(Plain with { Penalty = RobustPenalty.L21Columns }, samples);
        IReadOnlyList<FoundItem> items = automatic.Findings[0].Items;
        Assert.Equal(broken, items[0].Position);
        // The rule may take another of twelve columns along, but it tells them apart.
        Assert.InRange(items.Count, 1, 3);
        Assert.All(items.Skip(1), item => Assert.InRange(item.Size, 0, items[0].Size / 5));
    }

    [Fact]
    public void Single_corrupted_values_are_set_aside_as_noise()
    {
        (Samples samples, _) = Sensors(broken: false);
        float[] values = samples.Values.ToArray();
        int[] corrupted = [.. Enumerable.Range(0, 20).Select(i => 173 * i + 5)];
        foreach (int position in corrupted) values[position] += 6;
        using RobustAutoencoder detector = Fit(
            Plain with { Penalty = RobustPenalty.L1 }, new Samples(values, samples.Shape), new FitContext { Contamination = 20.0 / values.Length });
        float[] sparse = detector.Result!.Sparse.ToArray();
        Assert.Equal(20, sparse.Count(value => value != 0));
        Assert.InRange(corrupted.Count(position => sparse[position] > 0), 18, 20);
        double mean = values.Average(Math.Abs);
        Assert.Equal(detector.Result.Threshold / (4 * mean), detector.Result.Lambda, 1e-3 * detector.Result.Lambda);
    }

    [Fact]
    public void What_was_found_is_in_the_stored_model()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using AnomalyModel model = AnomalyModel.Train(Digits.Fours.WithLabels(null), Small with { Rounds = 2 }, contamination: 0.05, cancellation: TestContext.Current.CancellationToken);
            Assert.Contains(model.Summary.Notes, note => note.Contains("set aside 10 of 191 samples in 2 rounds", StringComparison.Ordinal));
            model.Save(path);
            using AnomalyModel loaded = AnomalyModel.Load(path);
            RobustAutoencoderResult saved = ((RobustAutoencoder)model.Detector).Result!, read = ((RobustAutoencoder)loaded.Detector).Result!;
            Assert.Equal(saved.RowNorms, read.RowNorms);
            Assert.Equal(saved.ColumnNorms, read.ColumnNorms);
            Assert.Equal(saved.History, read.History);
            Assert.Equal((saved.Threshold, saved.Lambda, saved.Converged), (read.Threshold, read.Lambda, read.Converged));
            Assert.Equal(((IFindings)model.Detector).Findings[0].Items, ((IFindings)loaded.Detector).Findings[0].Items);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_training_stopped_in_a_later_round_goes_on_to_the_same_end(bool reinitialize)
    {
        RobustAutoencoderOptions options = Small with { Rounds = 4, Epochs = 2, Reinitialize = reinitialize };
        using RobustAutoencoder whole = Fit(options, Digits.Fours);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using CancellationTokenSource source = new();
        FitContext context = new()
        {
            CheckpointPath = path,
            CheckpointInterval = TimeSpan.Zero,
            Cancellation = source.Token,
            Progress = new Reporter(report =>
            {
                if (report is { Phase: "round 3 of 4", Done: 2 }) source.Cancel();
            }),
        };
        Assert.Throws<OperationCanceledException>(() => Fit(options, Digits.Fours, context).Dispose());
        Assert.True(File.Exists(path));
        List<string> phases = [];
        using RobustAutoencoder resumed = Fit(
            options, Digits.Fours, new FitContext { CheckpointPath = path, Resume = true, Progress = new Reporter(report => phases.Add(report.Phase)) });
        Assert.NotEqual("round 1 of 4", phases[0]);
        Assert.Equal(whole.Score(Digits.Fours), resumed.Score(Digits.Fours));
        Assert.Equal(whole.Result!.History, resumed.Result!.History);
        Assert.Equal(whole.Result.Sparse.ToArray(), resumed.Result.Sparse.ToArray());
    }

    [Fact]
    public void Starting_anew_in_each_round_gives_another_network()
    {
        using RobustAutoencoder warm = Fit(Small with { Rounds = 2, Epochs = 5 }, Digits.Fours);
        using RobustAutoencoder cold = Fit(Small with { Rounds = 2, Epochs = 5, Reinitialize = true }, Digits.Fours);
        Assert.Equal(warm.Result!.History[0], cold.Result!.History[0]);
        // Ten epochs of warm weights come closer than five of new ones.
        Assert.True(warm.Score(Digits.Fours).Average() < cold.Score(Digits.Fours).Average());
    }

    [Fact]
    public void The_published_settings_train_tied_sigmoid_layers_from_new_weights_in_each_round()
    {
        using RobustAutoencoder detector = Fit(RobustAutoencoderOptions.Published with { Rounds = 2, Epochs = 30, Threshold = 2 }, Digits.Fours);
        Assert.Equal(2, detector.Result!.History.Count);
        Assert.InRange(EasyData.RocAuc(detector.Score(Digits.Fours), Digits.Fours.Labels!), 0.8, 1);
    }

    private static readonly RobustAutoencoderOptions Plain = new() { Hidden = [], Latent = 2, BatchSize = 32, LearningRate = 5e-3, Rounds = 5, Epochs = 60 };

    /// <summary>300 readings of 12 sensors that follow two causes; one of them may give noise instead.</summary>
    private static (Samples Samples, int Broken) Sensors(bool broken = true)
    {
        Random random = new(4);
        float[] mix = [.. Enumerable.Range(0, 24).Select(_ => 2 * random.NextSingle() - 1)];
        float[] values = new float[300 * 12];
        for (int i = 0; i < 300; i++)
        {
            float u = 3 * random.NextSingle() - 1.5f, v = 3 * random.NextSingle() - 1.5f;
            for (int j = 0; j < 12; j++) values[12 * i + j] = u * mix[j] + v * mix[12 + j] + 0.1f * random.NextSingle();
            if (broken) values[12 * i + 7] = 2 * random.NextSingle() - 1;
        }
        return (new Samples(values, new SampleShape(12)), 7);
    }

    private static RobustAutoencoder Fit(RobustAutoencoderOptions options, Samples samples, FitContext? context = null)
    {
        RobustAutoencoder detector = (RobustAutoencoder)options.CreateDetector();
        detector.Fit(samples, context ?? new FitContext());
        return detector;
    }

    private static (double Precision, double Recall, double F1) Figures(IReadOnlyList<int> flagged)
    {
        double right = flagged.Count(i => Digits.Fours.Labels![i] == 1);
        return (flagged.Count == 0 ? 0 : right / flagged.Count, right / 10, 2 * right / (flagged.Count + 10));
    }

    private sealed class Reporter(Action<FitProgress> action) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => action(value);
    }
}
