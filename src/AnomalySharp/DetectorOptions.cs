using System.Text.Json.Serialization;

namespace AnomalySharp;

/// <summary>
/// Everything that configures one detector: an immutable record whose properties carry their help text
/// (<see cref="System.ComponentModel.DescriptionAttribute"/>), range (<see cref="System.ComponentModel.DataAnnotations.RangeAttribute"/>) and
/// default (the initialiser). It is at once the C# API, the JSON configuration, <c>--set key=value</c>, the help text and the entry in the model file.
/// </summary>
public abstract record DetectorOptions
{
    /// <summary>Makes an unfitted detector.</summary>
    /// <exception cref="OptionException">An option is out of its range.</exception>
    public Detector CreateDetector()
    {
        DetectorOption.Validate(this);
        return Create();
    }

    /// <summary>How the method wants its features scaled where the user does not say. The default is standardisation.</summary>
    [JsonIgnore]
    public virtual Preprocessing.FeatureScaling PreferredScaling => Preprocessing.FeatureScaling.Standard;

    /// <summary>What the method wants of feature extractors. The default is vectors.</summary>
    [JsonIgnore]
    public virtual FeatureExtraction.FeatureForm PreferredFeatures => FeatureExtraction.FeatureForm.Vectors;

    /// <summary>Makes an unfitted detector from valid options.</summary>
    protected abstract Detector Create();
}
