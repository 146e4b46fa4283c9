using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Networks.Simd;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Training;

namespace AnomalySharp.Tests.Networks;

public class TiedWeightsTests
{
    private static readonly AutoencoderArchitecture Architecture = new()
    {
        Shape = new SampleShape(19),
        Hidden = [33, 10],
        Latent = 5,
        Activation = Activation.Sigmoid,
        TiedWeights = true,
        Seed = 4,
    };

    [Theory, InlineData(7), InlineData(64)]
    public void A_tied_decoder_gives_what_an_untied_one_with_the_transposed_weights_gives(int count)
    {
        using AutoencoderNetworks tied = AutoencoderNetworks.Create(Architecture), untied = AutoencoderNetworks.Create(Architecture with { TiedWeights = false });
        Untie(tied, untied);
        float[] input = FiniteDifferences.Normal(1, count * 19), expected = new float[input.Length], actual = new float[input.Length];
        Assert.Equal(untied.Forward(input, count).ToArray(), tied.Forward(input, count).ToArray());
        untied.Reconstruct(input, count, expected);
        tied.Reconstruct(input, count, actual);
        Assert.Equal(expected, actual);
        // The gradient of a weight that is used twice is the sum of those of both uses.
        float[] slope = FiniteDifferences.Normal(2, input.Length);
        untied.Backward(slope);
        tied.Backward(slope);
        for (int layer = 0; layer < 3; layer++)
        {
            float[] sum = Gradient(untied.Encoder, layer), own = Gradient(untied.Decoder, 2 - layer), both = Gradient(tied.Encoder, layer);
            int rows = DenseMath.Padded(Widths[layer]), columns = DenseMath.Padded(Widths[layer + 1]);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++) Assert.Equal(sum[i * columns + j] + own[j * rows + i], both[i * columns + j], 1e-3 * (1 + Math.Abs(both[i * columns + j])));
            }
        }
    }

    [Fact]
    public void A_tied_decoder_has_only_biases_of_its_own_in_its_state_and_follows_the_encoder()
    {
        AutoencoderOptions options = new() { Hidden = [8], Latent = 2, Epochs = 3, TiedWeights = true };
        Samples samples = TrainingLoopTests.Data(3, 200);
        using Detector detector = options.CreateDetector(), loaded = options.CreateDetector();
        detector.Fit(samples, new FitContext());
        TensorState state = detector.GetState();
        Assert.Equal(["decoder.layer1.bias", "decoder.layer2.bias"], state.Tensors.Keys.Where(name => name.StartsWith("decoder", StringComparison.Ordinal)));
        loaded.SetState(state, samples.Shape);
        Assert.Equal(detector.Score(samples), loaded.Score(samples));
    }

    [Fact]
    public void Convolutional_networks_have_none_and_say_what_to_do()
    {
        OptionException refused = Assert.Throws<OptionException>(() => AutoencoderNetworks.Create(Architecture with { Shape = new SampleShape(1, 8, 8) }));
        Assert.Contains("hidden=none", refused.Message, StringComparison.Ordinal);
        AutoencoderNetworks.Create(Architecture with { Shape = new SampleShape(1, 8, 8), Hidden = [] }).Dispose();
    }

    private static readonly int[] Widths = [19, 33, 10, 5];

    private static float[] Gradient(Network network, int layer) => network.Parameters.Gradients[network.Weights[layer]].ToArray();

    private static void Untie(AutoencoderNetworks tied, AutoencoderNetworks untied)
    {
        TensorState encoder = new(), decoder = new();
        tied.Encoder.WriteState(encoder);
        untied.Encoder.ReadState(encoder);
        for (int layer = 1; layer <= 3; layer++)
        {
            int rows = Widths[layer], columns = Widths[layer - 1];
            float[] weight = encoder.Get<float>($"layer{layer}.weight"), transposed = new float[weight.Length];
            for (int i = 0; i < rows; i++) for (int j = 0; j < columns; j++) transposed[j * rows + i] = weight[i * columns + j];
            decoder.Set<float>($"layer{4 - layer}.weight", transposed, columns, rows);
            decoder.Set<float>($"layer{4 - layer}.bias", new float[columns]);
        }
        untied.Decoder.ReadState(decoder);
    }
}
