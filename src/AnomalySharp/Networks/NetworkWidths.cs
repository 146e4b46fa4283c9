using AnomalySharp.Persistence;

namespace AnomalySharp.Networks;

/// <summary>The widths of an encoder's layers in a state, so that a later version may choose others where the options leave them open.</summary>
internal static class NetworkWidths
{
    private const int WidestLayer = 65_536;

    public static void Write(TensorState state, IReadOnlyList<int> hidden, int latent)
    {
        state.Set<int>("hidden", [.. hidden]);
        state.SetScalar("latent", latent);
    }

    /// <exception cref="ModelFileException">
    /// An impossible width; or widths that an alteration made large, which would ask for memory that their weights, which are not there, never
    /// needed.
    /// </exception>
    public static (int[] Hidden, int Latent) Read(TensorState state)
    {
        int[] hidden = state.Get<int>("hidden");
        int latent = state.GetScalar<int>("latent");
        long stored = state.Tensors.Values.Sum(tensor => tensor.Kind == TensorKind.F32 ? tensor.Bytes.Length / sizeof(float) : 0);
        long needed = 0, before = 1;
        foreach (int width in (ReadOnlySpan<int>)[.. hidden, latent])
        {
            if (width is < 1 or > WidestLayer)
            {
                throw new ModelFileException($"The model has a layer of {width} units; possible: 1 to {WidestLayer}. It was altered.");
            }
            needed += before * width;
            before = width;
        }
        if (needed > stored) throw new ModelFileException($"The model's layers need {needed} weights or more, and it has {stored}. It was altered.");
        return (hidden, latent);
    }

    /// <summary>Reads a network that <see cref="Read"/> gave the widths of.</summary>
    /// <exception cref="ModelFileException">An array is missing, of the wrong size, or there are more than the network has.</exception>
    public static void ReadInto(Network network, TensorState stored)
    {
        network.ReadState(stored);
        TensorState own = new();
        network.WriteState(own);
        if (own.Tensors.Count == stored.Tensors.Count) return;
        throw new ModelFileException($"The model's network has {stored.Tensors.Count} arrays where {own.Tensors.Count} are needed. It was altered.");
    }
}
