namespace AnomalySharp.FeatureExtraction;

/// <summary>What a detector gets from an extractor.</summary>
public enum FeatureForm
{
    /// <summary>One vector <c>[d]</c> per sample: feature maps are pooled.</summary>
    Vectors,

    /// <summary>Feature maps <c>[c,h,w]</c>: those of several layers at the size of the largest, one above the other.</summary>
    Maps,
}

/// <summary>
/// Everything that configures one feature extractor: an immutable record with the attributes of <see cref="DetectorOptions"/>. It is put into the
/// catalogue by <see cref="FeatureExtractorAttribute"/>, or by being the options of a detector that learns a code.
/// </summary>
public interface IFeatureOptions
{
    /// <summary>Makes an extractor that has yet to be fitted.</summary>
    /// <exception cref="OptionException">An option is out of its range, or the extractor does not give features of this form.</exception>
    FeatureExtractor CreateExtractor(FeatureForm form);

    /// <summary>What stands after the colon in <c>name:argument</c>, as settings.</summary>
    /// <exception cref="OptionException">It makes no sense to this extractor.</exception>
    IEnumerable<KeyValuePair<string, string>> ReadArgument(string argument);
}

/// <summary>Puts an extractor into the catalogue: written on its options record.</summary>
/// <param name="name">The catalogue name, lower case with dashes.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class FeatureExtractorAttribute(string name) : Attribute
{
    /// <summary>The catalogue name.</summary>
    public string Name { get; } = name;
}
