namespace AnomalySharp.Networks;

/// <summary>One layer of a <see cref="DenseNetwork"/>: linear, then batch normalisation, the function and dropout, where it has them.</summary>
/// <param name="Outputs">Values coming out.</param>
/// <param name="Activation">Function at the end.</param>
public sealed record DenseLayer(int Outputs, Activation Activation = Activation.Identity)
{
    /// <summary>Whether the linear part adds a bias; with batch normalisation it has none in any case, which would subtract it again.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether values are normalised over the batch (Ioffe and Szegedy, ICML 2015; momentum 0.1, ε = 1e-5).</summary>
    public bool BatchNormalization { get; init; }

    /// <summary>Share of the outputs dropped in training, 0 up to but not including 1; the others grow by 1/(1 − share).</summary>
    public float Dropout { get; init; }

    internal bool HasBias => Bias && !BatchNormalization;
}
