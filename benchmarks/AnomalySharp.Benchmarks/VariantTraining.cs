using System.Globalization;
using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// Processor time per epoch of each deep variant of the autoencoder, and its ratio to the plain one with the same layers, functions, batches and
/// rows, on one thread: <c>dotnet run -c Release --project benchmarks/AnomalySharp.Benchmarks -- variants</c>, or with shapes:
/// <c>variants 36 200 1x28x28</c>.
/// </summary>
/// <remarks>
/// The variants take turns, so that a busy machine slows all of them down; of the turns, the fastest counts; waiting for a processor does not. A
/// turn's time is from the end of its first epoch (the second one's start) to the end of its last, over the epochs between: held-out loss included, building
/// and warming up not. Twice as many values, as of a mean and a variance, are the method's own and are counted.
/// </remarks>
internal static class VariantTraining
{
    private const int Rows = 10_000, Pictures = 2_000;

    /// <summary>A variant, and what it is compared with.</summary>
    private sealed record Case(string Name, ReconstructionOptions Options, string Plain, bool EachPhase = false);

    public static void Run(IReadOnlyList<string> shapes)
    {
        foreach (string text in shapes.Count > 0 ? shapes : ["36", "200", "1x28x28"])
        {
            SampleShape shape = new([.. text.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture))]);
            bool pictures = shape.Rank == 3;
            Random random = new(0);
            int count = pictures ? Pictures : Rows;
            Samples samples = new(Enumerable.Range(0, count * shape.Length).Select(_ => random.NextSingle()).ToArray(), shape);
            int epochs = pictures ? 2 : 4, turns = pictures || shape.Length > 64 ? 2 : 5;
            Print(shape, count, Measure(pictures ? OfPictures() : OfRows(shape), samples, epochs, turns));
        }
    }

    private static IReadOnlyList<Case> OfRows(SampleShape shape)
    {
        IReadOnlyList<int> deep = AutoencoderArchitecture.DefaultHidden(shape);
        int latent = Math.Clamp((shape.Length + 3) / 4, 1, 32), wide = 2 * shape.Length;
        SparseAutoencoderOptions sparse = new() { Hidden = deep, Latent = latent };
        AutoencoderOptions oneLayer = new() { Hidden = [], Latent = wide, CodeActivation = Activation.Sigmoid, Dropout = 0 };
        return
        [
            new("autoencoder", new AutoencoderOptions { Dropout = 0 }, "autoencoder"),
            new("denoising, masking", new DenoisingAutoencoderOptions(), "autoencoder"),
            new("denoising, gaussian", new DenoisingAutoencoderOptions { Corruption = CorruptionKind.Gaussian }, "autoencoder"),
            new("stacked denoising", new StackedDenoisingAutoencoderOptions { Activation = Activation.Tanh }, "autoencoder", EachPhase: true),
            new("sparse, kullbackLeibler", sparse, "autoencoder"),
            new("sparse, weightDecay", sparse with { Penalty = SparsityPenalty.WeightDecay }, "autoencoder"),
            new("variational, gaussian", new VariationalAutoencoderOptions(), "autoencoder"),
            new("variational, fixedGaussian", new VariationalAutoencoderOptions { Likelihood = LikelihoodKind.FixedGaussian }, "autoencoder"),
            new("variational, bernoulli", new VariationalAutoencoderOptions { Likelihood = LikelihoodKind.Bernoulli }, "autoencoder"),
            new("robust, l21Rows", new RobustAutoencoderOptions { Rounds = 2, Activation = Activation.Tanh }, "autoencoder"),
            new("robust, l1", new RobustAutoencoderOptions { Rounds = 2, Penalty = RobustPenalty.L1 }, "autoencoder"),
            new("autoencoder, tied", new AutoencoderOptions { CodeActivation = Activation.Sigmoid, TiedWeights = true, Dropout = 0 }, "autoencoder, tied"),
            new("contractive, hutchinson", new ContractiveAutoencoderOptions { Hidden = deep, Latent = latent }, "autoencoder, tied"),
            new("autoencoder, wide", oneLayer, "autoencoder, wide"),
            new("sparse, wide", new SparseAutoencoderOptions(), "autoencoder, wide"),
            new("autoencoder, wide, tied", oneLayer with { TiedWeights = true }, "autoencoder, wide, tied"),
            new("contractive, closedForm", new ContractiveAutoencoderOptions(), "autoencoder, wide, tied"),
            new("contractive, wide, hutchinson", new ContractiveAutoencoderOptions { Norm = JacobianNorm.Hutchinson }, "autoencoder, wide, tied"),
        ];
    }

    private static IReadOnlyList<Case> OfPictures() =>
    [
        new("autoencoder", new AutoencoderOptions { Dropout = 0 }, "autoencoder"),
        new("denoising, masking", new DenoisingAutoencoderOptions(), "autoencoder"),
        new("sparse, kullbackLeibler", new SparseAutoencoderOptions { Latent = 64 }, "autoencoder"),
        new("contractive, hutchinson", new ContractiveAutoencoderOptions { Latent = 64 }, "autoencoder"),
        new("variational, gaussian", new VariationalAutoencoderOptions(), "autoencoder"),
        new("variational, bernoulli", new VariationalAutoencoderOptions { Likelihood = LikelihoodKind.Bernoulli }, "autoencoder"),
        new("robust, l21Rows", new RobustAutoencoderOptions { Rounds = 2 }, "autoencoder"),
    ];

    /// <summary>Least milliseconds per epoch of each case, or of each of its phases.</summary>
    private static List<(string Name, string Plain, double Milliseconds)> Measure(IReadOnlyList<Case> cases, Samples samples, int epochs, int turns)
    {
        Dictionary<(string Name, string Plain), double> least = [];
        for (int turn = 0; turn <= turns; turn++)
        {
            foreach (Case one in cases)
            {
                foreach ((string phase, double milliseconds) in EpochTimes(one, samples, epochs))
                {
                    (string, string) key = (one.Name + phase, one.Plain);
                    // The first turn is the compiler's.
                    if (turn > 0) least[key] = Math.Min(milliseconds, least.GetValueOrDefault(key, double.MaxValue));
                }
            }
        }
        return [.. least.Select(time => (time.Key.Name, time.Key.Plain, time.Value))];
    }

    private static IEnumerable<(string Phase, double Milliseconds)> EpochTimes(Case one, Samples samples, int epochs)
    {
        List<(string Phase, TimeSpan Time)> ends = [];
        using Detector detector = (one.Options with { Epochs = epochs, ValidationFraction = 0.1, Patience = 0 }).CreateDetector();
        Recorder recorder = new(progress => ends.Add((progress.Phase, Environment.CpuUsage.TotalTime)));
        detector.Fit(samples, new FitContext { Threads = 1, Progress = recorder });
        return ends.GroupBy(end => one.EachPhase ? $": {end.Phase}" : "", end => end.Time)
            .Select(times => (times.Key, (times.Last() - times.First()).TotalMilliseconds / (times.Count() - 1)));
    }

    private static void Print(SampleShape shape, int count, IReadOnlyList<(string Name, string Plain, double Milliseconds)> times)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n| {count} samples of {shape} | ms of processor time per epoch | times the plain one |"));
        Console.WriteLine("|---|---|---|");
        foreach ((string name, string plain, double milliseconds) in times)
        {
            double ratio = milliseconds / times.First(time => time.Name == plain).Milliseconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {milliseconds:F2} | {ratio:F2} |"));
        }
    }

    private sealed class Recorder(Action<FitProgress> action) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => action(value);
    }
}
