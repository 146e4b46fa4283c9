namespace AnomalySharp.Networks;

internal static class DenseAutoencoder
{
    public static AutoencoderNetworks Create(AutoencoderArchitecture architecture) => throw new NotImplementedException();
}
