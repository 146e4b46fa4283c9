using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>
/// A deep autoencoder of dense layers that is learnt layer by layer: layer ℓ is an autoencoder (fℓ, gℓ), denoising where there is noise, of what
/// the finished layers below make of a sample.
/// </summary>
internal sealed class LayerStack : IDisposable
{
    private readonly DenoisingLayer[] _layers;

    /// <param name="architecture">The autoencoder.</param>
    /// <param name="options">Training of each layer.</param>
    /// <param name="kind">Noise.</param>
    /// <param name="level">How much of it; 0 for none.</param>
    /// <param name="random">Seeds of the layers.</param>
    public LayerStack(AutoencoderArchitecture architecture, NetworkDetectorOptions options, CorruptionKind kind, double level, Random random)
    {
        IReadOnlyList<int> hidden = architecture.Hidden ?? AutoencoderArchitecture.DefaultHidden(architecture.Shape, flat: true);
        int[] widths = [architecture.Shape.Length, .. hidden, architecture.Latent];
        _layers = new DenoisingLayer[widths.Length - 1];
        for (int i = 0; i < _layers.Length; i++)
        {
            Network[] below = [.. _layers[..i].Select(layer => layer.Networks.Encoder)];
            DenseLayer f = new(widths[i + 1], i + 1 < _layers.Length ? architecture.Activation : architecture.CodeActivation);
            DenseLayer g = new(widths[i], i == 0 ? architecture.OutputActivation : architecture.Activation);
            _layers[i] = new DenoisingLayer(below, f, g, options, kind, level, random.Next());
        }
    }

    /// <summary>f₁, g₁, f₂, g₂, …</summary>
    public IEnumerable<Network> Networks => _layers.SelectMany(layer => layer.Networks.Both);

    /// <summary>One phase per layer, from the lowest on.</summary>
    public TrainingPhase[] Phases(Samples samples) => [.. _layers.Select((layer, i) => layer.Phase(samples, $"layer {i + 1} of {_layers.Length}"))];

    /// <summary>f₁ … f_L become the encoder, g_L … g₁ the decoder.</summary>
    public void Unroll(AutoencoderNetworks networks)
    {
        TensorState encoder = new(), decoder = new();
        for (int i = 0; i < _layers.Length; i++)
        {
            encoder.AddPart($"layer{i + 1}", OnlyLayer(_layers[i].Networks.Encoder));
            decoder.AddPart($"layer{_layers.Length - i}", OnlyLayer(_layers[i].Networks.Decoder));
        }
        networks.Encoder.ReadState(encoder);
        networks.Decoder.ReadState(decoder);

        static TensorState OnlyLayer(Network network)
        {
            TensorState state = new();
            network.WriteState(state);
            return state.GetPart("layer1");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DenoisingLayer layer in _layers) layer?.Dispose();
    }
}
