using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Training;

namespace AnomalySharp.Torch.Features;

/// <summary>
/// Options of the features <c>gae</c>: codes of a graph autoencoder (Kipf, Welling: Variational graph auto-encoders. NeurIPS Workshop on Bayesian Deep
/// Learning 2016, the one that is not variational). Step size and epochs are the paper's; with more nodes than the batch size, a step learns from the edges
/// of that many.
/// </summary>
[FeatureExtractor("gae")]
public sealed record GaeFeatureOptions : NetworkDetectorOptions, IFeatureOptions
{
    /// <summary>Options with the defaults of the method.</summary>
    public GaeFeatureOptions() => (Epochs, BatchSize, LearningRate, ValidationFraction, Patience) = (200, 4096, 1e-2, 0, 0);

    /// <summary>Size of the code. The default value is 32.</summary>
    [Description("Size of the code."), Range(1, 4096)]
    public int Latent { get; init; } = 32;

    /// <summary>Widths of the layers before the code. The default value is 64.</summary>
    [Description("Widths of the layers before the code."), Range(1, 4096)]
    public IReadOnlyList<int> Hidden { get; init; } = [64];

    /// <inheritdoc/>
    public FeatureExtractor CreateExtractor(FeatureForm form)
    {
        Networks.GraphConvolution.RequireAllNodes(this);
        return new GaeFeatures(this, form);
    }

    /// <summary>The size of the code.</summary>
    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> ReadArgument(string argument) =>
        int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? [KeyValuePair.Create("latent", argument)]
            : throw new OptionException($"What follows the colon is the size of the code, such as gae:32, not '{argument}'.");

    /// <inheritdoc/>
    protected override Detector Create() => throw new OptionException("gae makes features for a detector: --features gae, and a detector that sees them.");
}
