using System.Numerics;
using System.Runtime.CompilerServices;
using AnomalySharp.Networks;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Detectors.SelfSupervised;

/// <summary>
/// The deterministic contrastive loss of NeuTraL AD (equations 2 and 5): of a sample x and its views x_1 … x_K,
/// −Σ_k log h(x_k, x) / (h(x_k, x) + Σ_{l ≠ k} h(x_k, x_l)), h = exp(cos(z, z′)/τ), and of each code z_0 of x and z_k of x_k. As in the authors' code
/// over K·log K, so that 1 is what codes get that are all alike.
/// </summary>
/// <remarks>Not safe for several threads at once: it has memory for one sample.</remarks>
/// <param name="views">K, at least 2.</param>
/// <param name="width">Values of a code.</param>
/// <param name="temperature">τ.</param>
internal sealed class DeterministicContrastiveLoss(int views, int width, double temperature)
{
    private const float LeastNorm = 1e-12f;

    // Whole vectors, filled up with zeros.
    private readonly int _stride = (width + Lanes.Width - 1) / Lanes.Width * Lanes.Width;
    private readonly float[] _unit = new float[(views + 1) * ((width + Lanes.Width - 1) / Lanes.Width * Lanes.Width)];
    private readonly float[] _norms = new float[views + 1], _slope = new float[(width + Lanes.Width - 1) / Lanes.Width * Lanes.Width];
    private readonly double[] _cosines = new double[(views + 1) * (views + 1)], _slopes = new double[(views + 1) * (views + 1)];
    private readonly double _scale = 1 / (views * Math.Log(views));

    /// <summary>The mean loss of some samples, and its gradient.</summary>
    /// <param name="codes">Row-major: z_0 of all samples, then z_1 of all, and so on.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="gradient">Receives the gradient at the codes.</param>
    public double Of(ReadOnlySpan<float> codes, int count, Span<float> gradient)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += OfSample(codes, count, i);
            for (int v = 0; v <= views; v++) AddSlope(v, 1f / count, gradient.Slice((v * count + i) * width, width));
        }
        return sum / count;
    }

    /// <summary>The loss of sample <paramref name="i"/> of <paramref name="count"/>.</summary>
    public double OfSample(ReadOnlySpan<float> codes, int count, int i)
    {
        for (int v = 0; v <= views; v++) Normalize(codes.Slice((v * count + i) * width, width), v);
        for (int v = 0; v <= views; v++)
        {
            for (int w = 0; w < v; w++) _cosines[v * (views + 1) + w] = _cosines[w * (views + 1) + v] = Dot(Unit(v), Unit(w));
        }
        double loss = 0;
        for (int k = 1; k <= views; k++)
        {
            ReadOnlySpan<double> cosines = _cosines.AsSpan(k * (views + 1), views + 1);
            Span<double> shares = _slopes.AsSpan(k * (views + 1), views + 1);
            double sum = 0;
            // Cosines are at most 1: with that taken away no exponential overflows.
            for (int l = 0; l <= views; l++) sum += shares[l] = l == k ? 0 : Math.Exp((cosines[l] - 1) / temperature);
            loss += Math.Log(sum) - (cosines[0] - 1) / temperature;
            for (int l = 0; l <= views; l++) shares[l] /= sum;
            shares[0] -= 1;
        }
        return _scale * loss;
    }

    /// <summary>From the slopes at the cosines of the last sample to that at z_v: first at z/‖z‖, then (g − ⟨g, ẑ⟩ẑ)/‖z‖.</summary>
    [MethodImpl(AggressiveOptimization)]
    private void AddSlope(int v, float weight, Span<float> gradient)
    {
        Span<float> slope = _slope;
        slope.Clear();
        for (int l = 0; l <= views; l++)
        {
            double both = (v > 0 ? _slopes[v * (views + 1) + l] : 0) + (l > 0 ? _slopes[l * (views + 1) + v] : 0);
            Vector<float> factor = new((float)(both * _scale / temperature));
            ReadOnlySpan<float> unit = Unit(l);
            for (int j = 0; l != v && j < slope.Length; j += Lanes.Width) Lanes.Store(Lanes.Load(slope, j) + factor * Lanes.Load(unit, j), slope, j);
        }
        ReadOnlySpan<float> own = Unit(v);
        float along = _norms[v] > LeastNorm ? Dot(slope, own) : 0, share = weight / _norms[v];
        for (int j = 0; j < gradient.Length; j++) gradient[j] = share * (slope[j] - along * own[j]);
    }

    private void Normalize(ReadOnlySpan<float> code, int v)
    {
        // Through its largest value: squares of what is far away are beyond float32.
        float largest = 0;
        foreach (float value in code) largest = Math.Max(largest, Math.Abs(value));
        largest = Math.Max(largest, LeastNorm);
        Span<float> unit = _unit.AsSpan(v * _stride, width);
        double square = 0;
        for (int j = 0; j < width; j++)
        {
            unit[j] = code[j] / largest;
            square += (double)unit[j] * unit[j];
        }
        float length = (float)Math.Max(Math.Sqrt(square), LeastNorm);
        for (int j = 0; j < width; j++) unit[j] /= length;
        _norms[v] = Math.Max(largest * length, LeastNorm);
    }

    private ReadOnlySpan<float> Unit(int v) => _unit.AsSpan(v * _stride, _stride);

    [MethodImpl(AggressiveOptimization)]
    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector<float> sum = Vector<float>.Zero;
        for (int j = 0; j < a.Length; j += Lanes.Width) sum += Lanes.Load(a, j) * Lanes.Load(b, j);
        return Vector.Sum(sum);
    }
}
