using System.Runtime.InteropServices;
using AnomalySharp.Torch.Native;

namespace AnomalySharp.Torch.Tests.Native;

public class ElfImageTests
{
    private static byte[] Binding => File.ReadAllBytes(NativeFiles.OfThisProcess().Find("LibTorchSharp")!);

    [Fact]
    public void Required_versions_of_the_binding_are_read()
    {
        IReadOnlyList<RequiredVersion> required = new ElfImage(Binding).RequiredVersions;
        Assert.Equal(28, required.Count);
        Assert.Contains(required, version => version is { Library: "libstdc++.so.6", Name: "GLIBCXX_3.4.32", Index: 18 });
        Assert.Contains(required, version => version is { Library: "libc.so.6", Name: "GLIBC_2.34" });
    }

    [Fact]
    public void Defined_versions_of_the_standard_library_are_read()
    {
        TorchRuntime.Prepare();
        IReadOnlySet<string> defined = LibTorch.LoadedStandardLibraries()["libstdc++.so.6"];
        Assert.Contains("GLIBCXX_3.4.30", defined);
        Assert.Contains("CXXABI_1.3.13", defined);
    }

    [Fact]
    public void Only_missing_versions_of_the_standard_library_are_made_optional()
    {
        byte[] file = Binding;
        Dictionary<string, IReadOnlySet<string>> available = new()
        {
            ["libstdc++.so.6"] = new ElfImage(file).RequiredVersions.Select(version => version.Name).Except(["GLIBCXX_3.4.32"]).ToHashSet(),
        };
        byte[] before = [.. file];
        (ElfImage image, IReadOnlyList<string> optional) = LibTorch.WithoutMissingVersions(file, available);
        Assert.Equal(["GLIBCXX_3.4.32"], optional);
        Assert.All(image.RequiredVersions, version => Assert.Equal(version.Name == "GLIBCXX_3.4.32", image.IsOptional(version)));
        // The flag and the one symbol that was bound to the version; nothing else.
        Assert.Equal(2, Enumerable.Range(0, before.Length).Count(i => before[i] != image.Bytes[i]));
    }

    [Fact]
    public void Symbols_of_a_missing_version_take_any()
    {
        ElfImage image = new(Binding);
        RequiredVersion version = image.RequiredVersions.Single(v => v.Name == "GLIBCXX_3.4.30");
        Assert.True(image.MakeOptional(version) > 0);
        Assert.Equal(0, image.MakeOptional(version));
    }

    [Fact]
    public void An_image_without_missing_versions_loads_from_memory_and_from_a_temporary_file()
    {
        TorchRuntime.Prepare();
        (ElfImage image, _) = LibTorch.WithoutMissingVersions(Binding, LibTorch.LoadedStandardLibraries());
        Assert.True(NativeLibrary.TryGetExport(ImageLoader.FromMemoryFile(image.Bytes, "probe"), "THSTensor_dispose", out _));
        Assert.True(NativeLibrary.TryGetExport(ImageLoader.FromTemporaryFile(image.Bytes, "probe.so"), "THSTensor_dispose", out _));
        string mapped = File.ReadLines("/proc/self/maps").First(line => line.Contains("/probe.so", StringComparison.Ordinal));
        Assert.EndsWith("(deleted)", mapped, StringComparison.Ordinal);
        string path = mapped[mapped.IndexOf('/', StringComparison.Ordinal)..mapped.LastIndexOf(" (", StringComparison.Ordinal)];
        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    [Fact]
    public void An_image_loads_where_several_versions_are_missing_as_on_rhel_9()
    {
        TorchRuntime.Prepare();
        IReadOnlySet<string> here = LibTorch.LoadedStandardLibraries()["libstdc++.so.6"];
        HashSet<string> older = [.. here.Where(name => name is not ("GLIBCXX_3.4.30" or "GLIBCXX_3.4.31" or "GLIBCXX_3.4.32"))];
        (ElfImage image, IReadOnlyList<string> optional) = LibTorch.WithoutMissingVersions(
            Binding, new Dictionary<string, IReadOnlySet<string>> { ["libstdc++.so.6"] = older });
        Assert.Equal(["GLIBCXX_3.4.30", "GLIBCXX_3.4.32"], optional.Order());
        Assert.True(NativeLibrary.TryGetExport(ImageLoader.FromMemoryFile(image.Bytes, "rhel9"), "THSTensor_dispose", out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(4000)]
    [InlineData(200_000)]
    public void Truncated_files_are_refused(int length) => Assert.Throws<BadImageFormatException>(() =>
    {
        ElfImage image = new(Binding[..length]);
        Assert.NotEmpty(image.RequiredVersions);
    });

    [Theory]
    [InlineData(100, true)]
    [InlineData(1_900_000, true)]
    [InlineData(int.MaxValue, false)]
    public void A_truncated_file_is_noticed_before_the_loader_maps_it(int length, bool truncated)
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] file = Binding;
            File.WriteAllBytes(path, file.AsSpan(0, Math.Min(length, file.Length)));
            Assert.Equal(truncated, ElfFile.IsTruncated(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Other_files_are_refused() => Assert.Throws<BadImageFormatException>(() => new ElfImage(new byte[1000]));
}
