namespace AnomalySharp;

/// <summary>What a family of methods learns: the folder under <c>Detectors/</c> that a method lives in.</summary>
public enum DetectorFamily
{
    /// <summary>Nothing deep: scores on the given features.</summary>
    Classical,

    /// <summary>A representation, apart from the detection.</summary>
    FeatureExtraction,

    /// <summary>To reconstruct a sample.</summary>
    Reconstruction,

    /// <summary>To generate samples, against an adversary.</summary>
    Adversarial,

    /// <summary>To predict the next value or frame.</summary>
    Prediction,

    /// <summary>To recognise a transformation.</summary>
    SelfSupervised,

    /// <summary>A representation for a given anomaly measure.</summary>
    FeatureLearning,

    /// <summary>The boundary itself.</summary>
    OneClass,
}

/// <summary>The kinds of samples that a method works on.</summary>
[Flags]
public enum DataKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Rows of a table, shape <c>[d]</c>.</summary>
    Table = 1,

    /// <summary>Pictures, shape <c>[c,h,w]</c>.</summary>
    Image = 2,

    /// <summary>Windows of a sequence, shape <c>[t,d]</c>.</summary>
    Sequence = 4,

    /// <summary>Nodes of a graph, shape <c>[d]</c>, judged by their edges, too.</summary>
    Graph = 8,

    /// <summary>Clips of a video, shape <c>[t,c,h,w]</c>. Single frames are pictures.</summary>
    Video = 16,

    /// <summary>Every kind that most methods work on: all but clips and nodes judged by their edges. Without these, nodes are rows of a table.</summary>
    Any = Table | Image | Sequence,
}

/// <summary>Puts a method into the catalogue: written on its options record, it is all that the CLI, the docs and the tests need.</summary>
/// <param name="name">The catalogue name, lower case with dashes, such as <c>isolation-forest</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class DetectorAttribute(string name) : Attribute
{
    /// <summary>The catalogue name.</summary>
    public string Name { get; } = name;

    /// <summary>What the method learns.</summary>
    public required DetectorFamily Family { get; init; }

    /// <summary>One sentence: how the method decides what is abnormal.</summary>
    public required string Summary { get; init; }

    /// <summary>Authors, title, venue and year.</summary>
    public required string Paper { get; init; }

    /// <summary>The kinds of samples it works on. The default value is every kind but clips of videos.</summary>
    public DataKinds Kinds { get; init; } = DataKinds.Any;

    /// <summary>The kinds of samples for which it needs libtorch. The default value is none.</summary>
    public DataKinds TorchKinds { get; init; }
}
