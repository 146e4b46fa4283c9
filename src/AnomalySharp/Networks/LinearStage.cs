using AnomalySharp.Networks.Simd;
using AnomalySharp.Persistence;

namespace AnomalySharp.Networks;

/// <summary>
/// A layer at work: where its parameters lie in the network's buffer, and the memory of its last batch. Weights are stored input × output, which is
/// what
/// the product X·W wants; in a state they are output × input, as elsewhere.
/// </summary>
internal sealed unsafe class LinearStage(DenseMath math, int inputs, DenseLayer layer, int offset, ulong seed, TiedWeights? tied = null) : IDisposable
{
    private readonly int _paddedInputs = DenseMath.Padded(inputs), _columns = DenseMath.Padded(layer.Outputs);
    private readonly AlignedBuffer _output = new(), _mask = new(), _dropped = new(), _gradient = new(), _transposed = new();
    private readonly AlignedBuffer _zeros = new(DenseMath.Padded(layer.Outputs));
    private readonly BatchNormalization? _normalization = layer.BatchNormalization ? new BatchNormalization(math, layer.Outputs) : null;
    private float* _input;
    private int _count;

    /// <summary>Floats of a weight matrix with its padding.</summary>
    private int WeightCount => _paddedInputs * _columns;

    /// <summary>Floats of the weights that are its own.</summary>
    private int Weights => tied is null ? WeightCount : 0;

    /// <summary>Where its own weights lie in the parameter buffer.</summary>
    public Range WeightRange => offset..(offset + Weights);

    /// <summary>Where the bias lies in the parameter buffer, padding included; empty where there is none.</summary>
    public Range BiasRange => (offset + Weights)..(offset + Weights + (layer.HasBias ? _columns : 0));

    public DenseLayer Layer => layer;

    public int Inputs => inputs;

    public int Outputs => layer.Outputs;

    /// <summary>Floats that the layer needs in the parameter buffer.</summary>
    public int ParameterCount => checked(Weights + (layer.HasBias ? _columns : 0) + (layer.BatchNormalization ? 2 * _columns : 0));

    /// <summary>Columns of the output, padding included.</summary>
    public int Columns => _columns;

    /// <summary>Where the caller puts the gradient at the output, rows of <see cref="Columns"/>.</summary>
    public float* Gradient => _gradient.Pointer;

    public void Initialize(Span<float> parameters, Random random)
    {
        double bound = InitialWeights.Bound(inputs, layer.Activation);
        for (int j = 0; tied is null && j < layer.Outputs; j++)
        {
            for (int i = 0; i < inputs; i++) parameters[offset + i * _columns + j] = (float)((2 * random.NextDouble() - 1) * bound);
        }
        if (_normalization is not null) parameters.Slice(offset + Weights, layer.Outputs).Fill(1);
    }

    /// <param name="values">The network's parameters.</param>
    /// <param name="input">Rows of the padded inputs; kept for <see cref="Backward"/>.</param>
    /// <param name="count">Samples.</param>
    /// <param name="batch">Number of the batch since the network was made, from which dropout's mask follows.</param>
    /// <returns>Rows of <see cref="Columns"/>.</returns>
    public float* Forward(float* values, float* input, int count, long batch)
    {
        int rows = DenseMath.PaddedRows(count), length = checked(rows * _columns);
        _count = count;
        _input = input;
        _output.Require(length);
        _gradient.Require(length);
        float* output = _output.Pointer;
        _transposed.Require(tied is null ? 0 : WeightCount);
        Linear(values, tied is null ? values + offset : tied.Transpose(_transposed.Pointer), input, _paddedInputs, output, rows);
        _normalization?.Forward(values + offset + Weights, output, count);
        Activate(output, rows);
        if (layer.Dropout == 0) return output;
        _mask.Require(length);
        _dropped.Require(length);
        DropoutMask.Fill(_mask.Span[..(count * _columns)], layer.Dropout, seed, batch);
        System.Numerics.Tensors.TensorPrimitives.Multiply(_output.Span[..length], _mask.Span[..length], _dropped.Span);
        return _dropped.Pointer;
    }

    /// <summary>Takes the gradient at the output from <see cref="Gradient"/>, which it overwrites, and adds to the parameters' gradients.</summary>
    /// <param name="values">The network's parameters.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="inputGradient">Receives the gradient at the input, rows of the padded inputs; null where it is not wanted.</param>
    public void Backward(float* values, float* gradients, float* inputGradient)
    {
        float* gradient = _gradient.Pointer;
        int length = _count * _columns;
        if (layer.Dropout > 0) System.Numerics.Tensors.TensorPrimitives.Multiply(_gradient.Span[..length], _mask.Span[..length], _gradient.Span);
        math.MultiplyBySlope(layer.Activation, _output.Pointer, gradient, length);
        _normalization?.Backward(values + offset + Weights, gradients + offset + Weights, gradient, _count);
        if (layer.HasBias) math.AddColumnSums(gradient, _count, _columns, gradients + offset + Weights);
        if (tied is not null)
        {
            BackwardTied(tied, gradient, inputGradient);
            return;
        }
        Product weights = new() { ARow = 1, AStep = _paddedInputs, BStep = _columns, CRow = _columns, InitRow = _columns, Depth = _count, Slope = 1 };
        float* weightGradients = gradients + offset;
        math.Multiply(weights, _input, gradient, weightGradients, weightGradients, DenseMath.PaddedRows(inputs), _columns);
        if (inputGradient is null) return;
        _transposed.Require(Weights);
        Transposition.Transpose(values + offset, _transposed.Pointer, _paddedInputs, _columns);
        _zeros.Require(_paddedInputs);
        Product back = new() { ARow = _columns, AStep = 1, BStep = _paddedInputs, CRow = _paddedInputs, Depth = layer.Outputs, Slope = 1 };
        math.Multiply(back, gradient, _transposed.Pointer, inputGradient, _zeros.Pointer, DenseMath.PaddedRows(_count), _paddedInputs);
    }

