namespace AnomalySharp.Networks;

/// <summary>One dense layer h = s(Wx + b): ‖J‖²_F = Σⱼ s′(aⱼ)² ‖Wⱼ‖² (Rifai et al., ICML 2011, eq. 5), at the cost of one look at the weights.</summary>
internal sealed class ClosedFormPenalty : JacobianPenalty
{
    private readonly DenseNetwork _encoder;
    private readonly LinearStage _layer;
    private readonly float[] _norms, _squares;

    public ClosedFormPenalty(DenseNetwork encoder) : base(encoder)
    {
        (_encoder, _layer) = (encoder, encoder.Stages.Single());
        (_norms, _squares) = (new float[_layer.Outputs], new float[_layer.Outputs]);
    }

    public override double Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> codes, int count, Span<float> gradient, float weight)
    {
        ComputeNorms();
        Array.Clear(_squares);
        Activation activation = _layer.Layer.Activation;
        int k = _norms.Length;
        double penalty = 0;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < k; j++)
            {
                float y = codes[i * k + j], slope = ActivationSlope.First(activation, y);
                penalty += slope * slope * _norms[j];
                _squares[j] += slope * slope;
                // Through s′: the backward pass below multiplies it by s′ once more, which is ∂h/∂a.
                gradient[i * k + j] += 2 * weight * slope * ActivationSlope.Change(activation, y) * _norms[j];
            }
        }
        _encoder.Backward(gradient);
        // Through ‖Wⱼ‖².
        Span<float> values = _encoder.Parameters.Values[_layer.WeightRange], gradients = _encoder.Parameters.Gradients[_layer.WeightRange];
        for (int i = 0; i < _layer.Inputs; i++)
        {
            int row = i * _layer.Columns;
            for (int j = 0; j < k; j++) gradients[row + j] += 2 * weight * _squares[j] * values[row + j];
        }
        return penalty;
    }

    public override double Of(ReadOnlySpan<float> x, int count)
    {
        ComputeNorms();
        float[] codes = new float[count * _norms.Length];
        _encoder.Infer(x, count, codes);
        double penalty = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            float slope = ActivationSlope.First(_layer.Layer.Activation, codes[i]);
            penalty += slope * slope * _norms[i % _norms.Length];
        }
        return penalty;
    }

    private void ComputeNorms()
    {
        Array.Clear(_norms);
        ReadOnlySpan<float> values = _encoder.Parameters.Values[_layer.WeightRange];
        for (int i = 0; i < _layer.Inputs; i++)
        {
            ReadOnlySpan<float> row = values.Slice(i * _layer.Columns, _norms.Length);
            for (int j = 0; j < row.Length; j++) _norms[j] += row[j] * row[j];
        }
    }
}
