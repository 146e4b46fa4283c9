using AnomalySharp.Persistence;

namespace AnomalySharp.Networks;

/// <summary>
/// ‖z − μ_j‖² of a sample z from each of some centres μ_j, which are its parameters: so that optimisers move them and checkpoints keep them.
/// </summary>
public sealed class SquaredDistances : Network
{
    private float[] _input = [], _output = [], _inputGradient = [];
    private int _count;

    /// <summary>Centres at the origin.</summary>
    /// <param name="inputs">Values of a sample.</param>
    /// <param name="centers">Number of centres.</param>
    public SquaredDistances(int inputs, int centers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(centers, 1);
        (InputSize, OutputSize, Parameters) = (inputs, centers, new ParameterBuffer(checked(inputs * centers)));
    }

    /// <inheritdoc/>
    public override int InputSize { get; }

    /// <inheritdoc/>
    public override int OutputSize { get; }

    /// <summary>The centres, row-major.</summary>
    public override ParameterBuffer Parameters { get; }

    /// <summary>None: centres are no weights of a linear map.</summary>
    public override IReadOnlyList<Range> Weights => [];

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Forward(ReadOnlySpan<float> input, int count)
    {
        ArgumentOutOfRangeException.ThrowIfZero(count);
        RequireValues(input.Length, count, InputSize, nameof(input));
        if (_input.Length < count * InputSize) (_input, _inputGradient) = (new float[count * InputSize], new float[count * InputSize]);
        if (_output.Length < count * OutputSize) _output = new float[count * OutputSize];
        _count = count;
        input[..(count * InputSize)].CopyTo(_input);
        Infer(input, count, _output);
        return _output.AsSpan(0, count * OutputSize);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Backward(ReadOnlySpan<float> outputGradient, bool needInputGradient = false)
    {
        RequireAlive();
        if (_count == 0) throw new InvalidOperationException("Call Forward before Backward.");
        RequireValues(outputGradient.Length, _count, OutputSize, nameof(outputGradient));
        int k = InputSize;
        Span<float> gradients = Parameters.Gradients;
        ReadOnlySpan<float> centers = Parameters.Values;
        Array.Clear(_inputGradient);
        for (int i = 0; i < _count; i++)
        {
            for (int c = 0; c < OutputSize; c++)
            {
                float slope = 2 * outputGradient[i * OutputSize + c];
                for (int j = 0; j < k; j++)
                {
                    float step = slope * (_input[i * k + j] - centers[c * k + j]);
                    _inputGradient[i * k + j] += step;
                    gradients[c * k + j] -= step;
                }
            }
        }
        return needInputGradient ? _inputGradient.AsSpan(0, _count * k) : [];
    }

    /// <inheritdoc/>
    public override void Infer(ReadOnlySpan<float> input, int count, Span<float> output)
    {
        RequireAlive();
        RequireValues(input.Length, count, InputSize, nameof(input));
        RequireValues(output.Length, count, OutputSize, nameof(output));
        int k = InputSize;
        ReadOnlySpan<float> centers = Parameters.Values;
        for (int i = 0; i < count; i++)
        {
            for (int c = 0; c < OutputSize; c++)
            {
                double sum = 0;
                for (int j = 0; j < k; j++)
                {
                    double difference = (double)input[i * k + j] - centers[c * k + j];
                    sum += difference * difference;
                }
                output[i * OutputSize + c] = (float)sum;
            }
        }
    }

    /// <inheritdoc/>
    public override void WriteState(TensorState state)
    {
        RequireAlive();
        state.Set<float>("centers", Parameters.Values, OutputSize, InputSize);
    }

    /// <inheritdoc/>
    public override void ReadState(TensorState state)
    {
        RequireAlive();
        state.Get<float>("centers", OutputSize * InputSize).CopyTo(Parameters.Values);
    }
}