    /// <summary>The gradient of the encoder's weights is that of the own ones transposed: the same product with its operands exchanged.</summary>
    private void BackwardTied(TiedWeights encoder, float* gradient, float* inputGradient)
    {
        fixed (float* values = encoder.Values, gradients = encoder.Gradients)
        {
            Product weights = new() { ARow = 1, AStep = _columns, BStep = _paddedInputs, CRow = _paddedInputs, InitRow = _paddedInputs, Depth = _count, Slope = 1 };
            math.Multiply(weights, gradient, _input, gradients, gradients, DenseMath.PaddedRows(layer.Outputs), _paddedInputs);
            if (inputGradient is null) return;
            _zeros.Require(_paddedInputs);
            Product back = new() { ARow = _columns, AStep = 1, BStep = _paddedInputs, CRow = _paddedInputs, Depth = layer.Outputs, Slope = 1 };
            math.Multiply(back, gradient, values, inputGradient, _zeros.Pointer, DenseMath.PaddedRows(_count), _paddedInputs);
        }
    }

    /// <summary>Without dropout, with the running statistics; touches nothing but <paramref name="output"/>.</summary>
    /// <param name="values">The network's parameters.</param>
    /// <param name="input">Rows at a distance of <paramref name="inputRow"/>.</param>
    /// <param name="inputRow">Floats from one row to the next.</param>
    /// <param name="output">Receives rows of <see cref="Columns"/>, and after them what batch normalisation needs: two more.</param>
    /// <param name="rows">Samples.</param>
    public void Infer(float* values, float* input, int inputRow, float* output, int rows)
    {
        Linear(values, tied is null ? values + offset : tied.Transpose(TiedWeights.Scratch(WeightCount)), input, inputRow, output, rows);
        _normalization?.Apply(values + offset + Weights, output, rows, output + rows * _columns);
        if (_normalization is not null || DenseMath.LinearSlope(layer.Activation) is null) math.Activate(layer.Activation, output, rows * _columns);
    }

    public void WriteState(TensorState state, string name, ReadOnlySpan<float> values)
    {
        ReadOnlySpan<float> weights = values.Slice(offset, Weights), rest = values[(offset + Weights)..];
        if (tied is null)
        {
            float[] plain = new float[inputs * layer.Outputs];
            for (int i = 0; i < inputs; i++)
            {
                for (int j = 0; j < layer.Outputs; j++) plain[j * inputs + i] = weights[i * _columns + j];
            }
            state.Set<float>($"{name}.weight", plain, layer.Outputs, inputs);
        }
        if (layer.HasBias) state.Set($"{name}.bias", rest[..layer.Outputs]);
        _normalization?.WriteState(state, $"{name}.normalization", rest);
    }

    /// <summary>Reads into <paramref name="values"/>; the running statistics change only when the returned action is called.</summary>
    public Action? ReadState(TensorState state, string name, Span<float> values)
    {
        Span<float> weights = values.Slice(offset, Weights), rest = values[(offset + Weights)..];
        if (tied is null) ReadWeights(state, name, weights);
        if (layer.HasBias) state.Get<float>($"{name}.bias", layer.Outputs).CopyTo(rest);
        return _normalization?.ReadState(state, $"{name}.normalization", rest);
    }

    private void ReadWeights(TensorState state, string name, Span<float> weights)
    {
        float[] plain = state.Get<float>($"{name}.weight", layer.Outputs * inputs);
        if (!state.Tensors[$"{name}.weight"].Shape.SequenceEqual([layer.Outputs, inputs]))
        {
            throw new ModelFileException($"The model's array '{name}.weight' has another shape than [{layer.Outputs},{inputs}].");
        }
        for (int i = 0; i < inputs; i++)
        {
            for (int j = 0; j < layer.Outputs; j++) weights[i * _columns + j] = plain[j * inputs + i];
        }
    }

    public void Dispose()
    {
        foreach (AlignedBuffer buffer in (AlignedBuffer[])[_output, _mask, _dropped, _gradient, _transposed, _zeros]) buffer.Dispose();
        _normalization?.Dispose();
    }

    private void Linear(float* values, float* weights, float* input, int inputRow, float* output, int rows)
    {
        Product product = new()
        {
            ARow = inputRow,
            AStep = 1,
            BStep = _columns,
            CRow = _columns,
            Depth = inputs,
            Slope = _normalization is null ? DenseMath.LinearSlope(layer.Activation) ?? 1 : 1,
        };
        math.Multiply(product, input, weights, output, layer.HasBias ? values + offset + Weights : _zeros.Pointer, rows, _columns);
    }

    private void Activate(float* output, int rows)
    {
        if (_normalization is null && DenseMath.LinearSlope(layer.Activation) is not null) return;
        math.Activate(layer.Activation, output, rows * _columns);
        // σ(0) and softplus(0) are not 0, and the padding of the weights' gradient is a product with this one.
        if (layer.Activation is not (Activation.Sigmoid or Activation.Softplus) || _columns == layer.Outputs) return;
        for (int i = 0; i < rows; i++) new Span<float>(output + i * _columns + layer.Outputs, _columns - layer.Outputs).Clear();
    }
}
