using System.Numerics.Tensors;

namespace AnomalySharp.Networks;

/// <summary>
/// Dense encoders of any depth: J itself, sample by sample. Its columns are the tangents of the inputs, carried forward through the layers
/// (J₀ = I, Aₗ = Jₗ₋₁Wₗ, Jₗ = Aₗ·s′(aₗ), one row per input), and the gradient of ‖J‖²_F comes back through the tangents and through the slopes s′.
/// </summary>
/// <remarks>Costs as much as one more sample per input: for small encoders, and to measure the estimate by.</remarks>
internal sealed class ExactJacobianPenalty : JacobianPenalty
{
    private readonly DenseNetwork _encoder;
    private readonly LinearStage[] _layers;

    // Per layer, 0 for the input: values h (and their gradients), slopes s′, and matrices of one row per input.
    private readonly float[][] _values, _valueGradients, _slopes, _products, _tangents, _tangentGradients;
    private readonly int _inputs;

    public ExactJacobianPenalty(DenseNetwork encoder) : base(encoder)
    {
        (_encoder, _layers, _inputs) = (encoder, [.. encoder.Stages], encoder.InputSize);
        int[] widths = [Simd.DenseMath.Padded(_inputs), .. _layers.Select(layer => layer.Columns)];
        (_values, _valueGradients, _slopes) = (Rows(1), Rows(1), Rows(1));
        (_products, _tangents, _tangentGradients) = (Rows(_inputs), Rows(_inputs), Rows(_inputs));
        for (int i = 0; i < _inputs; i++) _tangents[0][i * widths[0] + i] = 1;

        float[][] Rows(int rows) => [.. widths.Select(width => new float[rows * width])];
    }

