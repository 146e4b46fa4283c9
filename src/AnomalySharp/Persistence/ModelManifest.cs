using System.Text.Json;
using System.Text.Json.Serialization;
using AnomalySharp.Conditioning;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;
using AnomalySharp.Thresholding;

namespace AnomalySharp.Persistence;

/// <summary>Everything of a model file but the arrays, as JSON.</summary>
internal sealed record ModelManifest
{
    /// <summary>
    /// The newest version of the format that this code reads: 2 knows features or windows, 3 both at once and context. The oldest that knows all of a
    /// model is written.
    /// </summary>
    public const int CurrentFormat = 3;

    // As options are written, except that a training curve may hold what is not finite.
    private static readonly JsonSerializerOptions Json = new(DetectorCatalog.Json)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public required int Format { get; init; }

    public required string Version { get; init; }

    public required string Detector { get; init; }

    public required JsonElement Options { get; init; }

    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>The extractors, where the detector sees features; models without them are written as if there were none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StoredFeatures>? Features { get; init; }

    public required IReadOnlyList<EncodedColumn>? Columns { get; init; }

    /// <summary>Names of the columns that are context.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Context { get; init; }

    public required IReadOnlyList<string>? FeatureNames { get; init; }

    public required FeatureScaling Scaling { get; init; }

    public required IReadOnlyList<float> Offsets { get; init; }

    public required IReadOnlyList<float> Factors { get; init; }

    public required IReadOnlyList<UsualRange> Usual { get; init; }

    public required string ThresholdRule { get; init; }

    public required AnomalyProbability Probability { get; init; }

    public required double Contamination { get; init; }

    public required string? LabelColumn { get; init; }

    public required TrainingSummary Summary { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WindowSettings? Windows { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public float UnjudgedScore { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ScoreRange? ScoreRange { get; init; }

    public required long WeightsLength { get; init; }

    public required string WeightsSha256 { get; init; }

    public static ModelManifest Of(ModelParts parts, long weightsLength, string weightsSha256) => new()
    {
        Format = parts.Context is not null || parts.IsNormalized || (parts.Windows is not null && (parts.Features is not null || parts.Shape.Rank == 4))
            ? CurrentFormat
            : parts.Features is not null || parts.Windows is not null ? 2
            : 1,
        Version = ModelTraining.Version,
        Detector = parts.Entry.Name,
        Options = JsonSerializer.SerializeToElement(parts.Options, parts.Entry.OptionsType, DetectorCatalog.Json),
        Shape = parts.Shape.Dimensions,
        Features = parts.Features is null ? null : FeatureCatalog.Store(parts.Features.Options),
        Columns = parts.Encoder?.Columns,
        Context = parts.Context?.Columns,
        FeatureNames = parts.FeatureNames,
        Scaling = parts.Scaler.Scaling,
        Offsets = parts.Scaler.Offsets,
        Factors = parts.Scaler.Factors,
        Usual = parts.Usual,
        ThresholdRule = parts.ThresholdRule.ToString(),
        Probability = parts.Probability,
        Contamination = parts.Contamination,
        LabelColumn = parts.LabelColumn,
        Summary = parts.Summary,
        Windows = parts.Windows,
        UnjudgedScore = parts.UnjudgedScore,
        ScoreRange = parts.IsNormalized ? parts.ScoreRange : null,
        WeightsLength = weightsLength,
        WeightsSha256 = weightsSha256,
    };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="ModelFileException">Written in a newer format, or malformed.</exception>
    public static ModelManifest Parse(byte[] utf8)
    {
        try
        {
            // The format first: what a newer one holds is not known here.
            using (JsonDocument document = JsonDocument.Parse(utf8))
            {
                int format = document.RootElement.GetProperty("format").GetInt32();
                if (format > CurrentFormat)
                {
                    string writer = document.RootElement.TryGetProperty("version", out JsonElement version) ? version.ToString() : "?";
                    throw new ModelFileException(
                        $"It was written by AnomalySharp {writer} in format {format}; this version, {ModelTraining.Version}, reads formats "
                        + $"up to {CurrentFormat}. Upgrade AnomalySharp, or train the model again.");
                }
            }
            return JsonSerializer.Deserialize<ModelManifest>(utf8, Json) ?? throw new JsonException("The manifest is empty.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or NotSupportedException)
        {
            throw new ModelFileException($"Its manifest is malformed ({e.Message}).", e);
        }
    }

    /// <summary>The parts that the manifest describes, each checked.</summary>
    /// <exception cref="ModelFileException">A part is not known to this version, or does not fit the others.</exception>
    public ModelParts ToParts()
    {
        DetectorEntry entry = DetectorCatalog.All.FirstOrDefault(candidate => candidate.Name == Detector) ?? throw new ModelFileException(
            $"It holds the detector '{Detector}', which is not known here. Upgrade AnomalySharp, or register the detector's assembly first.");
        SampleShape shape = new([.. Shape]);
        if (Windows is not null && (shape.Rank is not (2 or 4) || shape[0] != Windows.Length || !float.IsFinite(UnjudgedScore))) throw Mismatch("windows");
        Windows?.Validate();
        bool ranged = ScoreRange is null || (Windows is not null && Enum.IsDefined(ScoreRange.Normalization) && float.IsFinite(ScoreRange.Low + ScoreRange.High));
        if (!ranged) throw Mismatch("scores");
        SampleShape row = Windows is null ? shape : ModelParts.RowOf(shape);
        TableEncoder? encoder = Columns is null ? null : new TableEncoder(Columns);
        if (Columns is not null && Columns.Any(column => column.Shares.Count != column.Categories.Count)) throw Mismatch("categories");
        if (Context is not null && (encoder is null || Context.Count == 0 || Context.Contains(null!))) throw Mismatch("context columns");
        int judged = encoder is null ? 0 : ContextLayout.Judged(encoder, Context).Sum(column => column.Width);
        if (encoder is not null && (row.Rank != 1 || row.Length != judged)) throw Mismatch("columns");
        if (FeatureNames is not null && FeatureNames.Count != row.Length) throw Mismatch("feature names");
        if (encoder is null && Usual.Count != new ValueGroups(shape).Count) throw Mismatch("usual ranges");
        if (!float.IsFinite(Probability.Threshold) || !(Probability.Width > 0 && float.IsFinite(Probability.Width))) throw Mismatch("threshold");
        return new ModelParts
        {
            Entry = entry,
            Options = entry.ReadOptions(Options.GetRawText()),
            Shape = shape,
            Encoder = encoder,
            FeatureNames = FeatureNames,
            // Of features the shape is known once there is what extracts them.
            Scaler = Features is null ? ToScaler(shape) : FeatureScaler.None(shape),
            Usual = Usual,
            ThresholdRule = Thresholding.ThresholdRule.Parse(ThresholdRule),
            Probability = Probability,
            Contamination = Contamination,
            LabelColumn = LabelColumn,
            Summary = Summary,
            Windows = Windows,
            UnjudgedScore = UnjudgedScore,
            ScoreRange = ScoreRange,
        };
    }

    /// <summary>The scaling of what the detector sees, of the given shape.</summary>
    /// <exception cref="ModelFileException">It does not fit the shape.</exception>
    public FeatureScaler ToScaler(SampleShape shape) => new(Scaling, Offsets, Factors, shape);

    private static ModelFileException Mismatch(string what) => new($"Its {what} do not fit the other parts. Train it again.");
}
