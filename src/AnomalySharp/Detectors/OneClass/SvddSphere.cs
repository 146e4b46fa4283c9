using AnomalySharp.Persistence;
using AnomalySharp.Thresholding;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.OneClass;

/// <summary>The sphere of Deep SVDD, its centre c and radius R, and the losses of codes φ(x) that are measured from it.</summary>
internal sealed class SvddSphere : ITrainingMemory
{
    private float[] _centre = [];

    public int Dimensions => _centre.Length;

    /// <summary>R²; 0 before it is first set.</summary>
    public float SquaredRadius { get; private set; }

    public void Place(float[] centre) => (_centre, SquaredRadius) = (centre, 0);

    /// <summary>‖φ(x) − c‖² of each code; infinite beyond float32.</summary>
    public void SquaredDistances(ReadOnlySpan<float> codes, Span<float> squares)
    {
        int k = _centre.Length;
        for (int i = 0; i < squares.Length; i++)
        {
            double sum = 0;
            for (int j = 0; j < k; j++)
            {
                double difference = (double)codes[i * k + j] - _centre[j];
                sum += difference * difference;
            }
            squares[i] = (float)sum;
        }
    }

    /// <summary>Mean of ‖φ(x) − c‖², and its gradient at the codes (which may lie in the same memory).</summary>
    public double OneClassLoss(ReadOnlySpan<float> codes, Span<float> squares, Span<float> gradient)
    {
        SquaredDistances(codes, squares);
        double sum = 0;
        for (int i = 0; i < squares.Length; i++)
        {
            sum += squares[i];
            Slope(codes, i, 2f / squares.Length, gradient);
        }
        return sum / squares.Length;
    }

    /// <summary>R² + 1/(νn) Σ max(0, ‖φ(x) − c‖² − R²), and its gradient at the codes.</summary>
    public double SoftBoundaryLoss(ReadOnlySpan<float> codes, double nu, Span<float> squares, Span<float> gradient)
    {
        SquaredDistances(codes, squares);
        double sum = 0;
        for (int i = 0; i < squares.Length; i++)
        {
            double outside = (double)squares[i] - SquaredRadius;
            sum += Math.Max(0, outside);
            Slope(codes, i, outside > 0 ? (float)(2 / (nu * squares.Length)) : 0, gradient);
        }
        return SquaredRadius + sum / (nu * squares.Length);
    }

    /// <summary>R = the (1 − ν)-quantile of the distances: the least of the loss for the codes as they are.</summary>
    public void SetRadius(ReadOnlySpan<float> squares, double nu)
    {
        float[] sorted = squares.ToArray();
        Array.Sort(sorted);
        SquaredRadius = (float)ThresholdRule.Quantile(sorted, 1 - nu);
    }

    public void WriteState(TensorState state)
    {
        state.Set<float>("centre", _centre);
        state.SetScalar("squared-radius", SquaredRadius);
    }

    public void ReadState(TensorState state)
    {
        float[] centre = state.Get<float>("centre");
        (SquaredRadius, _centre) = (state.GetScalar<float>("squared-radius"), centre);
    }

    private void Slope(ReadOnlySpan<float> codes, int i, float factor, Span<float> gradient)
    {
        int k = _centre.Length;
        for (int j = 0; j < k; j++) gradient[i * k + j] = factor * (codes[i * k + j] - _centre[j]);
    }
}
