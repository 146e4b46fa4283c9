using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;

namespace AnomalySharp.Training;

/// <summary>
/// A file (safetensors) from which a training goes on after it was killed: parameters, what networks and optimisers remember, best weights,
/// counters, and
/// a fingerprint of options, data and seed.
/// </summary>
internal sealed class CheckpointFile(string path, string detector, byte[] fingerprint)
{
    /// <summary>A hash of all that decides what the training does.</summary>
    public static byte[] Fingerprint(Samples samples, NetworkDetectorOptions options, FitContext context)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string settings = JsonSerializer.Serialize(options, options.GetType(), DetectorCatalog.Json);
        hash.AppendData(Encoding.UTF8.GetBytes($"{options.GetType().FullName} {settings} {samples.Shape} {samples.Count} {context.Seed} {context.Contamination} {context.Device}"));
        if (!samples.SharesValues) hash.AppendData(MemoryMarshal.AsBytes(samples.Values.Span));
        else for (int i = 0; i < samples.Count; i++) hash.AppendData(MemoryMarshal.AsBytes(samples[i]));
        for (int i = 0; i < (samples.Graph?.Count ?? 0); i++)
        {
            hash.AppendData(MemoryMarshal.AsBytes([samples.Graph!.DegreeOf(i)]));
            hash.AppendData(MemoryMarshal.AsBytes(samples.Graph.NeighborsOf(i)));
        }
        return hash.GetHashAndReset();
    }

    /// <summary>A folder that is not there is found before the training, not by the first checkpoint or, of a short training, by the deletion after it.</summary>
    /// <exception cref="OptionException">The folder is missing, or the path is one.</exception>
    public static void RequireFolder(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && Directory.Exists(folder) && !Directory.Exists(path)) return;
        throw new OptionException(Directory.Exists(path)
            ? $"The checkpoint cannot be written to '{path}', which is a folder: name a file in it."
            : $"The checkpoint '{path}' cannot be written: its folder is missing. Create the folder, or name a file elsewhere.");
    }

    public void Write(IReadOnlyList<Network> networks, TrainingPhase phase, TrainingProgress progress)
    {
        TensorState state = new();
        state.Set<byte>("fingerprint", fingerprint);
        progress.WriteState(state);
        for (int i = 0; i < networks.Count; i++) state.AddPart($"network{i}", TrainingProgress.StateOf(networks[i]));
        for (int i = 0; i < phase.Optimizers.Count; i++)
        {
            state.AddPart($"optimizer{i}", phase.Optimizers[i].WriteState);
        }
        if (phase.Memory is not null)
        {
            state.AddPart("memory", phase.Memory.WriteState);
        }
        AtomicFile.Write(path, stream => SafeTensors.Write(stream, state));
    }

    /// <summary>Puts networks and optimisers where the file left off; false where there is no file.</summary>
    /// <exception cref="TrainingException">The file is damaged or of another training.</exception>
    public bool TryRead(IReadOnlyList<Network> networks, IReadOnlyList<TrainingPhase> phases, out TrainingProgress progress)
    {
        progress = new TrainingProgress();
        if (!File.Exists(path)) return false;
        try
        {
            TensorState state;
            using (FileStream stream = File.OpenRead(path)) state = SafeTensors.Read(stream);
            if (!state.Get<byte>("fingerprint").AsSpan().SequenceEqual(fingerprint))
            {
                throw new TrainingException(
                    $"{detector}: the checkpoint '{path}' is of another training: options, data or seed differ. "
                    + "Resume with those it was made with, or delete it to start anew.");
            }
            progress = TrainingProgress.Read(state, networks.Count);
            for (int i = 0; i < networks.Count; i++) networks[i].ReadState(state.GetPart($"network{i}"));
            IReadOnlyList<Optimizer> optimizers = phases[progress.Phase].Optimizers;
            for (int i = 0; i < optimizers.Count; i++) optimizers[i].ReadState(state.GetPart($"optimizer{i}"));
            phases[progress.Phase].Memory?.ReadState(state.GetPart("memory"));
            return true;
        }
        catch (Exception e) when (e is ModelFileException or IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new TrainingException($"{detector}: the checkpoint '{path}' cannot be read: {e.Message} Delete it to start anew.", e);
        }
    }

    /// <summary>The training ended well: nothing to resume.</summary>
    public void Delete() => File.Delete(path);
}
