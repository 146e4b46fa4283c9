using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Training;

namespace AnomalySharp.Tests.Training;

public sealed class TrainingLoopTests : IDisposable
{
    private readonly string _checkpoint = Path.Combine(Path.GetTempPath(), $"checkpoint-{Guid.NewGuid():N}");
    private readonly Samples _samples = Data(1, 333);

    public void Dispose() => File.Delete(_checkpoint);

    [Fact]
    public void Progress_comes_every_epoch_with_a_falling_loss()
    {
        Recorder progress = new();
        using Job job = new(_samples, new AutoencoderOptions { Epochs = 7, Patience = 0, BatchSize = 50 }, new FitContext { Progress = progress });
        job.Run();
        Assert.Equal(Enumerable.Range(1, 7), progress.Reports.Select(report => report.Done));
        Assert.All(progress.Reports, report => Assert.True(report is { Phase: "training", Total: 7, Loss: > 0, ValidationLoss: > 0 }));
        Assert.True(progress.Reports[^1].Loss < 0.7 * progress.Reports[0].Loss);
    }

    [Fact]
    public void Every_sample_is_seen_once_an_epoch_in_another_order_each_time_and_the_last_batch_may_be_small()
    {
        List<int> rows = [], sizes = [];
        using Job job = new(_samples, new AutoencoderOptions { Epochs = 2, BatchSize = 100, ValidationFraction = 0.5 }, new FitContext())
        {
            Before = (in batch) =>
            {
                sizes.Add(batch.Count);
                foreach (int row in batch.Rows) rows.Add(row);
                for (int i = 0; i < batch.Count; i++) Assert.Equal(_samples[batch.Rows[i]].ToArray(), batch.Values.Slice(i * 6, 6).ToArray());
            },
        };
        job.Run();
        Assert.Equal([100, 67, 100, 67], sizes);
        Assert.Equal(166, job.Loop.HeldOutCount);
        Assert.Equal(167, rows.Take(167).Distinct().Count());
        Assert.Equal(rows.Take(167).Order(), rows.Skip(167).Order());
        Assert.NotEqual(rows.Take(167), rows.Skip(167));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Of_windows_of_a_sequence_neighbouring_ones_are_held_out_and_those_that_share_rows_with_them_are_not_learnt_from(int seed)
    {
        Samples windows = new(new float[1000 * 8], new SampleShape(8, 1));
        TrainingLoop loop = new("autoencoder", windows, new AutoencoderOptions(), new FitContext { Seed = seed, NeighborsOverlap = true });
        int[] learnt = loop.LearntRows.ToArray(), left = [.. Enumerable.Range(0, 1000).Except(learnt)];
        Assert.Equal(100, loop.HeldOutCount);
        Assert.Equal(left.Length - 1, left[^1] - left[0]);
        // Seven windows on either side share rows with the held-out ones, unless the series ends there.
        int sides = (left[0] == 0 ? 0 : 7) + (left[^1] == 999 ? 0 : 7);
        Assert.Equal(100 + sides, left.Length);
    }

    [Fact]
    public void A_phase_without_a_loss_to_watch_learns_from_all_samples()
    {
        int seen = 0;
        using Job job = new(_samples, new AutoencoderOptions { Epochs = 1, ValidationFraction = 0.5 }, new FitContext()) { Watched = false, Before = (in batch) => seen += batch.Count };
        job.Run();
        Assert.Equal(_samples.Count, seen);
    }

    [Fact]
    public void Unless_it_holds_out_what_a_later_phase_watches()
    {
        List<int> alone = [], watched = [];
        List<int> rows = alone;
        using Job job = new(_samples, new AutoencoderOptions { Epochs = 1, ValidationFraction = 0.5 }, new FitContext())
        {
            Before = (in batch) => rows.AddRange(batch.Rows),
        };
        TrainingPhase phase = job.Phase();
        job.Loop.Run(phase with { Validation = null, HoldsOut = true }, phase with { Start = () => rows = watched });
        Assert.Equal(_samples.Count - job.Loop.HeldOutCount, alone.Count);
        Assert.Equal(watched.Order(), alone.Order());
    }

    [Fact]
    public void Cancellation_stops_before_the_next_step()
    {
        using CancellationTokenSource source = new();
        int steps = 0;
        using Job job = new(_samples, new AutoencoderOptions { BatchSize = 10 }, new FitContext { Cancellation = source.Token })
        {
            Before = (in _) =>
            {
                if (++steps == 5) source.Cancel();
            },
        };
        Assert.Throws<OperationCanceledException>(job.Run);
        Assert.Equal(5, steps);
    }

    [Fact]
    public void Early_stopping_ends_with_the_weights_of_the_best_epoch()
    {
        float[] best = [];
        int epoch = 0;
        Recorder progress = new();
        using Job job = new(_samples, new AutoencoderOptions { Epochs = 50, Patience = 3, BatchSize = 400, ValidationFraction = 0.1 }, new FitContext { Progress = progress });
        // One step an epoch; the fourth is the best by decree.
        job.Loss = () =>
        {
            if (++epoch == 4) best = job.Weights();
            return Math.Abs(epoch - 4) + 1;
        };
        job.Run();
        Assert.Equal(7, progress.Reports.Count);
        Assert.Equal(best, job.Weights());
    }

    [Theory, InlineData(1e-3, double.NaN, "NaN"), InlineData(0.25, 1e9, "1E+09"), InlineData(0.125, double.PositiveInfinity, "Infinity")]
    public void A_diverging_loss_names_the_detector_the_epoch_and_what_to_try(double learningRate, double loss, string shown)
    {
        int steps = 0;
        using Job job = new(_samples, new AutoencoderOptions { Epochs = 9, BatchSize = 400, LearningRate = learningRate }, new FitContext()) { Change = value => ++steps == 3 ? loss : value };
        string message = Assert.Throws<TrainingException>(job.Run).Message;
        foreach (string part in (string[])["toy", shown, "epoch 3 of 9", "smaller learningRate", learningRate.ToString(System.Globalization.CultureInfo.InvariantCulture)])
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_step_size_that_is_far_too_large_is_a_training_error_of_the_detector()
    {
        using Detector detector = new AutoencoderOptions { LearningRate = 10, Optimizer = OptimizerKind.Sgd, Momentum = 0.99 }.CreateDetector();
        Assert.Contains("autoencoder", Assert.Throws<TrainingException>(() => detector.Fit(_samples, new FitContext())).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(1), InlineData(6), InlineData(11), InlineData(19)]
    public void A_killed_and_resumed_training_ends_with_the_very_weights_of_an_uninterrupted_one(int killedAfter)
    {
        AutoencoderOptions options = new() { Epochs = 20, BatchSize = 64, Patience = 3, Dropout = 0.2, BatchNormalization = true, Activation = Activation.Tanh };
        FitContext context = new() { CheckpointPath = _checkpoint };
        using Job whole = new(_samples, options, new FitContext()), killed = new(_samples, options, context), resumed = new(_samples, options, context with { Resume = true });
        // The masks of dropout follow from the seed, the weights must not.
        foreach (Network network in resumed.Networks) network.Parameters.Values.Clear();
        whole.Run();
        int steps = 0, perEpoch = 5;
        killed.Before = (in _) =>
        {
            if (steps++ == killedAfter * perEpoch + 2) throw new TimeoutException();
        };
        // Early stopping may come first; then there is nothing to kill.
        if (Record.Exception(killed.Run) is null) return;
        Assert.True(File.Exists(_checkpoint));
        int resumedSteps = 0;
        resumed.Before = (in _) => resumedSteps++;
        resumed.Run();
        Assert.Equal(whole.Weights(), resumed.Weights());
        Assert.True(resumedSteps <= (20 - killedAfter) * perEpoch);
        Assert.False(File.Exists(_checkpoint));
    }

    [Fact]
    public void A_resumed_training_goes_on_in_the_phase_where_it_was_killed()
    {
        AutoencoderOptions options = new() { Epochs = 3, BatchSize = 400, Patience = 0 };
        List<string> started = [];
        Recorder progress = new();
        TrainingPhase[] Phases(Job job, string? killIn) =>
        [
            .. ((string[])["first", "second", "third"]).Select(name => job.Phase() with
            {
                Name = name,
                Start = () => started.Add(name),
                Step = (in batch) => name == killIn && batch.Step == 2 ? throw new TimeoutException() : job.Step(batch),
            }),
        ];
        using Job whole = new(_samples, options, new FitContext());
        whole.Loop.Run(Phases(whole, null));
        FitContext context = new() { CheckpointPath = _checkpoint };
        using Job killed = new(_samples, options, context), resumed = new(_samples, options, context with { Resume = true, Progress = progress }, seed: 9);
        Assert.Throws<TimeoutException>(() => killed.Loop.Run(Phases(killed, "second")));
        started.Clear();
        resumed.Loop.Run(Phases(resumed, null));
        Assert.Equal(["third"], started);
        Assert.Equal(["second", "third", "third", "third"], progress.Reports.Select(report => report.Phase));
        Assert.Equal(whole.Weights(), resumed.Weights());
    }

    [Fact]
    public void A_checkpoint_of_another_training_or_a_damaged_one_is_refused()
    {
        AutoencoderOptions options = new() { Epochs = 5, BatchSize = 400 };
        FitContext context = new() { CheckpointPath = _checkpoint };
        using (Job killed = new(_samples, options, context) { Change = _ => throw new TimeoutException(), ChangeFrom = 3 }) Assert.Throws<TimeoutException>(killed.Run);
        FitContext resume = context with { Resume = true };
        foreach ((Samples samples, AutoencoderOptions other, FitContext where) in ((Samples, AutoencoderOptions, FitContext)[])
            [(Data(2, 333), options, resume), (_samples, options with { Dropout = 0.1 }, resume), (_samples, options, resume with { Seed = 1 })])
        {
            using Job job = new(samples, other, where);
            Assert.Contains("another training", Assert.Throws<TrainingException>(job.Run).Message, StringComparison.Ordinal);
        }
        File.WriteAllBytes(_checkpoint, File.ReadAllBytes(_checkpoint)[..^100]);
        using Job damaged = new(_samples, options, resume);
        Assert.Contains("cannot be read", Assert.Throws<TrainingException>(damaged.Run).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_is_refused_before_the_training()
    {
        string missing = Path.Combine(_checkpoint, "below", "checkpoint");
        using Detector detector = new AutoencoderOptions { Epochs = 1 }.CreateDetector();
        Recorder progress = new();
        foreach (string path in (string[])[missing, Path.GetTempPath()])
        {
            OptionException refused = Assert.Throws<OptionException>(() => detector.Fit(_samples, new FitContext { CheckpointPath = path, Progress = progress }));
            Assert.Contains($"'{path}'", refused.Message, StringComparison.Ordinal);
        }
        Assert.Empty(progress.Reports);
    }

    [Fact]
    public void Steps_allocate_nothing_that_stays()
    {
        using Job job = new(_samples, new AutoencoderOptions { Epochs = 40, BatchSize = 8, ValidationFraction = 0, Patience = 0, Dropout = 0.1, BatchNormalization = true }, new FitContext());
        job.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        job.Run();
        // 1,680 steps; what remains is a sequence of random numbers per epoch.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40 * 1000);
    }

    internal static Samples Data(int seed, int count)
    {
        float[] code = FiniteDifferences.Normal(seed, count * 2), mix = FiniteDifferences.Normal(5, 12), noise = FiniteDifferences.Normal(seed + 50, count * 6);
        float[] values = new float[count * 6];
        for (int i = 0; i < values.Length; i++) values[i] = code[i / 6 * 2] * mix[i % 6] + code[i / 6 * 2 + 1] * mix[6 + i % 6] + 0.1f * noise[i];
        return new Samples(values, new SampleShape(6));
    }

    private sealed class Recorder : IProgress<FitProgress>
    {
        public List<FitProgress> Reports { get; } = [];

        public void Report(FitProgress value) => Reports.Add(value);
    }

    private delegate void BatchAction(in TrainingBatch batch);

    /// <summary>A small autoencoder in the loop, with places to look and to interfere.</summary>
    private sealed class Job : IDisposable
    {
        private readonly AutoencoderNetworks _networks;
        private readonly Optimizer _optimizer;
        private readonly AutoencoderOptions _options;
        private readonly float[] _gradient;
        private int _steps;

        public Job(Samples samples, AutoencoderOptions options, FitContext context, int seed = 4)
        {
            _options = options;
            _networks = AutoencoderNetworks.Create(new AutoencoderArchitecture
            {
                Shape = samples.Shape,
                Latent = 2,
                Hidden = [16],
                Activation = options.Activation ?? Activation.Relu,
                Dropout = (float)options.Dropout,
                BatchNormalization = options.BatchNormalization,
                Seed = seed,
            });
            _optimizer = Optimizer.Create(options, _networks.Encoder, _networks.Decoder);
            _gradient = new float[samples.Values.Length];
            Loop = new TrainingLoop("toy", samples, options, context with { CheckpointInterval = TimeSpan.Zero }, _networks.Both);
        }

        public TrainingLoop Loop { get; }

        public BatchAction? Before { get; set; }

        public Func<double, double>? Change { get; init; }

        public int ChangeFrom { get; init; }

        public Func<double>? Loss { get; set; }

        public bool Watched { get; init; } = true;

        public double Step(in TrainingBatch batch)
        {
            Before?.Invoke(batch);
            double loss = SquaredError.Loss(_networks.Forward(batch.Values, batch.Count), batch.Values, _gradient);
            _networks.Backward(_gradient.AsSpan(0, batch.Values.Length));
            _optimizer.Step();
            return Change is null || _steps++ < ChangeFrom ? loss : Change(loss);
        }

        public TrainingPhase Phase() => new() { Epochs = _options.Epochs, Step = Step, Optimizers = [_optimizer], Validation = Watched ? Validate : null };

        public void Run() => Loop.Run(Phase());

        public IReadOnlyList<Network> Networks => _networks.Both;

        public float[] Weights() => [.. Networks.SelectMany(network => network.Parameters.Values.ToArray())];

        public void Dispose() => _networks.Dispose();

        private double Validate(ReadOnlySpan<float> values, int count)
        {
            if (Loss is not null) return Loss();
            _networks.Reconstruct(values, count, _gradient);
            return SquaredError.Loss(_gradient.AsSpan(0, values.Length), values, _gradient);
        }
    }
}
