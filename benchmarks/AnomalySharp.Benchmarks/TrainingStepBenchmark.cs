using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Torch.Native;
using AnomalySharp.Training;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

using Tensor = TorchSharp.torch.Tensor;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// One training step of an autoencoder d-h-k-h-d on one thread: through the real loop (shuffling, gathering, loss, optimiser, progress, checks), and
/// with TorchSharp as is (module, <c>mse_loss</c>, <c>backward</c>, its own Adam) on batches that lie there ready. <see cref="MatrixProduct"/> is the
/// machine's rate at a product of 512×512: its 0.268 GFLOP over its time is what the steps' GFLOP/s compare with.
/// </summary>
/// <remarks>With DOTNET_EnableAVX512=0 in the environment it measures the 256-bit path (set ATEN_CPU_CAPABILITY=avx2 to hold libtorch to it
/// too).</remarks>
[Config(typeof(InProcess)), MemoryDiagnoser]
public class TrainingStepBenchmark : IDisposable
{
    public const int Steps = 50;

    private readonly List<(Tensor Input, Tensor Target)> _batches = [];
    private Sequential? _module;
    private optim.Optimizer? _adam;
    private AutoencoderNetworks? _networks;
    private Optimizer? _optimizer;
    private TrainingLoop? _loop;
    private TrainingPhase? _phase;
    private Tensor? _a, _b, _c;

    private sealed class InProcess : ManualConfig
    {
        // libtorch is found through the files beside this very program.
        public InProcess() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
    }

    /// <summary>d-h-k, batch.</summary>
    [Params("6-64-32 32", "6-64-32 128", "784-128-64 256")]
    public string Net { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        TorchRuntime.Prepare();
        int[] numbers = [.. Net.Split('-', ' ').Select(int.Parse)];
        Setup(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    private void Setup(int size, int hidden, int latent, int batch)
    {
        Random random = new(0);
        float[] values = [.. Enumerable.Range(0, Steps * batch * size).Select(_ => random.NextSingle())];
        for (int i = 0; i < Steps; i++)
        {
            Tensor rows = tensor(values.AsSpan(i * batch * size, batch * size).ToArray(), [batch, size]);
            _batches.Add((rows, rows));
        }
        _module = nn.Sequential(
            nn.Linear(size, hidden), nn.ReLU(), nn.Linear(hidden, latent), nn.ReLU(), nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, size));
        _adam = optim.Adam(_module.parameters());
        _networks = AutoencoderNetworks.Create(new AutoencoderArchitecture
        {
            Shape = new SampleShape(size),
            Hidden = [hidden],
            Latent = latent,
            CodeActivation = Activation.Relu,
        });
        AutoencoderOptions options = new() { BatchSize = batch, ValidationFraction = 0 };
        _optimizer = Optimizer.Create(options, _networks.Encoder, _networks.Decoder);
        float[] gradient = new float[batch * size];
        FitContext context = new() { Progress = new Discard() };
        _loop = new TrainingLoop("autoencoder", new Samples(values, new SampleShape(size)), options, context, _networks.Both);
        _phase = new TrainingPhase { Epochs = 1, Optimizers = [_optimizer], Step = Step };
        double Step(in TrainingBatch rows)
        {
            double loss = SquaredError.Loss(_networks.Forward(rows.Values, rows.Count), rows.Values, gradient);
            _networks.Backward(gradient);
            _optimizer.Step();
            return loss;
        }
        _a = randn(512, 512);
        _b = randn(512, 512);
        _c = zeros(512, 512);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Steps)]
    public double TorchSharpAsIs()
    {
        TorchRuntime.Prepare();
        double sum = 0;
        foreach ((Tensor input, Tensor target) in _batches)
        {
            using DisposeScope scope = NewDisposeScope();
            _adam!.zero_grad();
            Tensor loss = nn.functional.mse_loss(_module!.call(input), target);
            loss.backward();
            _adam.step();
            sum += loss.item<float>();
        }
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Steps)]
    public void TrainingLoop() => _loop!.Run(_phase!);

    [Benchmark]
    public void MatrixProduct()
    {
        TorchRuntime.Prepare();
        _c!.addmm_(_a!, _b!, beta: 0);
    }

    public void Dispose()
    {
        foreach ((Tensor input, _) in _batches) input.Dispose();
        _module?.Dispose();
        _adam?.Dispose();
        _networks?.Dispose();
        foreach (Tensor? tensor in (Tensor?[])[_a, _b, _c]) tensor?.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed class Discard : IProgress<FitProgress>
    {
        public void Report(FitProgress value) { }
    }
}
