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
        DenseNetwork encoder = new(size, Layers(architecture, hidden, architecture.Latent * architecture.CodeHeads, architecture.CodeActivation), architecture.Seed);
        DenseLayer[] decoder = Layers(architecture, [.. hidden.Reverse()], size * architecture.OutputHeads, architecture.OutputActivation);
        // Not the encoder's sequence of weights again.
        int seed = ~architecture.Seed;
        return new AutoencoderNetworks(
            encoder, architecture.TiedWeights ? DenseNetwork.Tied(encoder, decoder, seed) : new DenseNetwork(architecture.Latent, decoder, seed));
    }

    private static DenseLayer[] Layers(AutoencoderArchitecture architecture, IReadOnlyList<int> hidden, int outputs, Activation last) =>
    [
        .. hidden.Select(width => new DenseLayer(width, architecture.Activation)
        {
            Bias = architecture.Bias,
            BatchNormalization = architecture.BatchNormalization,
            Dropout = architecture.Dropout,
        }),
        new DenseLayer(outputs, last) { Bias = architecture.Bias },
    ];
}
