using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace AnomalySharp.Training;

/// <summary>Rules by which parameters follow their gradients.</summary>
public enum OptimizerKind
{
    /// <summary>Adam (Kingma and Ba, ICLR 2015); with weight decay added to the gradient.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).</summary>
    AdamW,

    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,

    /// <summary>RMSProp (Tieleman and Hinton, 2012).</summary>
    RmsProp,

    /// <summary>Adadelta (Zeiler, 2012).</summary>
    Adadelta,
}

/// <summary>What every method that trains a network can be told about its training.</summary>
public abstract record NetworkDetectorOptions : DetectorOptions
{
    /// <summary>Passes over the training data.</summary>
    [Description("Passes over the training data."), Range(1, 1_000_000)]
    public int Epochs { get; init; } = 100;

    /// <summary>Samples per training step.</summary>
    [Description("Samples per training step."), Range(1, 1_000_000)]
    public int BatchSize { get; init; } = 128;

    /// <summary>Step size of the optimiser.</summary>
    [Description("Step size of the optimiser."), Range(1e-8, 10)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Rule by which parameters follow their gradients.</summary>
    [Description("Rule by which parameters follow their gradients.")]
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>ℓ2 penalty on the parameters: λ in λ‖θ‖²/2.</summary>
    [Description("L2 penalty on the parameters."), Range(0, 10)]
    public double WeightDecay { get; init; }

    /// <summary>Momentum of stochastic gradient descent; ignored by the other optimisers.</summary>
    [Description("Momentum of sgd; ignored by the other optimisers."), Range(0, 0.9999)]
    public double Momentum { get; init; } = 0.9;

    /// <summary>Share of the samples held out of training to watch the loss on.</summary>
    [Description("Share of the samples held out of training to watch the loss on."), Range(0, 0.9)]
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Epochs without a better loss on the held-out samples before training stops with the best weights; 0 = never.</summary>
    [Description("Epochs without a better held-out loss before training stops with the best weights; 0 = never."), Range(0, 1_000_000)]
    public int Patience { get; init; } = 10;
}
