using AnomalySharp.Networks.Simd;

namespace AnomalySharp.Networks;

/// <summary>The weights of an encoder's stage, as its mirror image in the decoder uses them.</summary>
internal sealed unsafe class TiedWeights
{
    [ThreadStatic]
    private static AlignedBuffer? t_scratch;

    private readonly LinearStage _stage;
    private readonly ParameterBuffer _parameters;

    public TiedWeights(LinearStage stage, ParameterBuffer parameters) => (_stage, _parameters) = (stage, parameters);

    /// <summary>Encoder inputs × encoder outputs, both padded.</summary>
    public Span<float> Values => _parameters.Values[_stage.WeightRange];

    public Span<float> Gradients => _parameters.Gradients[_stage.WeightRange];

    /// <summary>Writes the transposed weights, which the optimiser may have changed since the last time, and returns where.</summary>
    public float* Transpose(float* target)
    {
        fixed (float* values = Values) Transposition.Transpose(values, target, DenseMath.Padded(_stage.Inputs), DenseMath.Padded(_stage.Outputs));
        return target;
    }

    /// <summary>Memory of the calling thread until its next call.</summary>
    public static float* Scratch(int length)
    {
        t_scratch ??= new AlignedBuffer();
        t_scratch.Require(length);
        return t_scratch.Pointer;
    }
}
