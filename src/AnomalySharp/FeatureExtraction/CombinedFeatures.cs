using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.FeatureExtraction;

/// <summary>Several extractors side by side: an ensemble of representations.</summary>
/// <param name="Parts">Their options, at least one.</param>
public sealed record CombinedFeatureOptions(IReadOnlyList<IFeatureOptions> Parts) : IFeatureOptions
{
    /// <inheritdoc/>
    public FeatureExtractor CreateExtractor(FeatureForm form) => new CombinedFeatures([.. Parts.Select(part => part.CreateExtractor(form))], form);

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> ReadArgument(string argument) => throw new OptionException("Join extractors with +.");
}

/// <summary>
/// The features of all, each standardised on the training samples (mean 0, variance 1; channels of maps), so that none outweighs the others by its
/// units.
/// </summary>
internal sealed class CombinedFeatures(FeatureExtractor[] parts, FeatureForm form) : FeatureExtractor(form)
{
    private readonly FeatureScaler?[] _scalers = new FeatureScaler?[parts.Length];

    public override bool SeesGraph => parts.Any(part => part.SeesGraph);

    protected override void FitCore(Samples samples, FitContext context)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i].Fit(samples, context);
            _scalers[i] = FeatureScaler.Fit(FeatureStage.ExtractAll(parts[i], samples, context), FeatureScaling.Standard);
        }
    }

    protected override IReadOnlyList<Samples> ExtractCore(Samples samples) => [.. parts.Select((part, i) => _scalers[i]!.Apply(part.Extract(samples)))];

    protected override Samples ExtractVersionsCore(Samples nodes, int node, Samples versions) =>
        FeatureLayers.Join([.. parts.Select((part, i) => _scalers[i]!.Apply(part.ExtractVersions(nodes, node, versions)))]);

    protected override SampleShape ShapeOf(SampleShape input) =>
        SeesGraph ? new SampleShape(parts.Sum(part => part.Shape.Length)) : base.ShapeOf(input);

    protected override void WriteState(TensorState state)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            state.AddPart($"part{i}", parts[i].GetState());
            _scalers[i]!.WriteState(state, $"{i}");
        }
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i].SetState(state.GetPart($"part{i}"), shape);
            _scalers[i] = FeatureScaler.Read(state, FeatureScaling.Standard, parts[i].Shape, $"{i}");
        }
    }

    protected override void Dispose(bool disposing)
    {
        foreach (FeatureExtractor part in parts) part.Dispose();
        base.Dispose(disposing);
    }
}
