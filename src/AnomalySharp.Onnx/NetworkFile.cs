using System.Security.Cryptography;
using AnomalySharp.Persistence;

namespace AnomalySharp.Onnx;

/// <summary>The bytes of a network and their hash.</summary>
internal sealed record NetworkFile(byte[] Bytes, string Sha256)
{
    // Beyond what fits into one array of a model file together with others.
    private const long MostBytes = 1L << 30;

    /// <summary>Reads the file that the user named.</summary>
    /// <exception cref="OptionException">It is not there, or cannot be read.</exception>
    public static NetworkFile Read(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (!file.Exists) throw new OptionException($"There is no network '{path}'. Check the name after onnx:.");
            if (file.Length > MostBytes) throw new OptionException($"The network '{path}' has {file.Length:N0} bytes; at most {MostBytes:N0} are read.");
            byte[] bytes = File.ReadAllBytes(path);
            return new NetworkFile(bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionException($"The network '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Stores the network, or what it is recognised by.</summary>
    public void Write(TensorState state, string path, NetworkStore store)
    {
        state.Set<byte>("sha256", Convert.FromHexString(Sha256));
        state.SetScalar("size", (long)Bytes.Length);
        if (store == NetworkStore.Embed) state.Set<byte>("network", Bytes);
        else state.Set<byte>("path", System.Text.Encoding.UTF8.GetBytes(Path.GetFullPath(path)));
    }

    /// <summary>The network that <see cref="Write"/> stored, or that it found where it was.</summary>
    /// <exception cref="ModelFileException">It is not there any more, or not of the stated size and hash.</exception>
    public static NetworkFile Read(TensorState state, NetworkStore store)
    {
        string hash = Convert.ToHexStringLower(state.Get<byte>("sha256", SHA256.HashSizeInBytes));
        long size = state.GetScalar<long>("size");
        NetworkFile network;
        string where = "in it";
        if (store == NetworkStore.Embed)
        {
            byte[] bytes = state.Get<byte>("network");
            network = new NetworkFile(bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
        else
        {
            string path = System.Text.Encoding.UTF8.GetString(state.Get<byte>("path"));
            // A model that was moved together with its network is used where they are now.
            string found = File.Exists(path) || path.Length == 0 ? path : Path.GetFileName(path);
            where = $"'{found}'";
            // Nothing is opened but a file of the right size: no device, and no other machine that a model file names.
            bool elsewhere = found.StartsWith("//", StringComparison.Ordinal) || found.StartsWith(@"\\", StringComparison.Ordinal);
            if (elsewhere || (File.Exists(found) && new FileInfo(found).Length != size))
            {
                throw new ModelFileException(
                    $"It refers to the network '{path}', which is {(elsewhere ? "on another machine" : "not the one that it was trained with: its size is another")}. "
                    + "Put that one back, or train with store=embed.");
            }
            try
            {
                network = Read(found);
            }
            catch (OptionException e)
            {
                throw new ModelFileException($"It refers to the network '{path}', which cannot be used here. Put it back there, or train with store=embed.", e);
            }
        }
        if (network.Bytes.Length != size || network.Sha256 != hash)
        {
            throw new ModelFileException(
                $"The network {where} is not the one that it was trained with: {network.Bytes.Length:N0} bytes, SHA-256 {network.Sha256[..12]}…; "
                + $"needed are {size:N0} and {hash[..12]}…. Put that one back, or train again.");
        }
        return network;
    }
}
