using AnomalySharp.Networks;

namespace AnomalySharp.Training;

/// <summary>
/// The one training loop: shuffles, gathers batches into one buffer, counts epochs, reports, looks for cancellation before every step, stops early on
/// the held-out part with the best weights, writes and resumes checkpoints, and says so when the loss diverges. A method supplies the step.
/// </summary>
/// <remarks>
/// Everything random follows from the seed, the phase and the epoch, and what networks and optimisers remember is in the checkpoint: a resumed
/// training
/// ends with the very weights of an uninterrupted one.
/// </remarks>
public sealed class TrainingLoop
{
    /// <summary>A loss this many times the first one (or 1, where that was smaller) will not come back.</summary>
    private const double ExplodedLoss = 1e6;

    private const int SplitPurpose = int.MinValue;

    private readonly Samples _samples;
    private readonly FitContext _context;
    private readonly NetworkDetectorOptions _options;
    private readonly string _detector;
    private readonly IReadOnlyList<Network> _networks;
    private readonly int[] _all, _training, _heldOut, _order;
    private readonly float[] _batch;
    private readonly CheckpointFile? _checkpoint;
    private ReadOnlyMemory<float>? _values;
    private long _lastWritten = Environment.TickCount64;

    /// <summary>A training of <paramref name="networks"/> on <paramref name="samples"/>.</summary>
    /// <param name="detector">The method's name, for messages.</param>
    /// <param name="samples">Training data; a share of it is held out.</param>
    /// <param name="options">Epochs, batch size, patience.</param>
    /// <param name="context">Seed, progress, cancellation, checkpoint.</param>
    /// <param name="networks">Every network whose parameters are learnt, in all phases.</param>
    /// <exception cref="OptionException">The checkpoint cannot be written where it is to be.</exception>
    public TrainingLoop(string detector, Samples samples, NetworkDetectorOptions options, FitContext context, params IReadOnlyList<Network> networks)
    {
        (_detector, _samples, _options, _context, _networks) = (detector, samples, options, context, networks);
        _all = [.. Enumerable.Range(0, samples.Count)];
        int heldOut = Math.Min((int)(samples.Count * options.ValidationFraction), samples.Count - 1);
        Random random = context.CreateRandom(SplitPurpose);
        (_heldOut, _training) = context.NeighborsOverlap ? HeldOutBlock(heldOut, samples.Shape[0] - 1, random) : HeldOutAnywhere(heldOut, random);
        _order = new int[samples.Count];
        _batch = new float[checked(Math.Min(options.BatchSize, samples.Count) * samples.Shape.Length)];
        if (context.CheckpointPath is not string path) return;
        CheckpointFile.RequireFolder(path);
        _checkpoint = new CheckpointFile(path, detector, CheckpointFile.Fingerprint(samples, options, context));
    }

    /// <summary>Samples held out of the training of phases that have a loss to watch on them.</summary>
    public int HeldOutCount => _heldOut.Length;

    /// <summary>Positions of the others, rising: for steps that draw samples of their own.</summary>
    internal ReadOnlyMemory<int> LearntRows => _training;

    /// <summary>Runs the phases one after the other, or goes on where the checkpoint left off; deletes the checkpoint at the end.</summary>
    /// <exception cref="TrainingException">The loss diverged, or the checkpoint is damaged or of another training.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(params IReadOnlyList<TrainingPhase> phases)
    {
        TrainingProgress progress = new();
        bool resumed = _context.Resume && _checkpoint is not null && _checkpoint.TryRead(_networks, phases, out progress);
        for (int phase = progress.Phase; phase < phases.Count; phase++)
        {
            if (!resumed) progress = new TrainingProgress { Phase = phase };
            RunPhase(phases[phase], progress, resumed);
            resumed = false;
        }
        _checkpoint?.Delete();
    }

    private (int[] HeldOut, int[] Training) HeldOutAnywhere(int count, Random random)
    {
        int[] order = [.. _all];
        random.Shuffle(order);
        // In their old order, both are read with fewer jumps.
        return ([.. order[..count].Order()], [.. order[count..].Order()]);
    }

    /// <summary>
    /// Windows of a sequence share rows with their neighbours: neighbouring ones are held out, and of those on either side that may share rows with
    /// them, at most a tenth of the rest is not learnt from.
    /// </summary>
    private (int[] HeldOut, int[] Training) HeldOutBlock(int count, int overlap, Random random)
    {
        int first = random.Next(_all.Length - count + 1), apart = count == 0 ? 0 : Math.Min(overlap, (_all.Length - count) / 20);
        return (_all[first..(first + count)], [.. _all.Where(row => row < first - apart || row >= first + count + apart)]);
    }

