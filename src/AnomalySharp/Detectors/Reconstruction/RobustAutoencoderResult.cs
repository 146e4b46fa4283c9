using System.Globalization;
using System.Numerics.Tensors;
using AnomalySharp.Optimization;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>How <see cref="RobustAutoencoder"/> split its training data, X = L_D + S.</summary>
public sealed record RobustAutoencoderResult
{
    private RobustAutoencoderResult() { }

    /// <summary>What is sparse in S.</summary>
    public required RobustPenalty Penalty { get; init; }

    /// <summary>t of the last round, in the unit of the scaled features.</summary>
    public required double Threshold { get; init; }

    /// <summary>The reference code's λ: t/N for rows and columns, t·Nd/(4‖X‖₁) for values.</summary>
    public required double Lambda { get; init; }

    /// <summary>‖Sᵢ·‖₂ of each training sample.</summary>
    public required IReadOnlyList<float> RowNorms { get; init; }

    /// <summary>‖S·ⱼ‖₂ of each feature.</summary>
    public required IReadOnlyList<float> ColumnNorms { get; init; }

    /// <summary>Values (ℓ1), samples (rows) or features (columns) of S that were not zero after each round.</summary>
    public required IReadOnlyList<int> History { get; init; }

    /// <summary>Whether the stop criteria were met before the last round.</summary>
    public required bool Converged { get; init; }

    /// <summary>L_D, row-major, as long as the training data; empty in a model that was read from a file.</summary>
    public ReadOnlyMemory<float> LowDimensional { get; init; }

    /// <summary>S, row-major, as long as the training data; empty in a model that was read from a file.</summary>
    public ReadOnlyMemory<float> Sparse { get; init; }

    /// <summary>Positions of the training samples with anything in S.</summary>
    public IReadOnlyList<int> FlaggedRows => Positions(RowNorms);

    /// <summary>Positions of the features with anything in S.</summary>
    public IReadOnlyList<int> FlaggedColumns => Positions(ColumnNorms);

    /// <summary>One sentence: t, λ, how much was set aside.</summary>
    internal string Summary => string.Create(CultureInfo.InvariantCulture, $"t = {Threshold:G4} (lambda {Lambda:G4}) set aside {Counted} in {History.Count} rounds.");

    private string Counted => Penalty switch
    {
        RobustPenalty.L1 => $"{History[^1]} of {RowNorms.Count * (long)ColumnNorms.Count} values",
        RobustPenalty.L21Rows => $"{FlaggedRows.Count} of {RowNorms.Count} samples",
        _ => $"{FlaggedColumns.Count} of {ColumnNorms.Count} features",
    };

    internal static RobustAutoencoderResult Of(RobustSplit split, Samples samples, RobustPenalty penalty)
    {
        double magnitude = 0;
        foreach (float value in samples.Values.Span) magnitude += Math.Abs(value);
        return new RobustAutoencoderResult
        {
            Penalty = penalty,
            Threshold = split.Threshold,
            Lambda = penalty == RobustPenalty.L1 ? split.Threshold * samples.Values.Length / (4 * Math.Max(magnitude, double.Epsilon)) : split.Threshold / samples.Count,
            RowNorms = split.RowNorms(),
            ColumnNorms = split.ColumnNorms(),
            History = split.History,
            Converged = split.Converged,
            LowDimensional = split.LowDimensional,
            Sparse = split.Sparse,
        };
    }

    /// <summary>
    /// The proximal step of the last round, on residuals of other samples. Columns shrink by the factors of training: norms over other samples would
    /// make a sample's score depend on those beside it.
    /// </summary>
    /// <param name="residuals">Row-major; receives what would be set aside.</param>
    internal void Shrink(Span<float> residuals)
    {
        int width = ColumnNorms.Count;
        switch (Penalty)
        {
            case RobustPenalty.L1:
                Proximal.Shrink(residuals, (float)Threshold);
                break;
            case RobustPenalty.L21Rows:
                Proximal.ShrinkRows(residuals, width, (float)Threshold);
                break;
            default:
                // A column of norm n + t came out with n.
                float[] factors = [.. ColumnNorms.Select(norm => norm > 0 ? (float)(norm / (norm + Threshold)) : 0)];
                for (int start = 0; start < residuals.Length; start += width)
                {
                    Span<float> row = residuals.Slice(start, width);
                    TensorPrimitives.Multiply(row, factors, row);
                }
                break;
        }
    }

    internal void WriteState(TensorState state)
    {
        state.Set<double>("sizes", [Threshold, Lambda, Converged ? 1 : 0, RowNorms.Count]);
        state.Set<float>("rows", [.. RowNorms]);
        state.Set<float>("columns", [.. ColumnNorms]);
        state.SetScalar("rounds", History.Count);
        state.Set<int>("history", [.. History]);
    }

    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    internal static RobustAutoencoderResult Read(TensorState state, RobustPenalty penalty, SampleShape shape)
    {
        double[] sizes = state.Get<double>("sizes", 4);
        return new RobustAutoencoderResult
        {
            Penalty = penalty,
            Threshold = sizes[0],
            Lambda = sizes[1],
            Converged = sizes[2] != 0,
            RowNorms = state.Get<float>("rows", sizes[3] is >= 0 and <= int.MaxValue ? (int)sizes[3] : 0),
            ColumnNorms = state.Get<float>("columns", shape.Length),
            History = state.Get<int>("history", state.GetScalar<int>("rounds")),
        };
    }

    /// <summary>The flagged rows or columns as lists, the largest first. With values, both.</summary>
    internal IReadOnlyList<Finding> Describe()
    {
        string unit = string.Create(CultureInfo.InvariantCulture, $"Sizes are norms of what was set aside, of scaled features; the threshold was {Threshold:G4}.");
        Finding rows = new(
            "Anomalous rows",
            $"No autoencoder of the other rows reconstructs these: they were set aside while it learnt. {unit}",
            FindingKind.Rows,
            Largest(RowNorms));
        Finding columns = new(
            "Corrupt columns",
            $"No autoencoder of the other columns reconstructs these: the fault is in the column, not in single rows. {unit}",
            FindingKind.Columns,
            Largest(ColumnNorms));
        return Penalty switch
        {
            RobustPenalty.L21Rows => [rows],
            RobustPenalty.L21Columns => [columns],
            _ =>
            [
                rows with { Title = "Rows with the most noise", Text = $"Single values were set aside as noise; here by row. {unit}" },
                columns with { Title = "Columns with the most noise", Text = $"The same by column. {unit}" },
            ],
        };
    }

    private static FoundItem[] Largest(IReadOnlyList<float> norms) =>
        [.. Positions(norms).Select(i => new FoundItem(i, norms[i])).OrderByDescending(item => item.Size)];

    private static int[] Positions(IReadOnlyList<float> norms) => [.. Enumerable.Range(0, norms.Count).Where(i => norms[i] > 0)];
}
