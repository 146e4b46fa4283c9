using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;
using AnomalySharp.Torch.Networks;

namespace AnomalySharp.Torch.Tests.Networks;

public class ConvolutionalAutoencoderTests
{
    public static AutoencoderArchitecture Architecture(int c, int h, int w) =>
        new() { Shape = new SampleShape(c, h, w), Latent = 8, Hidden = [8, 16], Seed = 3 };

    public static AutoencoderNetworks Create(AutoencoderArchitecture architecture) => new TorchNetworkProvider().CreateAutoencoder(architecture);

    public static TheoryData<Activation> AllActivations => [.. Enum.GetValues<Activation>()];

    [Fact]
    public void The_core_finds_the_provider()
    {
        using AutoencoderNetworks networks = AutoencoderNetworks.Create(Architecture(1, 28, 28));
        Assert.IsType<TorchNetwork>(networks.Encoder);
    }

    [Fact]
    public void Channels_are_filled_up_to_a_multiple_of_16()
    {
        Assert.Equal([3, 16, 32, 48], ConvolutionalGeometry.Of(new SampleShape(3, 32, 32), [1, 17, 48]).Channels);
        Assert.Equal([16, 32], ContrastiveNetwork.HiddenOf(new SampleShape(1, 8, 8), [10, 20]));
        Assert.Equal([10, 20], ContrastiveNetwork.HiddenOf(new SampleShape(8), [10, 20]));
    }

