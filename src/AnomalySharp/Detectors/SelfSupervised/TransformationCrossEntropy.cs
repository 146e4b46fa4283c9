using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using AnomalySharp.Networks;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Detectors.SelfSupervised;

/// <summary>The mean of −log softmax(a)_m over rows of logits a, where row i was made with transformation m = i mod M.</summary>
internal static class TransformationCrossEntropy
{
    /// <summary>The loss; the logits become its gradient.</summary>
    /// <param name="logits">Row-major, M a row.</param>
    /// <param name="transformations">M.</param>
    [MethodImpl(AggressiveOptimization)]
    public static double Of(Span<float> logits, int transformations)
    {
        int rows = logits.Length / transformations;
        double loss = 0;
        for (int i = 0; i < rows; i++)
        {
            Span<float> row = logits.Slice(i * transformations, transformations);
            int own = i % transformations;
            float most = TensorPrimitives.Max<float>(row), chosen = row[own];
            for (int j = 0; j < row.Length; j += Lanes.Width) Lanes.Store(Lanes.Exp(Lanes.Load(row, j) - new Vector<float>(most)), row, j);
            float sum = Lanes.Sum(row), share = 1 / (sum * rows);
            loss += (Math.Log(sum) + most - chosen) / rows;
            for (int j = 0; j < row.Length; j++) row[j] *= share;
            row[own] -= 1f / rows;
        }
        return loss;
    }
}
