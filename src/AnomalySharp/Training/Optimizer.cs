using AnomalySharp.Networks;
using AnomalySharp.Networks.Simd;
using AnomalySharp.Persistence;

namespace AnomalySharp.Training;

/// <summary>
/// Moves the parameters of one or several networks against their gradients, and clears the gradients in the same pass. Padding (zero parameters with
/// zero gradients) stays zero under every rule.
/// </summary>
public abstract class Optimizer
{
    private readonly ParameterBuffer[] _parameters;
    private readonly AlignedBuffer[] _first, _second;
    private readonly double _decay;

    private protected Optimizer(double learningRate, double weightDecay, ReadOnlySpan<Network> networks)
    {
        (LearningRate, _decay) = (learningRate, weightDecay);
        _parameters = new ParameterBuffer[networks.Length];
        for (int i = 0; i < networks.Length; i++) _parameters[i] = networks[i].Parameters;
        _first = [.. _parameters.Select(buffer => new AlignedBuffer(DenseMath.Padded(buffer.Length)))];
        _second = [.. _parameters.Select(buffer => new AlignedBuffer(DenseMath.Padded(buffer.Length)))];
    }

    /// <summary>Step size; may be changed between steps.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Stochastic gradient descent with momentum: m = μm + g, θ = θ − ηm.</summary>
    /// <param name="networks">Whose parameters it moves.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="momentum">μ.</param>
    /// <param name="weightDecay">λ of the penalty λ‖θ‖²/2, added to the gradient.</param>
    public static Optimizer Sgd(ReadOnlySpan<Network> networks, double learningRate = 0.01, double momentum = 0.9, double weightDecay = 0) =>
        new Optimizer<SgdRule>(learningRate, weightDecay, momentum, 0, 0, networks);

    /// <summary>RMSProp (Tieleman and Hinton, 2012): steps divided by the root of a running mean of squared gradients.</summary>
    /// <param name="networks">Whose parameters it moves.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="smoothing">Share of the running mean that stays; 0.9 in the lecture.</param>
    /// <param name="epsilon">Added to the root.</param>
    /// <param name="weightDecay">λ of the penalty λ‖θ‖²/2, added to the gradient.</param>
    public static Optimizer RmsProp(
        ReadOnlySpan<Network> networks, double learningRate = 1e-3, double smoothing = 0.9, double epsilon = 1e-8, double weightDecay = 0) =>
        new Optimizer<RmsPropRule>(learningRate, weightDecay, 0, smoothing, epsilon, networks);

