using System.Globalization;
using AnomalySharp.Networks.Simd;
using AnomalySharp.Persistence;

namespace AnomalySharp.Networks;

/// <summary>
/// Linear layers and functions in managed SIMD code, for samples that are plain vectors. Nothing native, nothing allocated per step; one row takes
/// well under a microsecond where the layers are small.
/// </summary>
/// <remarks>One thread per call: parallelise over models, folds and blocks of rows.</remarks>
public sealed unsafe class DenseNetwork : Network
{
    private const int InferenceFloats = 16384, MostInferenceRows = 128;

    private readonly DenseMath _math;
    private readonly LinearStage[] _stages;
    private readonly DenseNetwork? _tied;
    private readonly AlignedBuffer _input = new(), _inputGradient = new();
    private readonly int _inputColumns, _widest;
    private readonly bool _hasDropout;
    private float[] _output = [], _plainInputGradient = [];
    private int _count;
    private long _batches;

    /// <inheritdoc/>
    public override int InputSize { get; }

    /// <inheritdoc/>
    public override int OutputSize { get; }

    /// <inheritdoc/>
    public override ParameterBuffer Parameters { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Range> Weights { get; }

    /// <summary>The layers at work, for methods that differentiate a network once more than it does itself.</summary>
    internal IReadOnlyList<LinearStage> Stages => _stages;

    /// <summary>A network with random weights.</summary>
    /// <param name="inputs">Values per sample going in, at least 1.</param>
    /// <param name="layers">Its layers, at least one.</param>
    /// <param name="seed">Start of the random weights and of dropout's masks.</param>
    /// <exception cref="OptionException">A width below 1, or a share of dropout outside 0 to 1.</exception>
    public DenseNetwork(int inputs, IReadOnlyList<DenseLayer> layers, int seed = 0) : this(inputs, layers, seed, DenseMath.Best) { }

    /// <summary>
    /// A network whose weights are those of <paramref name="encoder"/>, transposed, in reverse order: it has only biases and normalisations of its own,
    /// its backward pass adds to the encoder's gradients, and whatever changes the encoder's weights changes it.
    /// </summary>
    /// <param name="encoder">Whose weights it uses; must live as long.</param>
    /// <param name="layers">Its layers, as wide as what went into the encoder's layers, from the last to the first.</param>
    /// <param name="seed">Start of dropout's masks.</param>
    /// <exception cref="OptionException">The widths do not mirror the encoder's.</exception>
    public static DenseNetwork Tied(DenseNetwork encoder, IReadOnlyList<DenseLayer> layers, int seed = 0) =>
        new(encoder.OutputSize, layers, seed, encoder._math, encoder);

    internal DenseNetwork(int inputs, IReadOnlyList<DenseLayer> layers, int seed, DenseMath math, DenseNetwork? tied = null)
    {
        (_math, _tied) = (math, tied);
        if (tied is not null && layers.Count != tied._stages.Length) throw new OptionException($"Tied layers mirror those of the encoder: {tied._stages.Length}, not {layers.Count}.");
        if (layers.Count == 0) throw new OptionException("A network needs at least one layer.");
        foreach (DenseLayer layer in layers)
        {
            if (inputs < 1 || layer.Outputs < 1)
            {
                throw new OptionException($"A layer of {inputs} inputs and {layer.Outputs} outputs is impossible; allowed: 1 or more.");
            }
            if (layer.Dropout is not (>= 0 and < 1)) throw new OptionException($"A layer cannot drop a share of {layer.Dropout}; allowed: 0 up to but not including 1.");
        }
        RequirePossibleSize(inputs, layers);
        Random random = new(seed);
        _stages = new LinearStage[layers.Count];
        (InputSize, OutputSize, _inputColumns) = (inputs, layers[^1].Outputs, DenseMath.Padded(inputs));
        int offset = 0, width = inputs;
        for (int i = 0; i < _stages.Length; i++)
        {
            if (tied is not null && (width != tied._stages[^(i + 1)].Outputs || layers[i].Outputs != tied._stages[^(i + 1)].Inputs))
            {
                throw new OptionException($"Tied layers mirror those of the encoder, and one of {width} inputs and {layers[i].Outputs} outputs does not.");
            }
            TiedWeights? weights = tied is null ? null : new TiedWeights(tied._stages[^(i + 1)], tied.Parameters);
            _stages[i] = new LinearStage(math, width, layers[i], offset, ((ulong)(uint)seed << 16) + (uint)i, weights);
            offset = checked(offset + _stages[i].ParameterCount);
            width = layers[i].Outputs;
            _widest = Math.Max(_widest, _stages[i].Columns);
        }
        _hasDropout = layers.Any(layer => layer.Dropout > 0);
        Parameters = new ParameterBuffer(offset);
        Weights = [.. _stages.Select(stage => stage.WeightRange)];
        foreach (LinearStage stage in _stages) stage.Initialize(Parameters.Values, random);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Forward(ReadOnlySpan<float> input, int count)
    {
        RequireMemory();
        ArgumentOutOfRangeException.ThrowIfZero(count);
        RequireValues(input.Length, count, InputSize, nameof(input));
        int rows = DenseMath.PaddedRows(count);
        _input.Require(checked(rows * _inputColumns));
        _count = count;
        CopyRows(input, InputSize, _input.Span, _inputColumns, count);
        float* current = _input.Pointer;
        fixed (float* values = Parameters.Values)
        {
            foreach (LinearStage stage in _stages) current = stage.Forward(values, current, count, _batches);
        }
        _batches++;
        return Plain(current, _stages[^1].Columns, OutputSize, count, ref _output);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Backward(ReadOnlySpan<float> outputGradient, bool needInputGradient = false)
    {
        RequireMemory();
        if (_count == 0) throw new InvalidOperationException("Call Forward before Backward.");
        RequireValues(outputGradient.Length, _count, OutputSize, nameof(outputGradient));
        LinearStage last = _stages[^1];
        CopyRows(outputGradient, OutputSize, new Span<float>(last.Gradient, _count * last.Columns), last.Columns, _count);
        if (needInputGradient) _inputGradient.Require(DenseMath.PaddedRows(_count) * _inputColumns);
        fixed (float* values = Parameters.Values, gradients = Parameters.Gradients)
        {
            for (int i = _stages.Length - 1; i >= 0; i--)
            {
                _stages[i].Backward(values, gradients, i > 0 ? _stages[i - 1].Gradient : needInputGradient ? _inputGradient.Pointer : null);
            }
        }
        return needInputGradient ? Plain(_inputGradient.Pointer, _inputColumns, InputSize, _count, ref _plainInputGradient) : [];
    }

    /// <inheritdoc/>
    public override void Infer(ReadOnlySpan<float> input, int count, Span<float> output)
    {
        RequireMemory();
        RequireValues(input.Length, count, InputSize, nameof(input));
        RequireValues(output.Length, count, OutputSize, nameof(output));
        // As many rows as keep both halves of the scratch in the nearest caches.
        int block = Math.Clamp(InferenceFloats / _widest / DenseMath.RowBlock * DenseMath.RowBlock, DenseMath.RowBlock, MostInferenceRows);
        int half = (Math.Min(block, count) + 2) * _widest;
        float* scratch = ThreadScratch.Get(2 * half);
        fixed (float* values = Parameters.Values, first = input)
        {
            for (int start = 0; start < count; start += block)
            {
                int rows = Math.Min(block, count - start), row = InputSize;
                float* current = first + (nint)start * InputSize, next = scratch;
                foreach (LinearStage stage in _stages)
                {
                    stage.Infer(values, current, row, next, rows);
                    current = next;
                    next = next == scratch ? scratch + half : scratch;
                    row = stage.Columns;
                }
                CopyRows(new ReadOnlySpan<float>(current, rows * row), row, output[(start * OutputSize)..], OutputSize, rows);
            }
        }
    }

    /// <inheritdoc/>
    public override void WriteState(TensorState state)
    {
        RequireMemory();
        for (int i = 0; i < _stages.Length; i++) _stages[i].WriteState(state, $"layer{i + 1}", Parameters.Values);
        if (_hasDropout) state.SetScalar("dropout.batches", _batches);
    }

    /// <inheritdoc/>
    public override void ReadState(TensorState state)
    {
        RequireMemory();
        // All is read before the first value is replaced: a damaged state leaves the network as it was.
        float[] values = Parameters.Values.ToArray();
        List<Action?> statistics = [];
        for (int i = 0; i < _stages.Length; i++) statistics.Add(_stages[i].ReadState(state, $"layer{i + 1}", values));
        if (_hasDropout) _batches = state.GetScalar<long>("dropout.batches");
        values.CopyTo(Parameters.Values);
        foreach (Action? take in statistics) take?.Invoke();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (LinearStage stage in _stages) stage.Dispose();
        _input.Dispose();
        _inputGradient.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Its own memory, and that of the encoder whose weights it uses.</summary>
    private void RequireMemory()
    {
        RequireAlive();
        _tied?.RequireAlive();
    }

    /// <summary>Widths that are possible one by one may give matrices that are not.</summary>
    private static void RequirePossibleSize(int inputs, IReadOnlyList<DenseLayer> layers)
    {
        long needed = 0, width = inputs;
        foreach (DenseLayer layer in layers)
        {
            // With the padding of both, a bias and two rows of normalisation.
            needed += (width + DenseMath.ColumnBlock + 3) * ((long)layer.Outputs + DenseMath.ColumnBlock);
            width = layer.Outputs;
        }
        if (needed <= Array.MaxLength) return;
        long weights = layers.Zip(layers.Select(layer => (long)layer.Outputs).Prepend(inputs), (layer, before) => before * layer.Outputs).Sum();
        throw new OptionException(
            string.Create(CultureInfo.InvariantCulture, $"A network from {inputs} values through layers of {string.Join(',', layers.Select(layer => layer.Outputs))} ")
            + string.Create(CultureInfo.InvariantCulture, $"units would need {weights:N0} weights; possible are some {Array.MaxLength:N0}. ")
            + "Make the layers narrower: options 'hidden' and 'latent'.");
    }

    /// <summary>Rows without their padding, in managed memory that grows only with the batch.</summary>
    private static ReadOnlySpan<float> Plain(float* rows, int columns, int width, int count, ref float[] plain)
    {
        if (columns == width) return new ReadOnlySpan<float>(rows, count * width);
        if (plain.Length < count * width) plain = new float[count * width];
        CopyRows(new ReadOnlySpan<float>(rows, count * columns), columns, plain, width, count);
        return plain.AsSpan(0, count * width);
    }

    /// <summary>Copies rows from one width to another; cells that the source lacks become zero.</summary>
    private static void CopyRows(ReadOnlySpan<float> source, int sourceWidth, Span<float> target, int targetWidth, int count)
    {
        if (sourceWidth == targetWidth)
        {
            source[..(count * sourceWidth)].CopyTo(target);
            return;
        }
        int width = Math.Min(sourceWidth, targetWidth);
        for (int i = 0; i < count; i++)
        {
            Span<float> row = target.Slice(i * targetWidth, targetWidth);
            source.Slice(i * sourceWidth, width).CopyTo(row);
            row[width..].Clear();
        }
    }
}
