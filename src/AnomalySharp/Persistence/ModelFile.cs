using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using AnomalySharp.Conditioning;
using AnomalySharp.FeatureExtraction;

namespace AnomalySharp.Persistence;

/// <summary>
/// A model as one file: a zip with <c>manifest.json</c> and <c>weights.safetensors</c>, whose comment holds the SHA-256 of every byte before it.
/// So a change of any byte is noticed before anything in the file is looked at. Both entries are data: loading runs no code from the file.
/// </summary>
internal static class ModelFile
{
    private const string ManifestName = "manifest.json";

    private const string WeightsName = "weights.safetensors";

    // Where there is more than a detector, the arrays of each stage stand under its name.
    private const string ContextPart = "context", FeaturesPart = "features", DetectorPart = "detector";

    private const string CommentPrefix = "sha256:";

    private const int HashDigits = 64;

    // Far above what columns and categories need, far below what would hurt.
    private const long MostManifestBytes = 256_000_000;

    /// <summary>Writes a model, whole or not at all.</summary>
    /// <exception cref="AnomalySharpException">The file cannot be written.</exception>
    public static void Write(string path, ModelParts parts, Detector detector) => AtomicFile.WriteFile(path, temporary =>
    {
        TensorState state = StateOf(parts, detector);
        using FileStream file = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        using (ZipArchive zip = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.Comment = CommentPrefix + new string('0', HashDigits);
            // Stored as they are: weights hardly compress, and nothing can then unpack to more than the file's own size.
            (long length, string hash) = WriteWeights(zip, state);
            using Stream manifest = zip.CreateEntry(ManifestName, CompressionLevel.Optimal).Open();
            manifest.Write(ModelManifest.Of(parts, length, hash).ToBytes());
        }
        string whole = HashBefore(file, file.Length - HashDigits);
        file.Position = file.Length - HashDigits;
        file.Write(Encoding.ASCII.GetBytes(whole));
        file.Flush(flushToDisk: true);
    });

    /// <summary>Reads a model.</summary>
    /// <exception cref="ModelFileException">Missing, truncated, altered, no model, or not known to this version.</exception>
    public static AnomalyModel Read(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            RequireIntact(file);
            using ZipArchive zip = new(file, ZipArchiveMode.Read);
            ModelManifest manifest = ModelManifest.Parse(ReadManifest(Entry(zip, ManifestName)));
            ModelParts parts = manifest.ToParts();
            return Restore(parts, manifest, ReadWeights(Entry(zip, WeightsName), manifest, file.Length));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFileException($"There is no model file '{path}'. Check the name, or train a model first.", e);
        }
        catch (ModelFileException e)
        {
            throw new ModelFileException($"The model file '{path}' cannot be used. {e.Message}", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new ModelFileException($"The model file '{path}' cannot be read: {e.Message}", e);
        }
        // A detector or a decoder may trip over a forged part in ways of its own; a library that is not installed is another matter.
        catch (Exception e) when (e is not AnomalySharpException or DataException or OptionException)
        {
            throw new ModelFileException($"The model file '{path}' cannot be used: a part of it is malformed ({e.Message}). Train it again.", e);
        }
    }

    private static TensorState StateOf(ModelParts parts, Detector detector)
    {
        if (parts.Features is null && parts.Context is null) return detector.GetState();
        TensorState state = new();
        if (parts.Context is { } context) state.AddPart(ContextPart, context.GetState());
        if (parts.Features is { } features) state.AddPart(FeaturesPart, features.GetState());
        state.AddPart(DetectorPart, detector.GetState());
        return state;
    }

    private static AnomalyModel Restore(ModelParts parts, ModelManifest manifest, TensorState state)
    {
        ContextStage? context = null;
        FeatureStage? features = null;
        Detector detector = parts.Options.CreateDetector();
        try
        {
            if (manifest.Context is { } columns) context = ContextStage.Restore(parts.Encoder!, columns, state.GetPart(ContextPart));
            if (manifest.Features is { } stored)
            {
                IFeatureOptions options = FeatureCatalog.Restore(stored);
                features = FeatureStage.Restore(options, parts.Options.PreferredFeatures, state.GetPart(FeaturesPart), parts.Shape);
            }
            if (context is not null || features is not null) state = state.GetPart(DetectorPart);
            SampleShape seen = features?.Shape ?? parts.Shape;
            detector.SetState(state, seen);
            return new AnomalyModel(parts with { Context = context, Features = features, Scaler = manifest.ToScaler(seen) }, detector);
        }
        catch
        {
            detector.Dispose();
            features?.Dispose();
            context?.Dispose();
            throw;
        }
    }

    private static (long Length, string Hash) WriteWeights(ZipArchive zip, TensorState state)
    {
        using Stream entry = zip.CreateEntry(WeightsName, CompressionLevel.NoCompression).Open();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using HashingStream hashing = new(entry, hash);
        SafeTensors.Write(hashing, state);
        return (hashing.Count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static TensorState ReadWeights(ZipArchiveEntry entry, ModelManifest manifest, long fileLength)
    {
        if (entry.Length != manifest.WeightsLength || entry.Length > fileLength)
        {
            throw new ModelFileException("Its weights are not of the stated size. Train it again.");
        }
        using Stream stream = entry.Open();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using HashingStream hashing = new(stream, hash);
        TensorState state = SafeTensors.Read(hashing);
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != manifest.WeightsSha256)
        {
            throw new ModelFileException("Its weights are not those that it was saved with. Copy it again from where it was saved, or train again.");
        }
        return state;
    }

    private static byte[] ReadManifest(ZipArchiveEntry entry)
    {
        if (entry.Length > MostManifestBytes) throw new ModelFileException($"Its manifest claims {entry.Length} bytes. Train it again.");
        using Stream stream = entry.Open();
        byte[] bytes = new byte[entry.Length];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (read < bytes.Length || stream.ReadByte() != -1) throw new ModelFileException("Its manifest is not of the stated size. Train it again.");
        return bytes;
    }

    private static ZipArchiveEntry Entry(ZipArchive zip, string name) =>
        zip.GetEntry(name) ?? throw new ModelFileException($"It lacks the part '{name}', so it is no AnomalySharp model.");

    private static void RequireIntact(FileStream file)
    {
        byte[] comment = new byte[CommentPrefix.Length + HashDigits];
        Span<byte> start = stackalloc byte[2];
        bool isZip = file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start[0] == 'P' && start[1] == 'K';
        if (!isZip) throw new ModelFileException("It is no AnomalySharp model: models are made by 'anomaly train' or AnomalyModel.Save.");
        file.Position = Math.Max(0, file.Length - comment.Length);
        file.ReadAtLeast(comment, comment.Length, throwOnEndOfStream: false);
        string text = Encoding.ASCII.GetString(comment);
        if (!text.StartsWith(CommentPrefix, StringComparison.Ordinal) || text[CommentPrefix.Length..] != HashBefore(file, file.Length - HashDigits))
        {
            throw new ModelFileException(
                "It is truncated, was altered after it was saved, or is no AnomalySharp model. Copy it again from its source, or train anew.");
        }
        file.Position = 0;
    }

    private static string HashBefore(FileStream file, long length)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        file.Position = 0;
        while (length > 0)
        {
            int read = file.Read(buffer, 0, (int)Math.Min(buffer.Length, length));
            if (read == 0) break;
            hash.AppendData(buffer, 0, read);
            length -= read;
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
