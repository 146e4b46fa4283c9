using System.Buffers;
using AnomalySharp.Persistence;

namespace AnomalySharp.Networks;

/// <summary>Functions between the layers of a network.</summary>
public enum Activation
{
    /// <summary>x</summary>
    Identity,

    /// <summary>max(0, x)</summary>
    Relu,

    /// <summary>x where positive, 0.01·x elsewhere.</summary>
    LeakyRelu,

    /// <summary>x where positive, eˣ − 1 elsewhere.</summary>
    Elu,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + e⁻ˣ)</summary>
    Sigmoid,

    /// <summary>log(1 + eˣ)</summary>
    Softplus,
}

/// <summary>What a method asks for when it wants an encoder and a decoder; the sample shape decides what it gets.</summary>
public sealed record AutoencoderArchitecture
{
    /// <summary>Shape of a sample.</summary>
    public required SampleShape Shape { get; init; }

    /// <summary>Size of the latent code.</summary>
    public required int Latent { get; init; }

    /// <summary>
    /// Widths of the hidden layers of the encoder (dense nets), or channels of its stages (convolutional nets); mirrored in the decoder. Null, the
    /// default, for <see cref="DefaultHidden"/>; empty for none: then one dense layer leads to the code and one back, for pictures too.
    /// </summary>
    public IReadOnlyList<int>? Hidden { get; init; }

    /// <summary>Whether pictures are flattened into dense layers, as all else is. The default value is false.</summary>
    public bool Flat { get; init; }

    /// <summary>Values that the encoder gives per unit of the code: all first ones, then all second ones. The default value is 1.</summary>
    public int CodeHeads { get; init; } = 1;

    /// <summary>Values that the decoder gives per value of a sample, likewise. The default value is 1.</summary>
    public int OutputHeads { get; init; } = 1;

    /// <summary>Function of the hidden layers.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Function of the code.</summary>
    public Activation CodeActivation { get; init; } = Activation.Identity;

    /// <summary>Function of the output.</summary>
    public Activation OutputActivation { get; init; } = Activation.Identity;

    /// <summary>Share of hidden units dropped in training.</summary>
    public float Dropout { get; init; }

    /// <summary>Whether hidden layers are batch-normalised.</summary>
    public bool BatchNormalization { get; init; }

    /// <summary>Whether layers have biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether the decoder's weights are the encoder's, transposed; its biases are its own. Dense networks only.</summary>
    public bool TiedWeights { get; init; }

    /// <summary>Start of the initial weights.</summary>
    public int Seed { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>; dense nets run on the processor.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Whether the networks are dense.</summary>
    internal bool IsDense => Flat || Shape.Rank != 3 || Hidden is { Count: 0 };

    /// <summary>
    /// The widths that a shape gets where none are asked for. Vectors: two layers, 64 and 32 wide up to 64 values, 128 and 64 up to 128, 256 and 128
    /// above. Pictures: as many stages as bring the longer side to four; the last has 128 channels, each before it half as many, at least 16.
    /// </summary>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="flat">Whether pictures are flattened.</param>
    public static IReadOnlyList<int> DefaultHidden(SampleShape shape, bool flat = false)
    {
        if (flat || shape.Rank != 3) return shape.Length <= 64 ? [64, 32] : shape.Length <= 128 ? [128, 64] : [256, 128];
        List<int> channels = [128];
        for (int extent = Halved(Math.Max(shape[1], shape[2])); extent > 4; extent = Halved(extent)) channels.Insert(0, Math.Max(channels[0] / 2, 16));
        return channels;

        static int Halved(int extent) => (extent + 1) / 2;
    }
}

/// <summary>An encoder and a decoder for one sample shape.</summary>
/// <param name="Encoder">Sample → latent code.</param>
/// <param name="Decoder">Latent code → sample.</param>
public sealed record AutoencoderNetworks(Network Encoder, Network Decoder) : IDisposable
{
    /// <summary>
    /// An MLP for <c>[d]</c>; a convolutional net for <c>[c,h,w]</c>, which brings libtorch, unless the architecture is flat or has no hidden layers; a
    /// sequence window <c>[t,d]</c> is flattened.
    /// </summary>
    /// <exception cref="OptionException">
    /// A picture, and the application does not reference AnomalySharp.Torch; or tied weights for a convolutional net, which does not have them.
    /// </exception>
    public static AutoencoderNetworks Create(AutoencoderArchitecture architecture)
    {
        if (architecture.IsDense) return DenseAutoencoder.Create(architecture);
        if (architecture.TiedWeights)
        {
            throw new OptionException("Convolutional networks have no tied weights. Set hidden=none for one dense layer each way, or leave tiedWeights off.");
        }
        return NetworkProvider.Torch.CreateAutoencoder(architecture);
    }

    /// <summary>Both, as optimisers and the training loop take them.</summary>
    public IReadOnlyList<Network> Both { get; } = [Encoder, Decoder];

    /// <summary>x → x̂ for training, see <see cref="Network.Forward"/>.</summary>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> input, int count) => Decoder.Forward(Encoder.Forward(input, count), count);

    /// <summary>Adds the gradients of both, given that of the loss at x̂, see <see cref="Network.Backward"/>.</summary>
    public void Backward(ReadOnlySpan<float> outputGradient) => Encoder.Backward(Decoder.Backward(outputGradient, needInputGradient: true));

    /// <summary>x → x̂ without training, see <see cref="Network.Infer"/>. Safe from several threads at once.</summary>
    public void Reconstruct(ReadOnlySpan<float> input, int count, Span<float> output)
    {
        float[] code = ArrayPool<float>.Shared.Rent(count * Encoder.OutputSize);
        Encoder.Infer(input, count, code);
        Decoder.Infer(code.AsSpan(0, count * Encoder.OutputSize), count, output);
        ArrayPool<float>.Shared.Return(code);
    }

    /// <summary>The weights of both, under <c>encoder</c> and <c>decoder</c>.</summary>
    public void WriteState(TensorState state)
    {
        state.AddPart("encoder", Encoder.WriteState);
        state.AddPart("decoder", Decoder.WriteState);
    }

    /// <summary>Takes over what <see cref="WriteState"/> of networks of the same architecture wrote.</summary>
    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    public void ReadState(TensorState state)
    {
        Encoder.ReadState(state.GetPart("encoder"));
        Decoder.ReadState(state.GetPart("decoder"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
    }
}

/// <summary>Makes networks for the shapes that the core does not serve itself.</summary>
public interface INetworkProvider
{
    /// <summary>An encoder and a decoder for pictures.</summary>
    AutoencoderNetworks CreateAutoencoder(AutoencoderArchitecture architecture);
}

/// <summary>Finds the provider in AnomalySharp.Torch on first need, so that tables load nothing native.</summary>
internal static class NetworkProvider
{
    private static readonly Lazy<INetworkProvider> LazyTorch = new(() =>
    {
        Type? type = OptionalAssembly.Torch?.GetType("AnomalySharp.Torch.Networks.TorchNetworkProvider");
        return type is null
            ? throw new OptionException("Pictures need convolutional networks: reference the package AnomalySharp.Torch (and libtorch-cpu).")
            : (INetworkProvider)Activator.CreateInstance(type)!;
    });

    public static INetworkProvider Torch => LazyTorch.Value;
}
