using System.Runtime.InteropServices;
using AnomalySharp.Persistence;

namespace AnomalySharp.Conditioning;

/// <summary>Which network judges a row: one that has not learnt from it, of training rows and new ones alike.</summary>
/// <remarks>
/// Training rows are recognised by their bits; of others the bits decide. So a row has one score whenever it is asked for, and a threshold found on
/// training rows holds for new ones. Of 400 training rows, where 5 % should be flagged: judged by all networks, most of which knew them, they had a
/// threshold that a third of new rows exceeded; judged by one, while new rows were by the mixture of all, one that no new row did. Rows that occur
/// several times are learnt by all networks.
/// </remarks>
internal sealed class RowJudges
{
    /// <summary>Instead of a network: no network leaves the row out.</summary>
    public const int None = -1;

    private readonly Dictionary<long, byte> _judges;
    private readonly int _networks;

    private RowJudges(Dictionary<long, byte> judges, int networks) => (_judges, _networks) = (judges, networks);

    /// <summary>Deals the rows that occur once to <paramref name="networks"/> networks.</summary>
    public static RowJudges Deal(Samples rows, int networks, Random random)
    {
        Dictionary<long, byte> judges = [];
        HashSet<long> several = [];
        int[] order = [.. Enumerable.Range(0, rows.Count)];
        random.Shuffle(order);
        foreach (int i in order)
        {
            long key = KeyOf(rows[i]);
            if (!judges.TryAdd(key, (byte)(judges.Count % networks))) several.Add(key);
        }
        foreach (long key in several) judges.Remove(key);
        return new RowJudges(judges, networks);
    }

    /// <summary>The network that leaves each training row out, or <see cref="None"/>.</summary>
    public int[] LeavingOut(Samples rows) => Find(rows, _ => None);

    /// <summary>The network that judges each row.</summary>
    public int[] Of(Samples rows) => Find(rows, key => (int)((ulong)key % (ulong)_networks));

    private int[] Find(Samples rows, Func<long, int> other)
    {
        int[] found = new int[rows.Count];
        for (int i = 0; i < found.Length; i++)
        {
            long key = KeyOf(rows[i]);
            found[i] = _judges.TryGetValue(key, out byte judge) ? judge : other(key);
        }
        return found;
    }

    public void WriteState(TensorState state)
    {
        state.Set<long>("rows", [.. _judges.Keys]);
        state.Set<byte>("networks", [.. _judges.Values]);
    }

    /// <exception cref="ModelFileException">An array is missing, of the wrong size, or names a network that there is not.</exception>
    public static RowJudges Read(TensorState state, int networks)
    {
        long[] rows = state.Get<long>("rows");
        byte[] judges = state.Get<byte>("networks", rows.Length);
        Dictionary<long, byte> read = [];
        for (int i = 0; i < rows.Length; i++)
        {
            if (judges[i] < networks && read.TryAdd(rows[i], judges[i])) continue;
            throw new ModelFileException("The model's training rows are dealt to networks that it does not have, or twice. It was altered.");
        }
        return new RowJudges(read, networks);
    }

    // FNV-1a over 32-bit words: the same in every process.
    private static long KeyOf(ReadOnlySpan<float> row)
    {
        ulong hash = 14695981039346656037;
        foreach (uint bits in MemoryMarshal.Cast<float, uint>(row)) hash = (hash ^ bits) * 1099511628211;
        return (long)hash;
    }
}
