using AnomalySharp.FeatureExtraction;
using AnomalySharp.Persistence;

namespace AnomalySharp.Onnx;

/// <summary>Outputs of a pre-trained network as features. Nothing is learnt: fitting opens the network and finds out what its input is.</summary>
internal sealed class OnnxFeatures(OnnxFeatureOptions options, FeatureForm form) : FeatureExtractor(form)
{
    // Vectors are so many at a time, the last ones filled up, so that a sample's features depend on no other. Pictures are alone: as fast.
    private const int Vectors = 64;

    private readonly FeatureCache? _cache = FeatureCache.OfUser(options.CacheMegabytes);
    private NetworkFile? _file;
    private OnnxNetwork? _network;
    private PictureInput? _pictures;
    private string[] _outputs = [];
    private int _batch = 1;

    public override FeaturePooling Pooling => options.Pool;

    protected override FeatureCache? Cache => _cache;

    protected override string Identity => $"onnx {_file!.Sha256} {string.Join(',', _outputs)} {options.Layout} {_pictures?.Identity}";

    protected override void FitCore(Samples samples, FitContext context)
    {
        Open(NetworkFile.Read(options.Model), samples.Shape);
        if (_pictures?.Assumed is { } assumed) context.Warn(assumed);
        if (options.Outputs.Length == 0 && _network!.Outputs.Count > 1)
        {
            context.Note($"Features are the network's output '{_outputs[0]}'; its outputs are {string.Join(", ", _network.Outputs)}.");
        }
    }

    protected override IReadOnlyList<Samples> ExtractCore(Samples samples)
    {
        long[] each = _pictures?.Shape ?? [.. samples.Shape.Dimensions.Select(extent => (long)extent)];
        int width = (int)each.Aggregate(1L, (product, extent) => product * extent);
        float[] input = new float[_batch * width];
        float[][] values = new float[_outputs.Length][];
        SampleShape[] shapes = new SampleShape[_outputs.Length];
        for (int start = 0; start < samples.Count; start += _batch)
        {
            int first = start, rows = Math.Min(_batch, samples.Count - start);
            for (int i = 0; i < rows; i++)
            {
                Span<float> one = input.AsSpan(i * width, width);
                if (_pictures is null) samples[first + i].CopyTo(one);
                else _pictures.Write(samples[first + i], one);
            }
            input.AsSpan(rows * width).Clear();
            _network!.Run(input, [_batch, .. each], _outputs, (k, extents, output) =>
            {
                SampleShape shape = shapes[k] ??= ShapeOf(_outputs[k], extents);
                values[k] ??= new float[checked(samples.Count * shape.Length)];
                if (output.Length != _batch * shape.Length) throw Refused(_outputs[k], extents);
                Take(output[..(rows * shape.Length)], shape, values[k].AsSpan(first * shape.Length));
            });
        }
        return [.. values.Select((layer, k) => samples.WithValues(layer, shapes[k]))];
    }

    protected override void WriteState(TensorState state) => _file!.Write(state, options.Model, options.Store);

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        try
        {
            Open(NetworkFile.Read(state, options.Store), shape);
        }
        catch (OptionException e)
        {
            throw new ModelFileException($"The network in it cannot be used: {e.Message}", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _network?.Dispose();
        base.Dispose(disposing);
    }

    private void Open(NetworkFile file, SampleShape shape)
    {
        _network?.Dispose();
        _file = file;
        _network = new OnnxNetwork(file.Bytes, options.Model);
        IReadOnlyList<int> input = _network.InputShape;
        if (input.Count != shape.Rank + 1 || (shape.Rank < 3 && shape.Dimensions.Where((extent, k) => input[k + 1] >= 0 && input[k + 1] != extent).Any()))
        {
            throw new DataException(
                $"The network '{options.Model}' takes an input of {string.Join('×', input.Select(extent => extent < 0 ? "?" : $"{extent}"))} (samples first), "
                + $"and the samples have shape {shape}. Use a network for such data.");
        }
        _pictures = shape.Rank == 3 ? new PictureInput(options, _network, shape) : null;
        _batch = input[0] > 0 ? input[0] : shape.Rank == 3 ? 1 : Vectors;
        _outputs = options.Outputs.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (_outputs.Length == 0) _outputs = [_network.Outputs[^1]];
        foreach (string output in _outputs) _network.RequireOutput(output);
    }

    private SampleShape ShapeOf(string output, long[] extents)
    {
        if (extents.Length is < 2 or > 4 || extents[0] != _batch || extents.Any(extent => extent is < 1 or > int.MaxValue)) throw Refused(output, extents);
        int[] each = [.. extents.Skip(1).Select(extent => (int)extent)];
        return each.Length == 3 && _pictures is { ChannelsLast: true } ? new SampleShape(each[2], each[0], each[1]) : new SampleShape(each);
    }

    private void Take(ReadOnlySpan<float> output, SampleShape shape, Span<float> values)
    {
        if (shape.Rank != 3 || _pictures is not { ChannelsLast: true })
        {
            output.CopyTo(values);
            return;
        }
        int channels = shape[0], area = shape[1] * shape[2];
        for (int k = 0; k < output.Length; k++)
        {
            (int sample, int within) = Math.DivRem(k, shape.Length);
            values[(sample * shape.Length) + (within % channels * area) + (within / channels)] = output[k];
        }
    }

    private OptionException Refused(string output, long[] extents) => new(
        $"The output '{output}' of the network '{options.Model}' has the extents {string.Join('×', extents)} for {_batch} sample(s): "
        + $"needed are vectors or maps, samples first. Its outputs are: {string.Join(", ", _network!.Outputs)}.");
}
