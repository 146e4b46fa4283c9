using AnomalySharp.Networks;
using AnomalySharp.Torch.Native;

namespace AnomalySharp.Torch.Networks;

/// <summary>Convolutional networks for pictures; the core finds this class by its name when it first needs one.</summary>
public sealed class TorchNetworkProvider : INetworkProvider
{
    /// <inheritdoc/>
    /// <exception cref="DataException">The samples are not pictures <c>[c,h,w]</c>.</exception>
    /// <exception cref="OptionException">An unknown device, or one that this libtorch cannot use.</exception>
    /// <exception cref="TorchNotAvailableException">libtorch cannot be loaded.</exception>
    public AutoencoderNetworks CreateAutoencoder(AutoencoderArchitecture architecture)
    {
        if (architecture.Shape.Rank != 3)
        {
            throw new DataException($"A convolutional network needs pictures c×h×w, not samples of shape {architecture.Shape}.");
        }
        TorchRuntime.Prepare();
        ConvolutionalGeometry geometry = ConvolutionalGeometry.Of(architecture.Shape, architecture.Hidden);
        SampleShape code = new(architecture.Latent);
        int codes = architecture.Latent * architecture.CodeHeads, outputs = architecture.Shape.Length * architecture.OutputHeads;
        TorchNetwork encoder = new(new ConvolutionalEncoder(architecture, geometry), architecture.Shape, codes, architecture.Device);
        try
        {
            return new AutoencoderNetworks(
                encoder, new TorchNetwork(new ConvolutionalDecoder(architecture, geometry), code, outputs, architecture.Device));
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }
}
