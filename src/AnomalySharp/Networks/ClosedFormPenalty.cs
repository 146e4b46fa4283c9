using System.Numerics.Tensors;

namespace AnomalySharp.Networks;

/// <summary>One dense layer h = s(Wx + b): ‖J‖²_F = Σⱼ s′(aⱼ)² ‖Wⱼ‖² (Rifai et al., ICML 2011, eq. 5), at the cost of one look at the weights.</summary>
internal sealed class ClosedFormPenalty : JacobianPenalty
{
    private readonly DenseNetwork _encoder;
    private readonly LinearStage _layer;

    // Per unit: ‖Wⱼ‖², Σᵢ s′(aᵢⱼ)² over the samples, and a factor made of either.
    private readonly float[] _norms, _squares, _factors;
    private float[] _slopes = [], _changes = [];

    public ClosedFormPenalty(DenseNetwork encoder) : base(encoder)
    {
        (_encoder, _layer) = (encoder, encoder.Stages.Single());
        (_norms, _squares, _factors) = (new float[_layer.Outputs], new float[_layer.Outputs], new float[_layer.Outputs]);
    }

    public override double Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> codes, int count, Span<float> gradient, float weight)
    {
        double penalty = Penalty(codes);
        // Through s′: the backward pass below multiplies it by s′ once more, which is ∂h/∂a.
        if (_changes.Length < codes.Length) _changes = new float[codes.Length];
        Span<float> changes = _changes.AsSpan(0, codes.Length);
        ActivationSlope.Change(_layer.Layer.Activation, codes, changes);
        TensorPrimitives.Multiply(changes, _slopes.AsSpan(0, codes.Length), changes);
        TensorPrimitives.Multiply(_norms, 2 * weight, _factors);
        for (int i = 0; i < codes.Length; i += _norms.Length)
        {
            Span<float> row = gradient.Slice(i, _norms.Length);
            TensorPrimitives.MultiplyAdd(changes.Slice(i, _norms.Length), _factors, row, row);
        }
        _encoder.Backward(gradient);
        // Through ‖Wⱼ‖².
        TensorPrimitives.Multiply(_squares, 2 * weight, _factors);
        Span<float> values = _encoder.Parameters.Values[_layer.WeightRange], gradients = _encoder.Parameters.Gradients[_layer.WeightRange];
        for (int i = 0; i < _layer.Inputs; i++)
        {
            Span<float> row = gradients.Slice(i * _layer.Columns, _norms.Length);
            TensorPrimitives.MultiplyAdd(values.Slice(i * _layer.Columns, _norms.Length), _factors, row, row);
        }
        return penalty;
    }

    public override double Of(ReadOnlySpan<float> x, int count)
    {
        float[] codes = new float[count * _norms.Length];
        _encoder.Infer(x, count, codes);
        return Penalty(codes);
    }

    /// <summary>Σᵢ ‖J(xᵢ)‖²_F. Leaves the norms, the slopes and the sums of their squares behind.</summary>
    private double Penalty(ReadOnlySpan<float> codes)
    {
        if (_slopes.Length < codes.Length) _slopes = new float[codes.Length];
        ActivationSlope.First(_layer.Layer.Activation, codes, _slopes);
        Array.Clear(_norms);
        Array.Clear(_squares);
        AddSquares(_encoder.Parameters.Values[_layer.WeightRange], _layer.Inputs, _layer.Columns, _norms);
        AddSquares(_slopes, codes.Length / _norms.Length, _norms.Length, _squares);
        return TensorPrimitives.Dot<float>(_squares, _norms);
    }

    /// <summary>Adds the sum of squares of each column.</summary>
    private static void AddSquares(ReadOnlySpan<float> matrix, int rows, int columns, Span<float> sums)
    {
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<float> row = matrix.Slice(i * columns, sums.Length);
            TensorPrimitives.MultiplyAdd(row, row, sums, sums);
        }
    }
}
