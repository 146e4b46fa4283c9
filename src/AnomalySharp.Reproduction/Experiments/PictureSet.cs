using AnomalySharp.Data.Protocols;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Pictures of ten classes below the data folder: training and test files together.</summary>
/// <param name="Name">What result tables and published figures call it.</param>
/// <param name="Required">Files without which it is not there.</param>
/// <param name="Pictures">Files of pictures, of which some may be absent if they are not required.</param>
internal sealed record PictureSet(string Name, IReadOnlyList<string> Required, IReadOnlyList<string> Pictures)
{
    public static PictureSet Mnist { get; } = Idx("mnist", "mnist", "train", "t10k");

    /// <summary>Its training files only.</summary>
    public static PictureSet MnistTraining { get; } = Idx("mnist-training", "mnist", "train");

    /// <summary>Its test files only.</summary>
    public static PictureSet MnistTest { get; } = Idx("mnist-test", "mnist", "t10k");

    public static PictureSet FashionMnist { get; } = Idx("f-mnist", "fashion-mnist", "train", "t10k");

    /// <summary>Its training files only.</summary>
    public static PictureSet FashionMnistTraining { get; } = Idx("f-mnist-training", "fashion-mnist", "train");

    /// <summary>Its test files only.</summary>
    public static PictureSet FashionMnistTest { get; } = Idx("f-mnist-test", "fashion-mnist", "t10k");

    public static PictureSet Cifar10 { get; } = new(
        "cifar10",
        ["cifar10/data_batch_1.bin.gz", "cifar10/test_batch.bin.gz"],
        [.. Enumerable.Range(1, 5).Select(i => $"cifar10/data_batch_{i}.bin.gz"), "cifar10/test_batch.bin.gz"]);

    /// <summary>Its training files only.</summary>
    public static PictureSet Cifar10Training { get; } = new("cifar10-training", [Cifar10.Required[0]], [.. Cifar10.Pictures.SkipLast(1)]);

    /// <summary>Its test file only.</summary>
    public static PictureSet Cifar10Test { get; } = new("cifar10-test", [Cifar10.Required[1]], [Cifar10.Pictures[^1]]);

    public ClassifiedPictures Read(DataStore data, CancellationToken cancellation) =>
        data.Get(Name, () => ClassifiedPictures.Read([.. Pictures.Select(data.Find).OfType<string>()], cancellation));

    private static PictureSet Idx(string name, string folder, params string[] parts)
    {
        string[] pictures = [.. parts.Select(part => $"{folder}/{part}-images-idx3-ubyte.gz")];
        return new PictureSet(name, [.. pictures, .. parts.Select(part => $"{folder}/{part}-labels-idx1-ubyte.gz")], pictures);
    }
}
