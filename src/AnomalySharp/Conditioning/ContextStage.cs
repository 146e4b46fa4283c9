using System.Numerics.Tensors;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Conditioning;

/// <summary>
/// Judges values given their context (conditional anomalies: Song, Wu, Jermaine, Ranka, IEEE TKDE 19 (2007)): in place of a row the detector sees how
/// many standard deviations each value is from what the row's context lets expect, z = (x − m(c)) / σ(c). The context itself it does not see.
/// </summary>
/// <remarks>
/// Departure: Song et al. map clusters of the context to clusters of the values; here networks give the mean and the deviation for each context, so
/// that any detector can judge what is left.
/// </remarks>
internal sealed class ContextStage : IDisposable
{
    // In units of the training spread, robust for values: contexts beyond are taken for these, and values beyond are learnt as these.
    private const float Bound = 5;

    private const int Purpose = 0xC0E6;

    private readonly int[] _context, _values;
    private readonly (int Value, int Indicator)[] _imputed;
    private readonly FeatureScaler _contextScaler, _valueScaler;
    private readonly RowJudges _judges;
    private readonly ConditionalNetworks _networks;

    private ContextStage(
        ContextLayout layout, FeatureScaler contextScaler, FeatureScaler valueScaler, RowJudges judges, ConditionalNetworks networks)
    {
        (Columns, _context, _values, _imputed) = (layout.Columns, layout.Context, layout.Values, layout.Imputed);
        (Names, _contextScaler, _valueScaler, _judges, _networks) = (layout.Names, contextScaler, valueScaler, judges, networks);
    }

    /// <summary>The context columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Names of the features that are judged, those of the other columns.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Learns from training rows.</summary>
    /// <param name="encoder">What encoded them.</param>
    /// <param name="columns">Context columns, each with features, and not all that have features.</param>
    /// <param name="rows">Encoded rows, at least one, not scaled.</param>
    /// <param name="context">Seed, progress, cancellation.</param>
    public static ContextStage Fit(TableEncoder encoder, IReadOnlyList<string> columns, Samples rows, FitContext context)
    {
        ContextLayout layout = ContextLayout.Of(encoder, columns);
        (int c, int v) = (layout.Context.Length, layout.Values.Length);
        Samples contexts = Take(rows, layout.Context), values = Take(rows, layout.Values);
        // Contexts are given and only have to be comparable; of values, abnormal ones are to leave the scale alone.
        FeatureScaler ofContexts = FeatureScaler.Fit(contexts, FeatureScaling.Standard), ofValues = FeatureScaler.Fit(values, FeatureScaling.Robust);
        (contexts, values) = (Bounded(ofContexts, contexts), Bounded(ofValues, values));
        float[] joined = new float[checked(rows.Count * (c + v))];
        for (int i = 0; i < rows.Count; i++)
        {
            contexts[i].CopyTo(joined.AsSpan(i * (c + v)));
            values[i].CopyTo(joined.AsSpan(i * (c + v) + c));
        }
        bool[]? unknown = layout.Imputed.Length == 0 ? null : new bool[rows.Count * v];
        for (int i = 0; unknown is not null && i < rows.Count; i++)
        {
            foreach ((int value, int indicator) in layout.Imputed) unknown[i * v + value] = rows[i][layout.Values[indicator]] > 0;
        }
        RowJudges judges = RowJudges.Deal(rows, ConditionalNetworks.Count, context.CreateRandom(Purpose));
        ConditionalNetworks networks = ConditionalNetworks.Fit(
            new Samples(joined, new SampleShape(c + v)), judges.LeavingOut(rows), layout.IsNumber, unknown, context);
        return new ContextStage(layout, ofContexts, ofValues, judges, networks);
    }

    /// <summary>A stage from its stored state.</summary>
    /// <exception cref="ModelFileException">An array is missing or of the wrong size, or the columns are not the encoder's.</exception>
    public static ContextStage Restore(TableEncoder encoder, IReadOnlyList<string> columns, TensorState state)
    {
        ContextLayout layout = ContextLayout.Of(encoder, columns);
        (int c, int v) = (layout.Context.Length, layout.Values.Length);
        return new ContextStage(
            layout,
            FeatureScaler.Read(state.GetPart("context"), FeatureScaling.Standard, new SampleShape(c)),
            FeatureScaler.Read(state.GetPart("values"), FeatureScaling.Robust, new SampleShape(v)),
            RowJudges.Read(state.GetPart("judges"), ConditionalNetworks.Count),
            ConditionalNetworks.Read(state.GetPart("networks"), c, v));
    }

    public TensorState GetState()
    {
        TensorState state = new();
        state.AddPart("context", part => _contextScaler.WriteState(part));
        state.AddPart("values", part => _valueScaler.WriteState(part));
        state.AddPart("judges", _judges.WriteState);
        state.AddPart("networks", _networks.WriteState);
        return state;
    }

    /// <summary>Encoded rows → z of every value, in the order of <see cref="Names"/>; 0 where a value stands for a missing one.</summary>
    public Samples Apply(Samples rows)
    {
        Samples values = _valueScaler.Apply(Take(rows, _values));
        (float[] z, float[] deviation) = Expected(rows);
        TensorPrimitives.Subtract(values.Values.Span, z, z);
        TensorPrimitives.Divide(z, deviation, z);
        for (int i = 0; i < rows.Count; i++)
        {
            foreach ((int value, int indicator) in _imputed)
            {
                if (rows[i][_values[indicator]] > 0) z[i * _values.Length + value] = 0;
            }
        }
        return rows.WithValues(z, values.Shape, Names);
    }

    /// <summary>What the contexts of encoded rows let expect of every value, in the units of the encoded features.</summary>
    /// <returns>Means and standard deviations, <see cref="Names"/> of each row.</returns>
    public (float[] Mean, float[] Deviation) Expect(Samples rows)
    {
        (float[] mean, float[] deviation) = Expected(rows);
        for (int i = 0; i < deviation.Length; i++) deviation[i] /= _valueScaler.Factors[i % _values.Length];
        return (_valueScaler.Undo(new Samples(mean, new SampleShape(_values.Length))), deviation);
    }

    public void Dispose() => _networks.Dispose();

    private (float[] Mean, float[] Deviation) Expected(Samples rows)
    {
        float[] mean = new float[checked(rows.Count * _values.Length)], deviation = new float[mean.Length];
        _networks.Expect(Bounded(_contextScaler, Take(rows, _context)).Values.Span, _judges.Of(rows), mean, deviation);
        return (mean, deviation);
    }

    private static Samples Bounded(FeatureScaler scaler, Samples samples)
    {
        float[] scaled = new float[samples.Values.Length];
        Samples result = scaler.Apply(samples, scaled);
        TensorPrimitives.Clamp(scaled, -Bound, Bound, scaled);
        return result;
    }

    private static Samples Take(Samples rows, int[] features)
    {
        float[] taken = new float[checked(rows.Count * features.Length)];
        for (int i = 0; i < rows.Count; i++)
        {
            ReadOnlySpan<float> row = rows[i];
            for (int j = 0; j < features.Length; j++) taken[i * features.Length + j] = row[features[j]];
        }
        return new Samples(taken, new SampleShape(features.Length));
    }
}
