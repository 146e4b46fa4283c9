using System.ComponentModel;
using AnomalySharp.Torch.Training;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>
/// What every method with a generator can be told, see <see cref="AdversarialDetector"/>. The code has 8 units for up to 64 values, 32 above, 64 for
/// pictures, where nothing else is asked for.
/// </summary>
public abstract record AdversarialOptions : GameOptions
{
    /// <summary>Distribution of latent codes. The default value is <see cref="LatentPrior.Normal"/>.</summary>
    [Description("Distribution of latent codes.")]
    public LatentPrior Prior { get; init; } = LatentPrior.Normal;

    internal override int DefaultLatent(SampleShape shape) => shape.Rank == 3 ? 64 : shape.Length <= 64 ? 8 : 32;
}
