using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// The exponential moving average of a network's parameters over training, in a second network of the same architecture: a network, so that
/// checkpoints hold it and early stopping goes back to it. Scoring with it is steadier than with weights that still circle around an equilibrium.
/// </summary>
/// <param name="source">The network that is trained.</param>
/// <param name="average">The one that receives the average.</param>
/// <param name="decay">Share of the average that stays in a step.</param>
internal sealed class WeightAverage(Network source, Network average, double decay)
{
    /// <summary>The average starts as a copy.</summary>
    public void Start()
    {
        TensorState state = new();
        source.WriteState(state);
        average.ReadState(state);
    }

    /// <summary>θ̄ ← decay·θ̄ + (1 − decay)·θ; running statistics, which are averages already, are copied by <see cref="EndEpoch"/>.</summary>
    public void Step()
    {
        Span<float> mean = average.Parameters.Values;
        TensorPrimitives.Lerp(source.Parameters.Values, mean, (float)decay, mean);
    }

    /// <summary>
    /// The same, with a decay that rises to its value over the first steps, (1 + t)/(10 + t), as TensorFlow's averages do: initial weights are
    /// forgotten sooner.
    /// </summary>
    public void Step(long step)
    {
        Span<float> mean = average.Parameters.Values;
        TensorPrimitives.Lerp(source.Parameters.Values, mean, (float)Math.Min(decay, (1.0 + step) / (10.0 + step)), mean);
    }

    /// <summary>Takes over what is not a parameter: the running statistics of normalisations.</summary>
    public void EndEpoch()
    {
        float[] parameters = average.Parameters.Values.ToArray();
        Start();
        parameters.CopyTo(average.Parameters.Values);
    }
}
