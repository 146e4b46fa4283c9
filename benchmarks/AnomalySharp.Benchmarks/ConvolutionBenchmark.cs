using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using BenchmarkDotNet.Attributes;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace AnomalySharp.Benchmarks;

/// <summary>
/// One training step without the optimiser of the convolutional autoencoder on 3×32×32, 64 pictures, one thread: through the network contract, and as
/// the bare module with libtorch's own loss and backward on a tensor that is there already, in either layout.
/// </summary>
public class ConvolutionBenchmark : IDisposable
{
    private const int Count = 64;
    private readonly AutoencoderArchitecture _architecture = new() { Shape = new SampleShape(3, 32, 32), Latent = 32 };
    private readonly AutoencoderNetworks _networks;
    private readonly nn.Module<Tensor, Tensor> _encoder, _decoder;
    private readonly float[] _pictures, _gradient;
    private readonly Tensor _rows, _channelsLast;
    private readonly Tensor[] _parameters;

    public ConvolutionBenchmark()
    {
        TorchRuntime.Prepare();
        _networks = new TorchNetworkProvider().CreateAutoencoder(_architecture);
        ConvolutionalGeometry geometry = ConvolutionalGeometry.Of(_architecture.Shape, _architecture.Hidden);
        _encoder = new ConvolutionalEncoder(_architecture, geometry);
        _decoder = new ConvolutionalDecoder(_architecture, geometry);
        _parameters = [.. _encoder.parameters(), .. _decoder.parameters()];
        Random random = new(0);
        _pictures = [.. Enumerable.Range(0, Count * 3 * 32 * 32).Select(_ => random.NextSingle())];
        _gradient = new float[_pictures.Length];
        _rows = tensor(_pictures, [Count, 3, 32, 32]);
        _channelsLast = _rows.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
    }

    [Benchmark(Baseline = true)]
    public float BareLibtorch() => Bare(_rows);

    [Benchmark]
    public float BareLibtorchChannelsLast() => Bare(_channelsLast);

    [Benchmark]
    public float Network()
    {
        TorchRuntime.Prepare();
        ReadOnlySpan<float> output = _networks.Decoder.Forward(_networks.Encoder.Forward(_pictures, Count), Count);
        TensorPrimitives.Subtract(output, _pictures, _gradient);
        float loss = TensorPrimitives.SumOfSquares(_gradient) / _gradient.Length;
        TensorPrimitives.Multiply(_gradient, 2f / _gradient.Length, _gradient);
        _networks.Encoder.Backward(_networks.Decoder.Backward(_gradient, needInputGradient: true));
        _networks.Encoder.Parameters.Gradients.Clear();
        _networks.Decoder.Parameters.Gradients.Clear();
        return loss;
    }

    private float Bare(Tensor pictures)
    {
        TorchRuntime.Prepare();
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = nn.functional.mse_loss(_decoder.call(_encoder.call(pictures)), pictures);
        loss.backward();
        foreach (Tensor parameter in _parameters) parameter.grad!.zero_();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _networks.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
        _rows.Dispose();
        _channelsLast.Dispose();
        GC.SuppressFinalize(this);
    }
}