    private void RunPhase(TrainingPhase phase, TrainingProgress progress, bool resumed)
    {
        if (!resumed) phase.Start?.Invoke();
        if (phase.IsDone?.Invoke() ?? false) return;
        _values = phase.Values?.Invoke();
        if (_values is { } own && own.Length != _samples.Count * _samples.Shape.Length)
        {
            throw new InvalidOperationException($"The phase '{phase.Name}' has other samples than the loop.");
        }
        bool watches = phase.Validation is not null && _heldOut.Length > 0, stopsEarly = watches && _options.Patience > 0, reached = false;
        while (progress.Epoch < phase.Epochs && !reached && !(stopsEarly && progress.EpochsSinceBest >= _options.Patience))
        {
            double loss = RunEpoch(phase, progress);
            progress.Epoch++;
            double? validation = watches ? Validate(phase.Validation!, phase, progress.Epoch) : null;
            if (stopsEarly) progress.Watch(validation!.Value, _networks);
            IReadOnlyDictionary<string, double>? measures = phase.Measures?.Invoke(progress.Epoch);
            reached = phase.Reached?.Invoke(validation ?? loss) ?? false;
            // A checkpoint of an end that was reached would be resumed with one epoch too many.
            if (!reached && _checkpoint is not null && Environment.TickCount64 - _lastWritten >= _context.CheckpointInterval.TotalMilliseconds)
            {
                _checkpoint.Write(_networks, phase, progress);
                _lastWritten = Environment.TickCount64;
            }
            _context.Progress?.Report(new FitProgress(phase.Name, progress.Epoch, phase.Epochs, loss, validation) { Measures = measures });
        }
        if (stopsEarly) progress.RestoreBest(_networks);
    }

    private double RunEpoch(TrainingPhase phase, TrainingProgress progress)
    {
        int[] learntFrom = phase.Validation is null && !phase.HoldsOut ? _all : _training;
        Span<int> order = _order.AsSpan(0, learntFrom.Length);
        learntFrom.CopyTo(order);
        _context.CreateRandom(progress.Phase * 10_000_019 + progress.Epoch).Shuffle(order);
        int batches = (order.Length - 1) / _options.BatchSize + 1;
        double sum = 0;
        for (int i = 0; i < batches; i++)
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<int> rows = order.Slice(i * _options.BatchSize, Math.Min(_options.BatchSize, order.Length - i * _options.BatchSize));
            double loss = phase.Step(new TrainingBatch
            {
                Rows = rows,
                Values = Gather(rows),
                Step = progress.Epoch * batches + i,
                Epoch = progress.Epoch,
            });
            if (progress.FirstLoss is 0) progress.FirstLoss = Math.Max(1, Math.Abs(loss));
            if (!double.IsFinite(loss) || Math.Abs(loss) > ExplodedLoss * progress.FirstLoss)
            {
                throw Diverged($"the loss became {loss:G4}", phase, progress.Epoch + 1);
            }
            sum += loss * rows.Length;
        }
        foreach (Network network in _networks)
        {
            foreach (float value in network.Parameters.Values)
            {
                if (!float.IsFinite(value)) throw Diverged("a weight is no longer finite", phase, progress.Epoch + 1);
            }
        }
        return sum / order.Length;
    }

    private double Validate(ValidationLoss validation, TrainingPhase phase, int epoch)
    {
        double sum = 0;
        for (int start = 0; start < _heldOut.Length; start += _options.BatchSize)
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<int> rows = _heldOut.AsSpan(start, Math.Min(_options.BatchSize, _heldOut.Length - start));
            sum += validation(Gather(rows), rows.Length) * rows.Length;
        }
        return double.IsFinite(sum) ? sum / _heldOut.Length : throw Diverged($"the loss on held-out samples became {sum:G4}", phase, epoch);
    }

    private ReadOnlySpan<float> Gather(ReadOnlySpan<int> rows)
    {
        int width = _samples.Shape.Length;
        Span<float> target = _batch.AsSpan(0, rows.Length * width);
        for (int i = 0; i < rows.Length; i++)
        {
            ReadOnlySpan<float> row = _values is { } own ? own.Span.Slice(rows[i] * width, width) : _samples[rows[i]];
            row.CopyTo(target[(i * width)..]);
        }
        return target;
    }

    private TrainingException Diverged(string what, TrainingPhase phase, int epoch) => new(
        $"{_detector}: the training diverged: {what} in epoch {epoch} of {phase.Epochs} ({phase.Name}). "
        + $"Try a smaller learningRate (it is {_options.LearningRate}), standardised features, or a larger batchSize (it is {_options.BatchSize}).");
}
