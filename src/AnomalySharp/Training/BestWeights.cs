using AnomalySharp.Networks;
using AnomalySharp.Persistence;

namespace AnomalySharp.Training;

/// <summary>
/// The weights of the epoch with the least mean training loss, for methods whose steps draw samples of their own and that look at no held-out ones.
/// </summary>
/// <param name="network">Whose weights.</param>
/// <param name="stepsPerEpoch">Steps after which an epoch is over.</param>
internal sealed class BestWeights(Network network, int stepsPerEpoch) : ITrainingMemory
{
    private float[] _best = [];
    private double _least = double.PositiveInfinity, _sum;

    /// <summary>Takes note of one step, after which the weights are those that count.</summary>
    /// <param name="step">Number of the step in its phase.</param>
    /// <param name="loss">Mean loss of its batch.</param>
    public void Watch(int step, double loss)
    {
        _sum += loss;
        if ((step + 1) % stepsPerEpoch != 0) return;
        if (_sum < _least) (_least, _best) = (_sum, network.Parameters.Values.ToArray());
        _sum = 0;
    }

    /// <summary>Goes back to the best epoch's weights; does nothing before the first epoch's end.</summary>
    public void Restore()
    {
        if (_best.Length > 0) _best.CopyTo(network.Parameters.Values);
    }

    public void WriteState(TensorState state)
    {
        state.Set<float>("best", _best);
        state.Set<double>("sums", [_least, _sum]);
    }

    public void ReadState(TensorState state)
    {
        float[] best = state.Get<float>("best");
        if (best.Length > 0 && best.Length != network.Parameters.Length) throw new ModelFileException("The best weights are of another network.");
        double[] sums = state.Get<double>("sums", 2);
        (_best, _least, _sum) = (best, sums[0], sums[1]);
    }
}
