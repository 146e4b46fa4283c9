using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.FeatureExtraction;

namespace AnomalySharp.Onnx;

/// <summary>Order of a picture's values in a network's input.</summary>
public enum InputLayout
{
    /// <summary>By the shape of the input: where its channels, 1 or 3, are.</summary>
    Auto,

    /// <summary>Samples, channels, height, width.</summary>
    Nchw,

    /// <summary>Samples, height, width, channels; outputs of four extents likewise.</summary>
    Nhwc,
}

/// <summary>Channels of a network's input.</summary>
public enum InputColors
{
    /// <summary>As the network's metadata say; otherwise by their number, one as grey and three as red, green, blue.</summary>
    Auto,

    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,

    /// <summary>One of luminance.</summary>
    Grey,
}

/// <summary>Where a model keeps its network.</summary>
public enum NetworkStore
{
    /// <summary>In the model file, which then needs nothing else.</summary>
    Embed,

    /// <summary>Where it is: the model file has its path, size and hash, and is refused where these are not met.</summary>
    Reference,
}

/// <summary>
/// Options of the features <c>onnx</c>: outputs of a pre-trained network in the ONNX format, <c>onnx:MODEL.onnx:OUTPUT,OUTPUT</c>. Samples are pictures
/// <c>[c,h,w]</c> with values in 0…1, vectors, or windows; the network has one input of float32.
/// </summary>
[FeatureExtractor("onnx")]
public sealed record OnnxFeatureOptions : IFeatureOptions
{
    /// <summary>The file.</summary>
    [Description("The ONNX file.")]
    public string Model { get; init; } = "";

    /// <summary>Names of outputs, separated by commas. The default value is the network's last one.</summary>
    [Description("Names of outputs, separated by commas; empty = the network's last one.")]
    public string Outputs { get; init; } = "";

    /// <summary>Order of a picture's values. The default value goes by the shape of the input.</summary>
    [Description("Order of a picture's values in the input; auto = by its shape.")]
    public InputLayout Layout { get; init; } = InputLayout.Auto;

    /// <summary>Channels of the input. The default value goes by the network's metadata, then by their number.</summary>
    [Description("Channels of the input; auto = as the network's metadata say, otherwise rgb or, where there is one, grey.")]
    public InputColors Colors { get; init; } = InputColors.Auto;

    /// <summary>
    /// What is subtracted from pixels of 0…255, one number or one per channel in the order of the input. The default value goes by the network's metadata;
    /// where they say nothing it is, of three channels, the mean of ImageNet that most networks are trained with, and otherwise 0.
    /// </summary>
    [Description("What is subtracted from pixels of 0 to 255: one number, or one per channel; auto = by the network's metadata, otherwise ImageNet's.")]
    [Range(-1e6, 1e6)]
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>What the differences are divided by, likewise; of three channels ImageNet's deviation, otherwise 255.</summary>
    [Description("What the differences are divided by, likewise."), Range(1e-6, 1e6)]
    public IReadOnlyList<double>? Deviation { get; init; }

    /// <summary>
    /// Height and width that pictures are resized to where the network takes any size. The default value, null, leaves them as they are; where the network
    /// has a size of its own, it is that.
    /// </summary>
    [Description("Height and width that pictures are resized to where the network takes any size; auto = as they are."), Range(8, 4096)]
    public int? Side { get; init; }

    /// <summary>How vectors are made of feature maps. The default value is the mean of each channel.</summary>
    [Description("How vectors are made of feature maps: the mean or the greatest value of each channel, or none: all values.")]
    public FeaturePooling Pool { get; init; } = FeaturePooling.Average;

    /// <summary>Where a model keeps the network. The default value is in its own file.</summary>
    [Description("Whether a model file embeds the network, or refers to it by path, size and hash.")]
    public NetworkStore Store { get; init; } = NetworkStore.Embed;

    /// <summary>
    /// Most megabytes of features that are kept in the user's cache folder from one run to the next (see <see cref="FeatureCache.FolderVariable"/>); 0 keeps
    /// none. The default value is 2,000.
    /// </summary>
    [Description("Most megabytes of features kept in the user's cache folder from one run to the next; 0 = none."), Range(0, 1_000_000)]
    public int CacheMegabytes { get; init; } = 2_000;

    /// <inheritdoc/>
    public FeatureExtractor CreateExtractor(FeatureForm form)
    {
        DetectorOption.Validate(this);
        if (Model.Length == 0) throw new OptionException("The features 'onnx' need a network: onnx:MODEL.onnx:OUTPUT.");
        return new OnnxFeatures(this, form);
    }

    /// <summary>The file, and after a further colon the outputs.</summary>
    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> ReadArgument(string argument)
    {
        // Of C:\m.onnx the colon is the disk's.
        int colon = argument.LastIndexOf(':');
        bool outputs = colon > 1 && argument.AsSpan(colon).IndexOfAny('/', '\\') < 0;
        yield return KeyValuePair.Create("model", outputs ? argument[..colon] : argument);
        if (outputs) yield return KeyValuePair.Create("outputs", argument[(colon + 1)..]);
    }
}
