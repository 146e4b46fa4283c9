namespace AnomalySharp.Networks;

/// <summary>
/// Encoder and decoder of dense layers: the hidden widths, the code, the hidden widths mirrored, the sample. Batch normalisation and dropout are in the
/// hidden layers only.
/// </summary>
internal static class DenseAutoencoder
{
    public static AutoencoderNetworks Create(AutoencoderArchitecture architecture)
    {
        int size = architecture.Shape.Length;
        IReadOnlyList<int> hidden = architecture.Hidden ?? AutoencoderArchitecture.DefaultHidden(architecture.Shape, flat: true);
        return new AutoencoderNetworks(
            Network(architecture, size, hidden, architecture.Latent, architecture.CodeActivation, architecture.Seed),
            // Not the encoder's sequence of weights again.
            Network(architecture, architecture.Latent, [.. hidden.Reverse()], size, architecture.OutputActivation, ~architecture.Seed));
    }

    private static DenseNetwork Network(AutoencoderArchitecture architecture, int inputs, IReadOnlyList<int> hidden, int outputs, Activation last, int seed) => new(
        inputs,
        [
            .. hidden.Select(width => new DenseLayer(width, architecture.Activation)
            {
                Bias = architecture.Bias,
                BatchNormalization = architecture.BatchNormalization,
                Dropout = architecture.Dropout,
            }),
            new DenseLayer(outputs, last) { Bias = architecture.Bias },
        ],
        seed);
}
