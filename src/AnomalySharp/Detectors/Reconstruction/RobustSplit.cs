using System.Numerics.Tensors;
using AnomalySharp.Optimization;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>
/// The part of the robust autoencoder that is no network: X = L_D + S. Holds S between rounds, makes X − S for the network to learn from, and S from what
/// the network reconstructs. Checkpoints store S.
/// </summary>
internal sealed class RobustSplit : ITrainingMemory
{
    /// <summary>Median + k·1.4826·MAD: three standard deviations of a normal distribution, the usual rule.</summary>
    private const double MadFactor = 3 * 1.4826;

    private readonly ReadOnlyMemory<float> _x;
    private readonly int _width;
    private readonly RobustPenalty _penalty;
    private readonly double? _threshold, _contamination;
    private readonly double _tolerance, _norm;
    private readonly float[] _sparse, _clean, _low, _sum;
    private List<int> _history = [];

    public RobustSplit(Samples samples, RobustPenalty penalty, double? threshold, double? contamination, double tolerance)
    {
        (_x, _width, _penalty, _threshold, _contamination, _tolerance) = (samples.Values, samples.Shape.Length, penalty, threshold, contamination, tolerance);
        _norm = TensorPrimitives.Norm(_x.Span);
        (_sparse, _low) = (new float[_x.Length], new float[_x.Length]);
        _clean = _x.ToArray();
        _sum = _x.ToArray();
    }

    /// <summary>X − S: what the next round learns from.</summary>
    public ReadOnlyMemory<float> Clean => _clean;

    /// <summary>L_D, the reconstruction of X − S in the last round.</summary>
    public ReadOnlyMemory<float> LowDimensional => _low;

    /// <summary>S of the last round.</summary>
    public ReadOnlyMemory<float> Sparse => _sparse;

    /// <summary>t of the last round.</summary>
    public double Threshold { get; private set; }

    /// <summary>Values, rows or columns of S that were not zero after each round.</summary>
    public IReadOnlyList<int> History => _history;

    /// <summary>Whether c₁ and c₂ fell below the tolerance.</summary>
    public bool Converged { get; private set; }

    /// <summary>One alternation: L_D = D(E(X − S)), S = prox(X − L_D), and the criteria.</summary>
    /// <param name="reconstruct">Writes the reconstruction of its first argument to its second.</param>
    public void Update(Action<ReadOnlyMemory<float>, Memory<float>> reconstruct)
    {
        reconstruct(_clean, _low);
        TensorPrimitives.Subtract(_x.Span, _low, _sparse);
        Threshold = _threshold ?? ChooseThreshold();
        float t = (float)Threshold;
        _history.Add(_penalty switch
        {
            RobustPenalty.L1 => Proximal.Shrink<float>(_sparse, t),
            RobustPenalty.L21Rows => Proximal.ShrinkRows<float>(_sparse, _width, t),
            _ => Proximal.ShrinkColumns<float>(_sparse, _width, t),
        });
        TensorPrimitives.Subtract(_x.Span, _sparse, _clean);
        // c₁ = ‖X − L_D − S‖/‖X‖ and c₂ = ‖(L_D + S) of the round before − (L_D + S)‖/‖X‖.
        double first = TensorPrimitives.Distance<float>(_clean, _low) / _norm;
        float[] sum = new float[_sum.Length];
        TensorPrimitives.Add<float>(_low, _sparse, sum);
        double second = TensorPrimitives.Distance<float>(_sum, sum) / _norm;
        sum.CopyTo(_sum, 0);
        Converged = _norm == 0 || (first < _tolerance && second < _tolerance);
    }

    public float[] RowNorms()
    {
        float[] norms = new float[_x.Length / _width];
        Proximal.RowNorms<float>(_sparse, _width, norms);
        return norms;
    }

    public float[] ColumnNorms()
    {
        float[] norms = new float[_width];
        Proximal.ColumnNorms<float>(_sparse, _width, norms);
        return norms;
    }

    public void WriteState(TensorState state)
    {
        state.Set<float>("sparse", _sparse);
        state.Set<float>("sum", _sum);
        state.Set<int>("history", [.. _history]);
        state.SetScalar("converged", Converged ? 1 : 0);
        state.SetScalar("threshold", Threshold);
    }

    public void ReadState(TensorState state)
    {
        state.Get<float>("sparse", _sparse.Length).CopyTo(_sparse, 0);
        state.Get<float>("sum", _sum.Length).CopyTo(_sum, 0);
        _history = [.. state.Get<int>("history")];
        Converged = state.GetScalar<int>("converged") != 0;
        Threshold = state.GetScalar<double>("threshold");
        TensorPrimitives.Subtract(_x.Span, _sparse, _clean);
    }

    /// <summary>
    /// From the sizes of what is shrunk (values, rows, columns of X − L_D): the quantile that leaves the expected contamination above it; where that is not
    /// known, and for columns, of which it says nothing, median + 3·1.4826·MAD.
    /// </summary>
    private double ChooseThreshold()
    {
        float[] sizes = _penalty switch
        {
            RobustPenalty.L1 => [.. _sparse.Select(MathF.Abs)],
            RobustPenalty.L21Rows => RowNorms(),
            _ => ColumnNorms(),
        };
        Array.Sort(sizes);
        if (_contamination is double share && _penalty != RobustPenalty.L21Columns)
        {
            // The greatest size that is not to be flagged.
            return sizes[Math.Clamp(sizes.Length - 1 - (int)Math.Round(share * sizes.Length), 0, sizes.Length - 1)];
        }
        float median = Middle(sizes);
        float[] deviations = [.. sizes.Select(size => MathF.Abs(size - median))];
        Array.Sort(deviations);
        return median + MadFactor * Middle(deviations);
    }

    private static float Middle(float[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
