using System.Runtime.InteropServices;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// A <see cref="Network"/> around a module of TorchSharp: the same contract as managed networks, so that a method written against it runs on
/// pictures unchanged. Pictures are laid out channels-last inside; what goes in and comes out is row-major.
/// </summary>
public sealed class TorchNetwork : Network
{
    private readonly nn.Module<Tensor, Tensor> _module;
    private readonly Device _device;
    private readonly long[] _inputShape;
    private readonly FlatParameters _parameters;
    private readonly Lock _modeGate = new();
    private bool _training = true;
    private Tensor? _input, _output, _outputValues, _inputGradient;

    /// <inheritdoc/>
    public override int InputSize { get; }

    /// <inheritdoc/>
    public override int OutputSize { get; }

    /// <inheritdoc/>
    public override ParameterBuffer Parameters => _parameters.Buffer;

    /// <inheritdoc/>
    public override IReadOnlyList<Range> Weights => _parameters.Weights;

    /// <summary>
    /// Samples per call of the module in <see cref="Infer"/>. The last call is filled up with zeros: libtorch picks its kernels by the batch's size
    /// (below 16 rows it takes others, and sums in another order), and a score must not depend on what else is scored. On a processor, 16 pictures
    /// of 28×28 or more cost less each than 128 do, since they stay in the caches (at 20×20 they cost more), and one alone waits less.
    /// </summary>
    internal int BlockSize => _device.type == DeviceType.CUDA ? 256 : 16;

    /// <summary>Takes over <paramref name="module"/>, whose parameters become views of one flat buffer.</summary>
    /// <param name="module">Maps a batch of shape <c>[n, input…]</c> to <c>[n, output…]</c>, each sample for itself.</param>
    /// <param name="input">Shape of a sample going in.</param>
    /// <param name="outputSize">Values per sample coming out.</param>
    /// <param name="device"><c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="OptionException">An unknown device, or one that this libtorch cannot use.</exception>
    /// <exception cref="TorchNotAvailableException">libtorch cannot be loaded.</exception>
    public TorchNetwork(nn.Module<Tensor, Tensor> module, SampleShape input, int outputSize, string device = "cpu")
        : this(module, input, outputSize, TorchDevice.Parse(device), mirrored: TorchDevice.IsGpu(device)) { }

