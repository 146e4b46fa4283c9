using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics.Tensors;
using AnomalySharp.Neighbors;
using AnomalySharp.Persistence;
using AnomalySharp.SupportVectors;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="OneClassSvm"/>.</summary>
[Detector("one-class-svm", Family = DetectorFamily.Classical,
    Summary = "Outside of a smooth boundary around most of the training data is abnormal.",
    Paper = "Schölkopf, Platt, Shawe-Taylor, Smola, Williamson: Estimating the Support of a High-Dimensional Distribution. Neural Computation 2001.")]
public sealed record OneClassSvmOptions : DetectorOptions
{
    /// <summary>
    /// ν: most of the training samples that may lie outside, as a share, and the least that are support vectors. The default value is 0.5, as in
    /// libsvm.
    /// </summary>
    [Description("Greatest share of the training samples outside of the boundary, and least share of support vectors."), Range(0.0001, 1)]
    public double Nu { get; init; } = 0.5;

    /// <summary>
    /// γ of the kernel exp(−γ|x − x′|²). The default value (null) is 1 / (features · variance of all values), scikit-learn's <c>scale</c>.
    /// </summary>
    [Description("Gamma of the kernel exp(-gamma |x - x'|^2); auto: 1 / (features x variance of all values)."), Range(1e-9, 1e9)]
    public double? Gamma { get; init; }

    /// <summary>Greatest violation of the optimality conditions at the end. The default value is 1e-3, as in libsvm.</summary>
    [Description("Greatest violation of the optimality conditions at the end of training."), Range(1e-9, 1)]
    public double Tolerance { get; init; } = 1e-3;

    /// <summary>
    /// Training samples that are learnt from: a random part where there are more, since time grows with their square. The default value is 10,000.
    /// </summary>
    [Description("Training samples that are learnt from; a random part where there are more, since time grows with their square.")]
    [Range(2, 1_000_000)]
    public int MaxSamples { get; init; } = 10_000;

    /// <summary>Memory for kernel rows in training, in megabytes. The default value is 200, as in scikit-learn.</summary>
    [Description("Memory for kernel rows in training, in megabytes."), Range(1, 1_000_000)]
    public int CacheMegabytes { get; init; } = 200;

    /// <summary>Most steps of the solver. The default value is 10,000,000.</summary>
    [Description("Most steps of the solver."), Range(1, int.MaxValue)]
    public int MaxSteps { get; init; } = 10_000_000;

    /// <inheritdoc/>
    protected override Detector Create() => new OneClassSvm(this);
}

/// <summary>
/// The ν-one-class support vector machine with a Gaussian kernel. The score is ρ − Σ α_i k(x_i, x), the negative decision value: above 0 outside of
/// the boundary. α is scaled as in libsvm and scikit-learn, 0 ≤ α ≤ 1 and Σα = νn.
/// </summary>
public sealed class OneClassSvm(OneClassSvmOptions options) : Detector
{
    private Samples? _vectors;
    private RadialKernel? _kernel;
    private float[] _weights = [];
    private double _gamma, _rho;

    /// <summary>Number of support vectors; 0 before training.</summary>
    public int SupportVectors => _weights.Length;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        samples = RandomRows.AtMost(samples, options.MaxSamples, "maxSamples", context);
        double gamma = options.Gamma ?? Scale(samples);
        RadialKernel all = new(samples.Values.Span, samples.Shape.Length, gamma);
        OneClassSolver.Solution solution = OneClassSolver.Solve(
            samples, all, options.Nu, options.Tolerance, options.MaxSteps, options.CacheMegabytes * 1_000_000L, context);
        int[] rows = [.. Enumerable.Range(0, samples.Count).Where(i => solution.Alpha[i] > 0)];
        SetVectors(samples.Select(rows), [.. rows.Select(i => (float)solution.Alpha[i])], gamma);
        _rho = solution.Rho;
        context.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{DisplayName}: {rows.Length} support vectors of {samples.Count} samples after {solution.Steps} steps, gamma {gamma:G4}."));
        if (!solution.Converged) context.Warn($"{DisplayName} did not converge in {solution.Steps} steps. Raise maxSteps or the tolerance.");
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        double[] sums = new double[samples.Count];
        _kernel!.WeightedSums(samples.Values.Span, _weights, sums);
        return [.. sums.Select(sum => (float)(_rho - sum))];
    }

    /// <summary>
    /// The mean over the support vectors of γ times the squared difference in each feature, support vectors weighted by α_i k(x_i, x): those whose
    /// neighbourhood the sample is in, or the nearest to it.
    /// </summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = samples.Shape.Length, count = _vectors!.Count;
        float[] result = new float[samples.Values.Length];
        double[] sample = new double[width], difference = new double[width], sums = new double[width], exponents = new double[count];
        for (int i = 0; i < samples.Count; i++)
        {
            TensorPrimitives.ConvertTruncating(samples[i], sample.AsSpan());
            for (int v = 0; v < count; v++)
            {
                Subtract(v);
                exponents[v] = Math.Log(_weights[v]) - _gamma * TensorPrimitives.SumOfSquares<double>(difference);
            }
            double most = exponents.Max(), total = exponents.Sum(exponent => Math.Exp(exponent - most));
            Array.Clear(sums);
            for (int v = 0; v < count; v++)
            {
                double weight = Math.Exp(exponents[v] - most) / total;
                if (weight < 1e-9) continue;
                Subtract(v);
                TensorPrimitives.Multiply(difference, difference, difference);
                TensorPrimitives.MultiplyAdd(difference, weight * _gamma, sums, sums);
            }
            for (int j = 0; j < width; j++) result[i * width + j] = (float)Math.Min(sums[j], float.MaxValue);
        }
        return result;

        void Subtract(int vector)
        {
            TensorPrimitives.ConvertTruncating(_vectors[vector], difference.AsSpan());
            TensorPrimitives.Subtract(sample, difference, difference);
        }
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        state.Set("rows", _vectors!.Values.Span, _vectors.Count, _vectors.Shape.Length);
        state.Set<float>("weights", _weights);
        state.SetScalar("rho", _rho);
        state.SetScalar("gamma", _gamma);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Samples vectors = NeighborIndex.ReadRows(state, shape, fewest: 1);
        float[] weights = state.Get<float>("weights", vectors.Count);
        (double rho, double gamma) = (state.GetScalar<double>("rho"), state.GetScalar<double>("gamma"));
        if (!double.IsFinite(rho) || !(gamma > 0) || !weights.All(weight => weight > 0))
        {
            throw new ModelFileException($"The model's rho is {rho}, its gamma {gamma}, or a weight is not positive. Train the model again.");
        }
        SetVectors(vectors, weights, gamma);
        _rho = rho;
    }

    private void SetVectors(Samples vectors, float[] weights, double gamma)
    {
        (_vectors, _weights, _gamma) = (vectors, weights, gamma);
        _kernel = new RadialKernel(vectors.Values.Span, vectors.Shape.Length, gamma);
    }

    private static double Scale(Samples samples)
    {
        ReadOnlySpan<float> values = samples.Values.Span;
        double mean = 0, squares = 0;
        foreach (float value in values) mean += value;
        mean /= values.Length;
        foreach (float value in values) squares += (value - mean) * (value - mean);
        double variance = squares / values.Length;
        // Within what the kernel can take; of equal values any is right.
        return Math.Clamp(variance > 0 ? 1 / (samples.Shape.Length * variance) : 1, 1e-30, 1e30);
    }
}