    public override double Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> codes, int count, Span<float> gradient, float weight)
    {
        double penalty = 0;
        for (int i = 0; i < count; i++)
        {
            penalty += Forward(x.Slice(i * _inputs, _inputs));
            Backward(weight);
        }
        _encoder.Backward(gradient);
        return penalty;
    }

    public override double Of(ReadOnlySpan<float> x, int count)
    {
        double penalty = 0;
        for (int i = 0; i < count; i++) penalty += Forward(x.Slice(i * _inputs, _inputs));
        return penalty;
    }

    /// <summary>J of one sample: one row per input, one column per unit of the code.</summary>
    public float[,] Jacobian(ReadOnlySpan<float> x)
    {
        Forward(x);
        int k = _layers[^1].Outputs;
        float[,] jacobian = new float[_inputs, k];
        for (int i = 0; i < _inputs; i++) for (int j = 0; j < k; j++) jacobian[i, j] = _tangents[^1][i * _layers[^1].Columns + j];
        return jacobian;
    }

    private float Forward(ReadOnlySpan<float> x)
    {
        x.CopyTo(_values[0]);
        for (int l = 1; l <= _layers.Length; l++)
        {
            LinearStage layer = _layers[l - 1];
            ReadOnlySpan<float> weights = _encoder.Parameters.Values[layer.WeightRange], bias = _encoder.Parameters.Values[layer.BiasRange];
            int columns = layer.Columns, before = _tangents[l - 1].Length / _inputs;
            Span<float> values = _values[l];
            if (bias.IsEmpty) values.Clear();
            else bias.CopyTo(values);
            AddProduct(_values[l - 1], weights, values, layer.Inputs);
            for (int j = 0; j < columns; j++)
            {
                values[j] = j < layer.Outputs ? Value(layer.Layer.Activation, values[j]) : 0;
                _slopes[l][j] = ActivationSlope.First(layer.Layer.Activation, values[j]);
            }
            for (int i = 0; i < _inputs; i++)
            {
                Span<float> product = _products[l].AsSpan(i * columns, columns);
                product.Clear();
                AddProduct(_tangents[l - 1].AsSpan(i * before, before), weights, product, layer.Inputs);
                TensorPrimitives.Multiply(product, _slopes[l], _tangents[l].AsSpan(i * columns, columns));
            }
        }
        return TensorPrimitives.SumOfSquares<float>(_tangents[^1]);
    }

    private void Backward(float weight)
    {
        TensorPrimitives.Multiply(_tangents[^1], 2 * weight, _tangentGradients[^1]);
        Array.Clear(_valueGradients[^1]);
        for (int l = _layers.Length; l > 0; l--)
        {
            LinearStage layer = _layers[l - 1];
            int columns = layer.Columns, before = _tangents[l - 1].Length / _inputs;
            ReadOnlySpan<float> weights = _encoder.Parameters.Values[layer.WeightRange];
            Span<float> weightGradients = _encoder.Parameters.Gradients[layer.WeightRange], biasGradients = _encoder.Parameters.Gradients[layer.BiasRange];
            Span<float> atValues = _valueGradients[l];
            for (int j = 0; j < layer.Outputs; j++)
            {
                float change = ActivationSlope.Change(layer.Layer.Activation, _values[l][j]);
                for (int i = 0; change != 0 && i < _inputs; i++) atValues[j] += change * _tangentGradients[l][i * columns + j] * _products[l][i * columns + j];
            }
            // At a and at A from here on.
            TensorPrimitives.Multiply(atValues, _slopes[l], atValues);
            for (int i = 0; i < _inputs; i++)
            {
                Span<float> row = _tangentGradients[l].AsSpan(i * columns, columns);
                TensorPrimitives.Multiply(row, _slopes[l], row);
                AddOuter(_tangents[l - 1].AsSpan(i * before, before), row, weightGradients, layer.Inputs);
                if (l > 1) Back(row, weights, _tangentGradients[l - 1].AsSpan(i * before, before), layer.Inputs);
            }
            AddOuter(_values[l - 1], atValues, weightGradients, layer.Inputs);
            if (!biasGradients.IsEmpty) TensorPrimitives.Add(biasGradients, atValues, biasGradients);
            Back(atValues, weights, _valueGradients[l - 1], layer.Inputs);
        }
    }

    /// <summary>target += v·W.</summary>
    private static void AddProduct(ReadOnlySpan<float> v, ReadOnlySpan<float> weights, Span<float> target, int inputs)
    {
        for (int m = 0; m < inputs; m++)
        {
            if (v[m] != 0) TensorPrimitives.MultiplyAdd(weights.Slice(m * target.Length, target.Length), v[m], target, target);
        }
    }

    /// <summary>gradients += vᵀ·row.</summary>
    private static void AddOuter(ReadOnlySpan<float> v, ReadOnlySpan<float> row, Span<float> gradients, int inputs)
    {
        for (int m = 0; m < inputs; m++)
        {
            Span<float> target = gradients.Slice(m * row.Length, row.Length);
            if (v[m] != 0) TensorPrimitives.MultiplyAdd(row, v[m], target, target);
        }
    }

    /// <summary>target = row·Wᵀ.</summary>
    private static void Back(ReadOnlySpan<float> row, ReadOnlySpan<float> weights, Span<float> target, int inputs)
    {
        for (int m = 0; m < inputs; m++) target[m] = TensorPrimitives.Dot(row, weights.Slice(m * row.Length, row.Length));
    }

    private static float Value(Activation activation, float a) => activation switch
    {
        Activation.Identity => a,
        Activation.Relu => Math.Max(0, a),
        Activation.LeakyRelu => Math.Max(0.01f * a, a),
        Activation.Elu => a > 0 ? a : MathF.Exp(a) - 1,
        Activation.Tanh => MathF.Tanh(a),
        Activation.Sigmoid => 1 / (1 + MathF.Exp(-a)),
        _ => Math.Max(0, a) + MathF.Log(1 + MathF.Exp(-Math.Abs(a))),
    };
}