    internal TorchNetwork(nn.Module<Tensor, Tensor> module, SampleShape input, int outputSize, Device device, bool mirrored)
    {
        TorchRuntime.Prepare();
        InputSize = input.Length;
        OutputSize = outputSize;
        _device = device;
        _inputShape = [.. input.Dimensions.Select(extent => (long)extent)];
        _module = module.to(device);
        _parameters = new FlatParameters(module, device, mirrored);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Forward(ReadOnlySpan<float> input, int count)
    {
        RequireAlive();
        RequireValues(input.Length, count, InputSize, nameof(input));
        TorchRuntime.Prepare();
        Release();
        SetTraining(true);
        _parameters.Upload();
        using DisposeScope scope = NewDisposeScope();
        _input = Import(input, count).requires_grad_().DetachFromDisposeScope();
        _output = _module.call(_input).DetachFromDisposeScope();
        using (no_grad()) _outputValues = Export(_output);
        return Floats(_outputValues);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Backward(ReadOnlySpan<float> outputGradient, bool needInputGradient = false)
    {
        RequireAlive();
        if (_input is null || _output is null) throw new InvalidOperationException("Call Forward before Backward.");
        RequireValues(outputGradient.Length, (int)_output.shape[0], OutputSize, nameof(outputGradient));
        TorchRuntime.Prepare();
        using DisposeScope scope = NewDisposeScope();
        Tensor gradient = empty(_output.shape);
        outputGradient.CopyTo(Floats(gradient));
        // Only what is asked for is computed: the gradient at the first layer's input would cost as much as the one of its weights.
        List<Tensor> wanted = [.. _parameters.Tensors];
        if (needInputGradient) wanted.Add(_input);
        autograd.backward([_output], [gradient.to(_device)], inputs: wanted);
        _parameters.DownloadGradients();
        if (needInputGradient)
        {
            using Tensor inputGradient = _input.grad!;
            using (no_grad()) _inputGradient = Export(inputGradient);
        }
        ReleaseGraph();
        return _inputGradient is null ? [] : Floats(_inputGradient);
    }

    /// <inheritdoc/>
    public override void Infer(ReadOnlySpan<float> input, int count, Span<float> output)
    {
        RequireAlive();
        RequireValues(input.Length, count, InputSize, nameof(input));
        RequireValues(output.Length, count, OutputSize, nameof(output));
        TorchRuntime.Prepare();
        SetTraining(false);
        _parameters.Upload();
        using IDisposable noGradient = no_grad();
        for (int start = 0; start < count; start += BlockSize)
        {
            int rows = Math.Min(BlockSize, count - start);
            using DisposeScope scope = NewDisposeScope();
            Tensor result = Export(_module.call(Import(input.Slice(start * InputSize, rows * InputSize), BlockSize)));
            Floats(result)[..(rows * OutputSize)].CopyTo(output[(start * OutputSize)..]);
            result.Dispose();
        }
    }

    /// <summary>The module, for calls with tensors after <see cref="Enter"/>.</summary>
    internal nn.Module<Tensor, Tensor> Module => _module;

    /// <summary>Where the module computes.</summary>
    internal Device Device => _device;

    /// <summary>
    /// Gets ready for calls of the module with tensors on this thread: the optimiser's last step is in its parameters, and it is in the mode for
    /// training (batch statistics, which it also keeps) or for use (running ones, each sample for itself).
    /// </summary>
    internal void Enter(bool training)
    {
        RequireAlive();
        TorchRuntime.Prepare();
        SetTraining(training);
        _parameters.Upload();
    }

    /// <summary>The gradients of a scalar at the parameters, in one vector, without adding them to any; the scalar's graph stays.</summary>
    internal Tensor GradientOf(Tensor loss) =>
        cat([.. autograd.grad([loss], [.. _parameters.Tensors], retain_graph: true).Select(gradient => gradient.flatten())]);

    /// <summary>
    /// Adds the gradients of a scalar to those of this network's parameters, and of no other's: what the loss passed through besides stays as it was.
    /// </summary>
    internal void AddGradients(Tensor loss) => AddGradients(loss, [this]);

    /// <summary>The same for several networks that learn from one loss.</summary>
    internal static void AddGradients(Tensor loss, IReadOnlyList<TorchNetwork> networks)
    {
        autograd.backward([loss], inputs: [.. networks.SelectMany(network => network._parameters.Tensors)]);
        foreach (TorchNetwork network in networks) network._parameters.DownloadGradients();
    }

    /// <inheritdoc/>
    public override void WriteState(TensorState state)
    {
        RequireAlive();
        TorchRuntime.Prepare();
        _parameters.Upload();
        foreach ((string name, Tensor tensor) in NamedTensors()) StoredTensors.Write(state, name, tensor);
    }

    /// <inheritdoc/>
    public override void ReadState(TensorState state)
    {
        RequireAlive();
        TorchRuntime.Prepare();
        // All are read before the first is replaced: a damaged state leaves the network as it was.
        List<(Tensor Target, Tensor Value)> read = [];
        try
        {
            foreach ((string name, Tensor tensor) in NamedTensors()) read.Add((tensor, StoredTensors.Read(state, name, tensor)));
            using IDisposable noGradient = no_grad();
            foreach ((Tensor target, Tensor value) in read) target.copy_(value);
            _parameters.Download();
        }
        finally
        {
            foreach ((_, Tensor value) in read) value.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Release();
        _module.Dispose();
        base.Dispose(disposing);
    }

    private IEnumerable<(string Name, Tensor Tensor)> NamedTensors() =>
        [.. _parameters.Named.Select(parameter => (parameter.Name, (Tensor)parameter.Parameter)), .. _module.named_buffers()];

    /// <summary>Rows as the module takes them, on its device: <paramref name="count"/> samples, those after the last row zero.</summary>
    internal Tensor Import(ReadOnlySpan<float> rows, int count) => Import(rows, count, _inputShape, _device);

    /// <summary>The same for samples of any shape: pictures are laid out channels-last.</summary>
    internal static Tensor Import(ReadOnlySpan<float> rows, int count, long[] shape, Device device)
    {
        Tensor here = empty([count, .. shape]);
        Span<float> memory = Floats(here);
        rows.CopyTo(memory);
        memory[rows.Length..].Clear();
        Tensor there = here.to(device);
        return shape.Length == 3 ? ConvolutionalGeometry.ChannelsLast(there) : there;
    }

    /// <summary>The values in row-major order in this process's memory, owned by the caller.</summary>
    internal static Tensor Export(Tensor values)
    {
        using Tensor detached = values.detach();
        using Tensor here = detached.cpu();
        return here.contiguous().DetachFromDisposeScope();
    }

    /// <summary>The memory of a contiguous tensor in this process.</summary>
    internal static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private void SetTraining(bool training)
    {
        if (Volatile.Read(ref _training) == training) return;
        lock (_modeGate)
        {
            if (training) _module.train();
            else _module.eval();
            Volatile.Write(ref _training, training);
        }
    }

    private void Release()
    {
        ReleaseGraph();
        _outputValues?.Dispose();
        _inputGradient?.Dispose();
        _outputValues = _inputGradient = null;
    }

    private void ReleaseGraph()
    {
        _input?.Dispose();
        _output?.Dispose();
        _input = _output = null;
    }
}
