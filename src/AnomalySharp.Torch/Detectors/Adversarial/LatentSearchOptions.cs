using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>What methods can be told that search for the code of each sample they score, as AnoGAN does.</summary>
public abstract record LatentSearchOptions : AdversarialOptions
{
    /// <summary>Γ: steps of the search for a sample's code. The default value is the paper's 500.</summary>
    [Description("Steps of the search for the code of a sample that is scored."), Range(0, 100_000)]
    public int SearchSteps { get; init; } = 500;

    /// <summary>Step size of the search. The default value is 0.02.</summary>
    [Description("Step size of that search."), Range(1e-6, 10)]
    public double SearchRate { get; init; } = 0.02;

    /// <summary>Searches per sample from different starts, of which the best counts. The default value is 1.</summary>
    [Description("Searches per sample from different starts, of which the best counts."), Range(1, 1000)]
    public int Restarts { get; init; } = 1;

    /// <summary>λ: weight of the features' difference beside that of the values, which weighs 1 − λ. The default value is the paper's 0.1.</summary>
    [Description("Weight of the difference of features in the search, beside that of values."), Range(0, 1)]
    public double FeatureWeight { get; init; } = 0.1;

    /// <summary>The search that the options ask for.</summary>
    internal LatentSearch CreateSearch(TorchNetwork generator, FeatureModel critic, LatentNoise codes) =>
        new(generator.Module.call, critic.Module.Features, codes)
        {
            Steps = SearchSteps,
            LearningRate = SearchRate,
            Restarts = Restarts,
            FeatureWeight = FeatureWeight,
        };
}
