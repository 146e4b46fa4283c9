using System.Numerics;
using System.Runtime.CompilerServices;
using AnomalySharp.Networks;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Detectors.SelfSupervised;

/// <summary>
/// The centres c_m of what a network makes of samples under each of M transformations, and how near a code z is to them: through 2⟨z, c_m⟩ − ‖c_m‖²,
/// which is −‖z − c_m‖² without ‖z‖², the part that all have in common and that has no digits left for the rest where z is far away.
/// </summary>
internal sealed class TransformationCenters
{
    private readonly int _count, _width, _stride;
    private readonly float[] _centers, _doubled, _offsets;

    /// <summary>Centres at the origin.</summary>
    /// <param name="count">M.</param>
    /// <param name="width">Values of a code.</param>
    public TransformationCenters(int count, int width)
    {
        (_count, _width) = (count, width);
        // Whole vectors; what fills the last one up is nearest to nothing.
        _stride = (count + Lanes.Width - 1) / Lanes.Width * Lanes.Width;
        (_centers, _doubled, _offsets) = (new float[checked(count * width)], new float[checked(_stride * width)], new float[_stride]);
        _offsets.AsSpan(count).Fill(float.NegativeInfinity);
    }

    /// <summary>All centres, row-major.</summary>
    public ReadOnlySpan<float> Values => _centers;

    /// <summary>c_m.</summary>
    public ReadOnlySpan<float> this[int m] => _centers.AsSpan(m * _width, _width);

    /// <summary>Takes over centres, row-major.</summary>
    public void Set(ReadOnlySpan<float> centers)
    {
        centers.CopyTo(_centers);
        for (int m = 0; m < _count; m++)
        {
            double square = 0;
            for (int j = 0; j < _width; j++)
            {
                float value = _centers[m * _width + j];
                square += (double)value * value;
                _doubled[j * _stride + m] = 2 * value;
            }
            _offsets[m] = (float)-square;
        }
    }

    /// <summary>The means, transformation by transformation, of the codes of samples: of each sample M codes in their order.</summary>
    public void SetMeans(ReadOnlySpan<float> codes)
    {
        int row = _count * _width, samples = codes.Length / row;
        double[] sums = new double[row];
        for (int i = 0; i < codes.Length; i++) sums[i % row] += codes[i];
        Set([.. sums.Select(sum => (float)(sum / samples))]);
    }

    /// <summary>The centre nearest to a code that is not <paramref name="own"/>.</summary>
    [SkipLocalsInit]
    public int NearestOther(ReadOnlySpan<float> code, int own)
    {
        Span<float> nearness = stackalloc float[_stride];
        Nearness(code, nearness);
        int nearest = own == 0 ? 1 : 0;
        for (int m = nearest + 1; m < _count; m++)
        {
            if (m != own && nearness[m] > nearness[nearest]) nearest = m;
        }
        return nearest;
    }

    /// <summary>−log p(m | z), p = (e^(−‖z − c_m‖²) + ε) / Σ (e^(−‖z − c‖²) + ε): equation 6 of the paper.</summary>
    [SkipLocalsInit]
    public double NegativeLogProbability(ReadOnlySpan<float> code, int own, double epsilon)
    {
        Span<float> nearness = stackalloc float[_stride];
        Nearness(code, nearness);
        double most = double.NegativeInfinity, square = 0, sum = 0;
        foreach (float value in nearness) most = Math.Max(most, value);
        foreach (float value in nearness) sum += Math.Exp(value - most);
        foreach (float value in code) square += (double)value * value;
        // In units of ε where there is one, which is 1 then; nearness lacks ‖z‖². What is far may leave no digits for anything else.
        double unit = epsilon > 0 ? Math.Log(epsilon) + square : 0, floor = epsilon > 0 ? 0 : double.NegativeInfinity;
        return LogSum(most + Math.Log(sum) - unit, Math.Log(_count) + floor) - LogSum(nearness[own] - unit, floor);
    }

    /// <summary>log(eᵃ + eᵇ).</summary>
    private static double LogSum(double a, double b)
    {
        double more = Math.Max(a, b);
        return double.IsInfinity(more) ? more : more + Math.Log(1 + Math.Exp(Math.Min(a, b) - more));
    }

    [MethodImpl(AggressiveOptimization)]
    private void Nearness(ReadOnlySpan<float> code, Span<float> nearness)
    {
        for (int m = 0; m < _stride; m += Lanes.Width)
        {
            Vector<float> sum = Lanes.Load(_offsets, m);
            for (int j = 0; j < code.Length; j++) sum += Lanes.Load(_doubled, j * _stride + m) * code[j];
            Lanes.Store(sum, nearness, m);
        }
    }
}
