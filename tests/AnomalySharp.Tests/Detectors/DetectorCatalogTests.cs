using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Detectors.Classical;

namespace AnomalySharp.Tests.Detectors;

public class DetectorCatalogTests
{
    [Fact]
    public void Every_name_is_found_and_names_its_detector()
    {
        Assert.NotEmpty(DetectorCatalog.All);
        foreach (DetectorEntry entry in DetectorCatalog.All)
        {
            Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", entry.Name);
            Assert.EndsWith(".", entry.Info.Summary, StringComparison.Ordinal);
            Assert.NotEmpty(entry.Info.Paper);
            Assert.Same(entry, DetectorCatalog.Find(entry.Name));
            Assert.Same(entry, DetectorCatalog.Find(entry.Name.ToUpperInvariant()));
            Assert.Same(entry, DetectorCatalog.Find(entry.CreateOptions()));
            using Detector detector = entry.CreateOptions().CreateDetector();
            Assert.Equal(entry.Name, DetectorCatalog.NameOf(detector));
        }
    }

    [Theory]
    [InlineData("isolation-forrest", "isolation-forest")]
    [InlineData("IsolationForest", "isolation-forest")]
    [InlineData("k-nn", "knn")]
    [InlineData("", "dcn")]
    public void An_unknown_name_is_answered_with_the_nearest(string typed, string nearest)
    {
        OptionException refused = Assert.Throws<OptionException>(() => DetectorCatalog.Find(typed));
        Assert.Contains($"'{typed}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"Did you mean '{nearest}'?", refused.Message, StringComparison.Ordinal);
        Assert.Contains("isolation-forest, ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_are_not_in_the_catalogue_are_refused_by_name()
    {
        OptionException refused = Assert.Throws<OptionException>(() => DetectorCatalog.Find(new SampleOptions()));
        Assert.Contains(nameof(SampleOptions), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Registering_an_assembly_twice_changes_nothing()
    {
        int before = DetectorCatalog.All.Count;
        DetectorCatalog.Register(typeof(KnnOptions).Assembly);
        Assert.Equal(before, DetectorCatalog.All.Count);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_with_both_types_and_nothing_is_registered()
    {
        int before = DetectorCatalog.All.Count;
        OptionException refused = Assert.Throws<OptionException>(() => DetectorCatalog.AddAll([typeof(FreeOptions), typeof(TakenOptions)]));
        Assert.Contains("'KNN'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(typeof(KnnOptions).FullName!, refused.Message, StringComparison.Ordinal);
        Assert.Contains(typeof(TakenOptions).FullName!, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, DetectorCatalog.All.Count);
    }

    [Detector("free-name", Family = DetectorFamily.Classical, Summary = "None.", Paper = "None.")]
    private sealed record FreeOptions : DetectorOptions
    {
        protected override Detector Create() => throw new NotSupportedException("Only its name is needed.");
    }

    [Detector("KNN", Family = DetectorFamily.Classical, Summary = "None.", Paper = "None.")]
    private sealed record TakenOptions : DetectorOptions
    {
        protected override Detector Create() => throw new NotSupportedException("Only its name is needed.");
    }

    [Theory]
    [InlineData("k", "7")]
    [InlineData("K", "7")]
    [InlineData("method", "median")]
    [InlineData("Method", "MEDIAN")]
    public void Settings_are_applied_without_regard_to_case_and_leave_the_original(string key, string value)
    {
        KnnOptions original = new();
        KnnOptions changed = (KnnOptions)DetectorOption.Apply(original, [new(key, value)]);
        Assert.Equal(key is "k" or "K" ? original with { K = 7 } : original with { Method = KnnMethod.Median }, changed);
        Assert.Equal(new KnnOptions(), original);
    }

    [Theory]
    [InlineData("samplesPerTree")]
    [InlineData("samples-per-tree")]
    [InlineData("samples_per_tree")]
    public void Keys_may_have_dashes(string key) =>
        Assert.Equal(64, ((IsolationForestOptions)DetectorOption.Apply(new IsolationForestOptions(), [new(key, "64")])).SamplesPerTree);

    [Fact]
    public void An_unknown_key_is_answered_with_the_keys()
    {
        OptionException refused = Assert.Throws<OptionException>(() => DetectorOption.Apply(new KnnOptions(), [new("neighbours", "3")]));
        Assert.Contains("'neighbours'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("k, method", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("count", "0", "integer, 1 to 10")]
    [InlineData("count", "11", "integer, 1 to 10")]
    [InlineData("count", "2.5", "integer, 1 to 10")]
    [InlineData("count", "99999999999", "integer, 1 to 10")]
    [InlineData("count", "", "integer, 1 to 10")]
    [InlineData("rate", "NaN", "0 to 0.5")]
    [InlineData("rate", "0,3", "0 to 0.5")]
    [InlineData("rate", "0.51", "0 to 0.5")]
    [InlineData("widths", "4,0", "none, or integers separated by commas, each 1 to 100")]
    [InlineData("widths", "4;5", "none, or integers separated by commas, each 1 to 100")]
    [InlineData("enabled", "maybe", "true or false")]
    [InlineData("day", "someday", "sunday, monday")]
    [InlineData("day", "3", "sunday, monday")]
    [InlineData("day", "monday,tuesday", "sunday, monday")]
    [InlineData("day", "-", "sunday, monday")]
    public void A_value_that_is_not_allowed_is_refused_with_what_is(string key, string value, string allowed)
    {
        OptionException refused = Assert.Throws<OptionException>(() => DetectorOption.Apply(new SampleOptions(), [new(key, value)]));
        Assert.Contains($"'{key}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_value_is_read_and_printed_as_it_is_read()
    {
        SampleOptions read = (SampleOptions)DetectorOption.Apply(new SampleOptions(),
            [new("count", "3"), new("rate", "0.25"), new("widths", "8, 4"), new("enabled", "TRUE"), new("day", "fri-day"), new("limit", "5")]);
        Assert.Equal((3, 0.25, true, DayOfWeek.Friday, 5), (read.Count, read.Rate, read.Enabled, read.Day, read.Limit));
        Assert.Equal([8, 4], read.Widths);
        Assert.Null(((SampleOptions)DetectorOption.Apply(read, [new("limit", "auto")])).Limit);
        Assert.Null(((SampleOptions)DetectorOption.Apply(read, [new("widths", "auto")])).Widths);
        Assert.Empty(((SampleOptions)DetectorOption.Apply(read, [new("widths", "none")])).Widths!);
        Assert.Equal(["2", "0.1", "auto", "false", "monday", "auto"], DetectorOption.Of(typeof(SampleOptions)).Select(option => option.DefaultText));
    }

    [Fact]
    public void Options_set_in_code_are_validated_when_the_detector_is_made()
    {
        OptionException refused = Assert.Throws<OptionException>(() => new KnnOptions { K = 0 }.CreateDetector());
        Assert.Contains("Option 'k' is 0; allowed: integer, 1 to 10000.", refused.Message, StringComparison.Ordinal);
        Assert.Throws<OptionException>(() => new KnnOptions { Method = (KnnMethod)9 }.CreateDetector());
    }

    private sealed record SampleOptions : DetectorOptions
    {
        [Description("A count."), Range(1, 10)]
        public int Count { get; init; } = 2;

        [Description("A rate."), Range(0, 0.5)]
        public double Rate { get; init; } = 0.1;

        [Description("Widths."), Range(1, 100)]
        public IReadOnlyList<int>? Widths { get; init; }

        [Description("A switch.")]
        public bool Enabled { get; init; }

        [Description("A choice.")]
        public DayOfWeek Day { get; init; } = DayOfWeek.Monday;

        [Description("A limit; auto = none."), Range(1, 100)]
        public int? Limit { get; init; }

        protected override Detector Create() => throw new NotSupportedException();
    }
}