    /// <summary>Adam (Kingma and Ba, ICLR 2015, algorithm 1).</summary>
    /// <param name="networks">Whose parameters it moves.</param>
    /// <param name="learningRate">α.</param>
    /// <param name="beta1">Share of the mean that stays; GANs like 0.5.</param>
    /// <param name="beta2">Share of the mean square that stays.</param>
    /// <param name="epsilon">Added to the root.</param>
    /// <param name="weightDecay">λ of the penalty λ‖θ‖²/2, added to the gradient.</param>
    public static Optimizer Adam(
        ReadOnlySpan<Network> networks,
        double learningRate = 1e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0) =>
        new Optimizer<AdamRule>(learningRate, weightDecay, beta1, beta2, epsilon, networks);

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019, algorithm 2): parameters shrink by 1 − ηλ at each step.</summary>
    /// <param name="networks">Whose parameters it moves.</param>
    /// <param name="learningRate">α and η.</param>
    /// <param name="beta1">Share of the mean that stays.</param>
    /// <param name="beta2">Share of the mean square that stays.</param>
    /// <param name="epsilon">Added to the root.</param>
    /// <param name="weightDecay">λ.</param>
    public static Optimizer AdamW(
        ReadOnlySpan<Network> networks,
        double learningRate = 1e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0.01) =>
        new Optimizer<AdamWRule>(learningRate, weightDecay, beta1, beta2, epsilon, networks);

    /// <summary>Adadelta (Zeiler, 2012, algorithm 1).</summary>
    /// <param name="networks">Whose parameters it moves.</param>
    /// <param name="learningRate">Factor of the paper's step, which has none: 1.</param>
    /// <param name="rho">ρ: share of both running means that stays.</param>
    /// <param name="epsilon">Inside both roots.</param>
    /// <param name="weightDecay">λ of the penalty λ‖θ‖²/2, added to the gradient.</param>
    public static Optimizer Adadelta(
        ReadOnlySpan<Network> networks, double learningRate = 1, double rho = 0.95, double epsilon = 1e-6, double weightDecay = 0) =>
        new Optimizer<AdadeltaRule>(learningRate, weightDecay, 0, rho, epsilon, networks);

    /// <summary>The optimiser that a detector's options ask for.</summary>
    public static Optimizer Create(NetworkDetectorOptions options, params ReadOnlySpan<Network> networks) => options.Optimizer switch
    {
        OptimizerKind.Adam => Adam(networks, options.LearningRate, weightDecay: options.WeightDecay),
        OptimizerKind.AdamW => AdamW(networks, options.LearningRate, weightDecay: options.WeightDecay),
        OptimizerKind.Sgd => Sgd(networks, options.LearningRate, options.Momentum, options.WeightDecay),
        OptimizerKind.RmsProp => RmsProp(networks, options.LearningRate, weightDecay: options.WeightDecay),
        OptimizerKind.Adadelta => Adadelta(networks, options.LearningRate, weightDecay: options.WeightDecay),
        _ => throw new OptionException($"Unknown optimiser '{options.Optimizer}'."),
    };

    /// <summary>Takes one step and clears the gradients.</summary>
    public void Step()
    {
        Steps++;
        StepSizes sizes = Sizes((float)_decay);
        for (int i = 0; i < _parameters.Length; i++) Step(sizes, _parameters[i], _first[i], _second[i]);
    }

    /// <summary>What is remembered of the parameters, and the number of steps.</summary>
    public void WriteState(TensorState state)
    {
        state.SetScalar("steps", Steps);
        for (int i = 0; i < _parameters.Length; i++)
        {
            state.Set<float>($"first{i}", _first[i].Span);
            state.Set<float>($"second{i}", _second[i].Span);
        }
    }

    /// <summary>Takes over what <see cref="WriteState"/> of an optimiser of the same kind and size wrote.</summary>
    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    public void ReadState(TensorState state)
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            state.Get<float>($"first{i}", _first[i].Span.Length).CopyTo(_first[i].Span);
            state.Get<float>($"second{i}", _second[i].Span.Length).CopyTo(_second[i].Span);
        }
        Steps = state.GetScalar<long>("steps");
    }

    private protected abstract StepSizes Sizes(float decay);

    private protected abstract void Step(in StepSizes sizes, ParameterBuffer parameters, AlignedBuffer first, AlignedBuffer second);
}

/// <summary>The rule is a type, so that its arithmetic is compiled into the loop over the parameters.</summary>
internal sealed unsafe class Optimizer<TRule>(
    double learningRate, double weightDecay, double first, double second, double epsilon, ReadOnlySpan<Network> networks)
    : Optimizer(learningRate, weightDecay, networks) where TRule : struct, IUpdateRule
{
    private static readonly bool IsAdam = typeof(TRule) == typeof(AdamRule) || typeof(TRule) == typeof(AdamWRule);

    /// <summary>Which vectors to use; tests try all.</summary>
    public DenseMath Math { get; set; } = DenseMath.Best;

    private protected override StepSizes Sizes(float decay) => new()
    {
        Rate = (float)(IsAdam ? LearningRate / (1 - System.Math.Pow(first, Steps)) : LearningRate),
        Decay = typeof(TRule) == typeof(AdamWRule) ? (float)(1 - LearningRate * decay) : decay,
        First = (float)first,
        Second = (float)second,
        SecondCorrection = IsAdam ? (float)(1 / System.Math.Sqrt(1 - System.Math.Pow(second, Steps))) : 1,
        Epsilon = (float)epsilon,
    };

    private protected override void Step(in StepSizes sizes, ParameterBuffer parameters, AlignedBuffer first, AlignedBuffer second)
    {
        int whole = parameters.Length / DenseMath.ColumnBlock * DenseMath.ColumnBlock, rest = parameters.Length - whole;
        fixed (float* values = parameters.Values, gradients = parameters.Gradients)
        {
            Math.Update<TRule>(sizes, values, gradients, first.Pointer, second.Pointer, whole);
            if (rest == 0) return;
            // The last few do not fill a vector: they are moved in one that they do.
            float* tail = stackalloc float[2 * DenseMath.ColumnBlock];
            new Span<float>(tail, 2 * DenseMath.ColumnBlock).Clear();
            new Span<float>(values + whole, rest).CopyTo(new Span<float>(tail, rest));
            new Span<float>(gradients + whole, rest).CopyTo(new Span<float>(tail + DenseMath.ColumnBlock, rest));
            Math.Update<TRule>(sizes, tail, tail + DenseMath.ColumnBlock, first.Pointer + whole, second.Pointer + whole, DenseMath.ColumnBlock);
            new Span<float>(tail, rest).CopyTo(new Span<float>(values + whole, rest));
            new Span<float>(gradients + whole, rest).Clear();
        }
    }
}
