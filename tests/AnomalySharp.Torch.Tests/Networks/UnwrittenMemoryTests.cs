using AnomalySharp.Networks;
using AnomalySharp.Torch.Detectors.Prediction;
using AnomalySharp.Torch.Native;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Networks;

/// <summary>
/// Convolutions of libtorch 2.10 read the rest of a block of channels from memory that nobody wrote: each network has numbers of channels and a layout with
/// which they do not, see <see cref="ConvolutionalGeometry.Filled"/>.
/// </summary>
public sealed class UnwrittenMemoryTests
{
    private const int Count = 16;

    // Not a multiple of 16, as the last batch of an epoch is.
    private const int Odd = 36;

    public static TheoryData<string, int> Cases =>
    [
        .. from network in (string[])
           [
               "encoder", "decoder", "dcgan critic", "dcgan generator", "residual critic", "residual generator", "small", "wrn10x4", "small, bfloat16",
               "medium, bfloat16", "contrastive", "frames", "patches",
           ]
           from channels in (int[])[1, 3]
           select new TheoryDataRow<string, int>(network, channels),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_nobody_wrote_reaches_neither_outputs_nor_gradients_of_pictures(string name, int channels) =>
        Twice(name, new SampleShape(channels, 16, 16), Count, (module, input) =>
        {
            LeaveNotANumber();
            Tensor output = Call(module, name, input);
            LeaveNotANumber();
            // As a gradient penalty has it: the gradient at the input, and its own gradient at the parameters.
            Tensor slope = autograd.grad([output.sum()], [input], retain_graph: true, create_graph: true)[0];
            LeaveNotANumber();
            Tensor[] parameters = [.. module.parameters()];
            Tensor?[] gradients = [.. autograd.grad([slope.pow(2).sum().add(output.sum())], parameters, allow_unused: true)];
            AssertFinite([output, slope, .. gradients.OfType<Tensor>()]);
        });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Nor_those_of_a_last_batch(string name, int channels)
    {
        SampleShape shape = new(channels, 12, 12);
        Twice(name, shape, Odd, (module, input) =>
        {
            Tensor[] parameters = [.. module.parameters()];
            LeaveNotANumber();
            Tensor output = Call(module, name, input);
            LeaveNotANumber();
            AssertFinite([output, .. autograd.grad([output.sum()], [input, .. parameters])]);
            if (!name.EndsWith("critic", StringComparison.Ordinal)) return;
            LeaveNotANumber();
            Tensor penalty = GradientPenalty.Of(module.call, input.detach(), Pictures(shape, Odd), rand(Odd), convolves: true);
            // The last bias has no part in a slope.
            AssertFinite([penalty, .. autograd.grad([penalty], parameters, allow_unused: true).Where(one => one is { IsInvalid: false })]);
        });
    }

    [Theory]
    [InlineData(5, 32)]
    [InlineData(25, 32)]
    [InlineData(25, 10)]
    [InlineData(55, 32)]
    public void Nor_those_of_sequences(int channels, int filters)
    {
        TorchRuntime.Prepare();
        using ForecastingCnn network = new(29, channels, new CnnForecasterOptions { Filters = filters }, seed: 1);
        network.train();
        for (int run = 0; run < 3; run++)
        {
            using DisposeScope scope = NewDisposeScope();
            LeaveNotANumber();
            Tensor forecasts = network.call(ones(45, 29, channels));
            LeaveNotANumber();
            forecasts.sum().backward();
            AssertFinite([forecasts, .. network.parameters().Select(one => one.grad!)]);
        }
    }

    /// <summary>Two runs of a network on a batch, of pictures or of codes.</summary>
    private static void Twice(string name, SampleShape shape, int count, Action<nn.Module<Tensor, Tensor>, Tensor> check)
    {
        TorchRuntime.Prepare();
        (nn.Module<Tensor, Tensor> module, bool takesCodes) = Create(name, shape);
        using nn.Module<Tensor, Tensor> made = module;
        for (int run = 0; run < 2; run++)
        {
            using DisposeScope scope = NewDisposeScope();
            check(module, (takesCodes ? rand(count, 8) : Pictures(shape, count)).requires_grad_());
        }
    }

    private static (nn.Module<Tensor, Tensor> Module, bool TakesCodes) Create(string name, SampleShape shape)
    {
        AdversarialArchitecture adversarial = new()
        {
            Shape = shape,
            Latent = 8,
            Width = 16,
            Pictures = name.StartsWith("residual", StringComparison.Ordinal) ? PictureNetworks.Residual : PictureNetworks.Convolutional,
        };
        AutoencoderArchitecture autoencoder = new() { Shape = shape, Latent = 8 };
        ConvolutionalGeometry geometry = ConvolutionalGeometry.Of(shape, null);
        return name switch
        {
            "encoder" => (new ConvolutionalEncoder(autoencoder, geometry), false),
            "decoder" => (new ConvolutionalDecoder(autoencoder, geometry), true),
            "dcgan generator" or "residual generator" => (adversarial.CreateGenerator().Module, true),
            "dcgan critic" or "residual critic" => (adversarial.CreateCritic(FeatureNormalization.Sample).Module, false),
            "small" or "small, bfloat16" => (PictureClassifier.Small.Create(shape, 8, 1, "cpu").Module, false),
            "medium, bfloat16" => (PictureClassifier.Medium.Create(shape, 8, 1, "cpu").Module, false),
            "wrn10x4" => (PictureClassifier.Wrn10x4.Create(shape, 8, 1, "cpu").Module, false),
            "contrastive" => (new ContrastiveNetwork(shape, ContrastiveNetwork.HiddenOf(shape, null), 8, 1), false),
            "frames" => (new FrameNetwork(shape[0], shape[0], shape, 16, null, 1), false),
            "patches" => (new PatchDiscriminator(adversarial), false),
            _ => throw new ArgumentException($"Unknown network '{name}'.", nameof(name)),
        };
    }

    private static Tensor Call(nn.Module<Tensor, Tensor> module, string name, Tensor input) =>
        module.call(name.EndsWith("bfloat16", StringComparison.Ordinal) ? input.to(ScalarType.BFloat16) : input);

    private static Tensor Pictures(SampleShape shape, int count) => rand(count, shape[1], shape[2], shape[0]).permute(0, 3, 1, 2);

    private static void AssertFinite(IEnumerable<Tensor> tensors) => Assert.All(tensors, one => Assert.Equal(0, one.isfinite().logical_not().sum().Number()));

    private static void LeaveNotANumber()
    {
        using DisposeScope scope = NewDisposeScope();
        for (int size = 16; size < 1 << 21; size += size / 3)
        {
            for (int k = 0; k < 8; k++) full(size, float.NaN);
        }
    }
}
