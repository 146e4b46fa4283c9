using AnomalySharp.FeatureExtraction;

namespace AnomalySharp.Tests.FeatureExtraction;

public sealed class FeatureCacheTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"anomalysharp-cache-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private static Samples Rows(params float[] values) => new(values, new SampleShape(2));

    [Fact]
    public void What_was_kept_is_found_by_another_cache_of_the_folder_and_nothing_else_is()
    {
        new FeatureCache(_folder, 1000).Write("a", [1, 2, 3]);
        FeatureCache cache = new(_folder, 1000);
        float[] found = new float[3];
        Assert.True(cache.TryRead("a", found));
        Assert.Equal([1, 2, 3], found);
        Assert.False(cache.TryRead("b", found));
        Assert.False(cache.TryRead("a", new float[2]));
    }

    [Fact]
    public void Damaged_features_are_not_found()
    {
        FeatureCache cache = new(_folder, 1000);
        cache.Write("a", [1, 2, 3]);
        string file = Assert.Single(Directory.GetFiles(_folder));
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.False(cache.TryRead("a", new float[3]));
    }

    [Fact]
    public void Beyond_the_limit_what_was_not_used_for_longest_goes_first()
    {
        // Each has 32 bytes of hash and 68 of values.
        FeatureCache cache = new(_folder, 1000);
        float[] values = new float[17];
        for (int i = 0; i < 10; i++)
        {
            cache.Write($"{i}", values);
            File.SetLastWriteTimeUtc(Path.Combine(_folder, $"{i}.features"), DateTime.UtcNow.AddDays(i - 20));
        }
        Assert.True(cache.TryRead("0", values));
        cache.Write("10", values);
        Assert.True(cache.TryRead("0", values) && cache.TryRead("3", values));
        Assert.False(cache.TryRead("1", values) || cache.TryRead("2", values));
        Assert.True(Directory.GetFiles(_folder).Sum(file => new FileInfo(file).Length) <= 900);
        cache.Write("huge", new float[250]);
        Assert.False(cache.TryRead("huge", new float[250]));
    }

    [Fact]
    public void The_key_changes_with_values_shape_and_identity()
    {
        string key = FeatureCache.KeyOf("net", Rows(1, 2, 3, 4));
        Assert.Equal(key, FeatureCache.KeyOf("net", Rows(1, 2, 3, 4)));
        Assert.NotEqual(key, FeatureCache.KeyOf("net", Rows(1, 2, 3, 5)));
        Assert.NotEqual(key, FeatureCache.KeyOf("other", Rows(1, 2, 3, 4)));
        Assert.NotEqual(key, FeatureCache.KeyOf("net", new Samples(new float[] { 1, 2, 3, 4 }, new SampleShape(4))));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_cache_that_is_empty()
    {
        File.WriteAllText(_folder + ".file", "");
        FeatureCache cache = new(Path.Combine(_folder + ".file", "cache"), 1000);
        cache.Write("a", [1]);
        Assert.False(cache.TryRead("a", new float[1]));
        File.Delete(_folder + ".file");
    }

    [Fact]
    public void A_limit_of_nothing_is_no_cache() => Assert.Null(FeatureCache.OfUser(0));
}
