using System.Diagnostics;
using System.Globalization;
using AnomalySharp.Torch.Detectors.SelfSupervised;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Torch.Transformations;
using AnomalySharp.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// How near the training of the networks that recognise transformations comes to the convolutions in it, on one thread:
/// <c>dotnet run -c Release --project benchmarks/AnomalySharp.Benchmarks -- classifiers</c>.
/// </summary>
/// <remarks>
/// The step is the detectors' own: pictures copied in, transformed, forward, cross-entropy, backward, optimiser. The ceiling is libtorch's convolution alone
/// at the network's shapes, forward and both gradients (of the first layer only that of the weights), each in its own loop. Both take turns, so that a busy
/// machine slows both; of the turns the fastest counts. The last columns are the ceiling's time with pictures row after row in memory, and in bfloat16,
/// over that in the layout and precision that are used, and the time of the step with <c>precision=bfloat16</c> over that of the step without.
/// On one core with AMX that others disturbed, in four runs of November 2026: <c>small</c> 49 to 63 % of the ceiling, <c>medium</c> 77 to 94 %, <c>wrn10x4</c>
/// 72 to 77 %. A profile of <c>small</c> has about half of its step in convolutions, a sixth in normalisations, a tenth in rectifiers and in moving pictures, and
/// the rest in some hundred small operations.
/// </remarks>
internal static class ClassifierTraining
{
    private const int Batch = 128, Turns = 5;

    private const double LeastSeconds = 0.3;

    private sealed record Layer(Conv2d Convolution, long[] Input, bool First)
    {
        // Forward, and as much for each gradient.
        public double Operations(long[] output) =>
            2.0 * output.Aggregate(1L, (product, extent) => product * extent) * Convolution.weight!.shape[1..].Aggregate(1L, (product, extent) => product * extent)
            * (First ? 2 : 3);
    }

    public static void Run()
    {
        TorchRuntime.Prepare();
        Console.WriteLine("| network | pictures | pictures/s | GFLOP/s of convolutions in the step | ceiling, GFLOP/s | share | row-major | bfloat16 | step in bfloat16 |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        Measure(PictureClassifier.Small, new SampleShape(1, 28, 28));
        Measure(PictureClassifier.Small, new SampleShape(3, 32, 32));
        Measure(PictureClassifier.Medium, new SampleShape(1, 28, 28));
        Measure(PictureClassifier.Medium, new SampleShape(3, 32, 32));
        Measure(PictureClassifier.Wrn10x4, new SampleShape(3, 32, 32));
    }

    private static void Measure(PictureClassifier kind, SampleShape shape)
    {
        GeometricTransformationsOptions options = new() { Network = kind };
        IReadOnlyList<PictureTransformation> transformations = options.Transformations.Create(shape[1], shape[2]);
        using TransformationTable table = new(transformations, CPU);
        FeatureModel model = kind.Create(shape, transformations.Count, seed: 0, "cpu");
        using TorchNetwork network = model.Network;
        Optimizer optimizer = Optimizer.Create(options, network);
        TransformationTask[] tasks =
        [
            .. Enum.GetValues<TrainingPrecision>().Select(precision => new TransformationTask(network, table, Batch, new Random(0)) { Precision = precision }),
        ];
        Random random = new(0);
        float[] pictures = [.. Enumerable.Range(0, Batch * shape.Length).Select(_ => random.NextSingle())];
        int[] rows = [.. Enumerable.Range(0, Batch)];
        Layer[] layers = Layers(model, network, pictures);

        double[] step = [double.MaxValue, double.MaxValue], ceiling = [double.MaxValue, double.MaxValue, double.MaxValue];
        for (int turn = 0; turn < Turns; turn++)
        {
            for (int precision = 0; precision < step.Length; precision++)
            {
                TransformationTask task = tasks[precision];
                step[precision] = Math.Min(step[precision], Seconds(() => task.Step(new TrainingBatch { Values = pictures, Rows = rows }, optimizer)));
            }
            for (int variant = 0; variant < ceiling.Length; variant++)
            {
                double sum = layers.Sum(layer => Convolve(layer, channelsLast: variant != 1, variant == 2 ? ScalarType.BFloat16 : ScalarType.Float32));
                ceiling[variant] = Math.Min(ceiling[variant], sum);
            }
        }
        double operations = layers.Sum(Operations);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {kind} | {shape} | {Batch / step[0]:F0} | {operations / step[0] / 1e9:F1} | {operations / ceiling[0] / 1e9:F1} | {ceiling[0] / step[0]:P0} "
                + $"| {ceiling[1] / ceiling[0]:F2} | {ceiling[2] / ceiling[0]:F2} | {step[1] / step[0]:F2} |"));
    }

    /// <summary>The convolutions and what goes into each.</summary>
    private static Layer[] Layers(FeatureModel model, TorchNetwork network, float[] pictures)
    {
        List<Layer> layers = [];
        Conv2d[] convolutions = [.. model.Module.modules().OfType<Conv2d>().Distinct()];
        foreach (Conv2d convolution in convolutions)
        {
            convolution.register_forward_hook((_, input, output) =>
            {
                layers.Add(new Layer(convolution, [.. input.shape], First: layers.Count == 0));
                return output;
            });
        }
        using (NewDisposeScope())
        using (no_grad())
        {
            network.Enter(training: true);
            model.Module.call(network.Import(pictures, Batch));
        }
        return [.. layers];
    }

    private static double Convolve(Layer layer, bool channelsLast, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = Laid(rand(layer.Input), channelsLast, type).requires_grad_(!layer.First);
        Tensor weight = Laid(layer.Convolution.weight!.detach().clone(), channelsLast, type).requires_grad_();
        Tensor gradient;
        using (no_grad()) gradient = ones_like(Convolution(input));
        Tensor[] wanted = layer.First ? [weight] : [weight, input];
        return Seconds(() =>
        {
            using DisposeScope inner = NewDisposeScope();
            autograd.grad([Convolution(input)], wanted, [gradient]);
        });

        Tensor Convolution(Tensor of) => nn.functional.conv2d(of, weight, null, Pair(layer.Convolution.stride), Pair(layer.Convolution.padding!));

        static long[] Pair(IReadOnlyList<long> of) => [.. of];
    }

    private static Tensor Laid(Tensor values, bool channelsLast, ScalarType type)
    {
        Tensor converted = values.to(type).contiguous();
        return channelsLast ? converted.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : converted;
    }

    private static double Operations(Layer layer)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        return layer.Operations(nn.functional.conv2d(
            zeros(layer.Input), layer.Convolution.weight!, null, [.. layer.Convolution.stride], [.. layer.Convolution.padding!]).shape);
    }

    /// <summary>Seconds of one call: the mean of as many as fill <see cref="LeastSeconds"/>, after one that warms up.</summary>
    private static double Seconds(Action action)
    {
        action();
        int calls = 0;
        TimeSpan start = Environment.CpuUsage.TotalTime, end;
        Stopwatch clock = Stopwatch.StartNew();
        do
        {
            action();
            calls++;
            end = Environment.CpuUsage.TotalTime;
        }
        while (clock.Elapsed.TotalSeconds < LeastSeconds);
        return (end - start).TotalSeconds / calls;
    }
}
