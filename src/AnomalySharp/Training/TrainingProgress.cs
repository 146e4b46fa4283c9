using AnomalySharp.Networks;
using AnomalySharp.Persistence;

namespace AnomalySharp.Training;

/// <summary>How far a training has come, as a checkpoint stores it: phase, epoch, and the best weights so far.</summary>
internal sealed class TrainingProgress
{
    private TensorState[]? _best;

    public int Phase { get; init; }

    /// <summary>Epochs finished in the phase.</summary>
    public int Epoch { get; set; }

    /// <summary>Size of the phase's first loss, at least 1; 0 before it.</summary>
    public double FirstLoss { get; set; }

    public double BestLoss { get; private set; } = double.PositiveInfinity;

    public int EpochsSinceBest { get; private set; }

    public void Watch(double validationLoss, IReadOnlyList<Network> networks)
    {
        EpochsSinceBest++;
        if (!(validationLoss < BestLoss)) return;
        (BestLoss, EpochsSinceBest) = (validationLoss, 0);
        _best = [.. networks.Select(StateOf)];
    }

    public void RestoreBest(IReadOnlyList<Network> networks)
    {
        for (int i = 0; _best is not null && i < networks.Count; i++) networks[i].ReadState(_best[i]);
    }

    public void WriteState(TensorState state)
    {
        state.SetScalar("phase", Phase);
        state.SetScalar("epoch", Epoch);
        state.SetScalar("firstLoss", FirstLoss);
        state.SetScalar("bestLoss", BestLoss);
        state.SetScalar("epochsSinceBest", EpochsSinceBest);
        for (int i = 0; _best is not null && i < _best.Length; i++) state.AddPart($"best{i}", _best[i]);
    }

    public static TrainingProgress Read(TensorState state, int networks) => new()
    {
        Phase = state.GetScalar<int>("phase"),
        Epoch = state.GetScalar<int>("epoch"),
        FirstLoss = state.GetScalar<double>("firstLoss"),
        BestLoss = state.GetScalar<double>("bestLoss"),
        EpochsSinceBest = state.GetScalar<int>("epochsSinceBest"),
        _best = double.IsFinite(state.GetScalar<double>("bestLoss")) ? [.. Enumerable.Range(0, networks).Select(i => state.GetPart($"best{i}"))] : null,
    };

    public static TensorState StateOf(Network network)
    {
        TensorState state = new();
        network.WriteState(state);
        return state;
    }
}