    [Theory]
    [InlineData(1, 28, 28)]
    [InlineData(3, 32, 32)]
    [InlineData(3, 64, 64)]
    [InlineData(1, 96, 128)]
    [InlineData(2, 33, 7)]
    [InlineData(1, 5, 200)]
    [InlineData(4, 1, 1)]
    public void Pictures_of_any_size_go_through_encoder_and_decoder(int c, int h, int w)
    {
        using AutoencoderNetworks networks = Create(Architecture(c, h, w) with { Hidden = null });
        float[] input = FiniteDifferences.Normal(5, 2 * c * h * w), code = new float[2 * 8], output = new float[input.Length];
        networks.Encoder.Infer(input, 2, code);
        networks.Decoder.Infer(code, 2, output);
        Assert.All(output, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(input.Length, networks.Decoder.Forward(networks.Encoder.Forward(input, 2), 2).Length);
    }

    [Theory]
    [MemberData(nameof(AllActivations))]
    public void Gradients_are_slopes_for_every_activation(Activation activation)
    {
        using AutoencoderNetworks networks = Create(
            Architecture(2, 9, 6) with { Activation = activation, CodeActivation = activation, OutputActivation = activation });
        FiniteDifferences.Check(networks.Encoder, 5);
        FiniteDifferences.Check(networks.Decoder, 5);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void Gradients_are_slopes_with_batch_normalization_and_without_bias(bool normalize, bool bias)
    {
        using AutoencoderNetworks networks = Create(
            Architecture(2, 9, 6) with { Activation = Activation.Tanh, BatchNormalization = normalize, Bias = bias });
        FiniteDifferences.Check(networks.Encoder, 5);
        FiniteDifferences.Check(networks.Decoder, 5);
    }

    [Fact]
    public void Gradients_add_up_until_they_are_cleared()
    {
        using AutoencoderNetworks networks = Create(Architecture(1, 8, 8));
        float[] input = FiniteDifferences.Normal(1, 3 * 64), weights = FiniteDifferences.Normal(2, 3 * 8);
        networks.Encoder.Forward(input, 3);
        Assert.True(networks.Encoder.Backward(weights).IsEmpty);
        float[] once = networks.Encoder.Parameters.Gradients.ToArray();
        networks.Encoder.Forward(input, 3);
        networks.Encoder.Backward(weights);
        Assert.Contains(once, value => value != 0);
        for (int i = 0; i < once.Length; i++) Assert.Equal(2 * once[i], networks.Encoder.Parameters.Gradients[i], 1e-3f);
    }

    [Fact]
    public void Same_seed_gives_the_same_weights_and_another_seed_others()
    {
        AutoencoderArchitecture architecture = Architecture(1, 8, 8);
        using AutoencoderNetworks a = Create(architecture), b = Create(architecture), c = Create(architecture with { Seed = 4 });
        Assert.Equal(a.Encoder.Parameters.Values.ToArray(), b.Encoder.Parameters.Values.ToArray());
        Assert.Equal(a.Decoder.Parameters.Values.ToArray(), b.Decoder.Parameters.Values.ToArray());
        Assert.NotEqual(a.Encoder.Parameters.Values.ToArray(), c.Encoder.Parameters.Values.ToArray());
    }

    [Fact]
    public void Dropout_drops_in_training_only_and_repeats_from_a_stored_state()
    {
        AutoencoderArchitecture architecture = Architecture(1, 8, 8) with { Dropout = 0.5f };
        using AutoencoderNetworks networks = Create(architecture), other = Create(architecture);
        float[] input = FiniteDifferences.Normal(1, 3 * 64), plain = new float[24], again = new float[24];
        networks.Encoder.Infer(input, 3, plain);
        float[] first = networks.Encoder.Forward(input, 3).ToArray();
        TensorState state = new();
        networks.Encoder.WriteState(state);
        float[] second = networks.Encoder.Forward(input, 3).ToArray();
        networks.Encoder.Infer(input, 3, again);
        Assert.Equal(plain, again);
        Assert.NotEqual(plain, first);
        Assert.NotEqual(first, second);
        other.Encoder.ReadState(state);
        Assert.Equal(second, other.Encoder.Forward(input, 3).ToArray());
    }

    [Fact]
    public void Training_a_batch_of_one_works_with_batch_normalization()
    {
        using AutoencoderNetworks networks = Create(Architecture(1, 1, 1) with { BatchNormalization = true });
        networks.Encoder.Forward([0.5f], 1);
        float[] code = new float[8];
        networks.Encoder.Infer([0.5f], 1, code);
        Assert.All(code, value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradient_descent_learns_to_reconstruct(bool normalize)
    {
        const int Count = 8;
        using AutoencoderNetworks networks = Create(Architecture(1, 12, 10) with { BatchNormalization = normalize });
        float[] pictures = FiniteDifferences.Normal(1, Count * 120), gradient = new float[pictures.Length];
        Network[] both = [networks.Encoder, networks.Decoder];
        float[][] velocity = [.. both.Select(network => new float[network.Parameters.Length])];
        double first = 0, last = 0;
        for (int step = 0; step < 400; step++)
        {
            ReadOnlySpan<float> output = networks.Decoder.Forward(networks.Encoder.Forward(pictures, Count), Count);
            for (int i = 0; i < gradient.Length; i++) gradient[i] = 2 * (output[i] - pictures[i]) / gradient.Length;
            last = FiniteDifferences.Dot(gradient, gradient);
            if (step == 0) first = last;
            networks.Encoder.Backward(networks.Decoder.Backward(gradient, needInputGradient: true));
            for (int n = 0; n < 2; n++)
            {
                ParameterBuffer parameters = both[n].Parameters;
                for (int i = 0; i < parameters.Length; i++)
                {
                    velocity[n][i] = 0.9f * velocity[n][i] + parameters.Gradients[i];
                    parameters.Values[i] -= 0.1f * velocity[n][i];
                }
                parameters.Gradients.Clear();
            }
        }
        Assert.True(last < 0.3 * first, $"The error went from {first} to {last}.");
    }

    [Fact]
    public void Other_shapes_than_pictures_are_refused() =>
        Assert.Throws<DataException>(() => Create(new AutoencoderArchitecture { Shape = new SampleShape(10), Latent = 2 }));

    [Theory]
    [InlineData("cuda", "processors only")]
    [InlineData("tpu", "allowed: cpu, cuda")]
    public void A_device_that_cannot_be_used_is_explained(string device, string expected)
    {
        Assert.SkipWhen(device == "cuda" && TorchSharp.torch.cuda.is_available(), "There is a GPU.");
        OptionException e = Assert.Throws<OptionException>(() => Create(Architecture(1, 8, 8) with { Device = device }));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}
