using System.Numerics.Tensors;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Onnx;

/// <summary>From a picture of 0…1 to what a network was trained on: size, colours, range, order.</summary>
internal sealed class PictureInput
{
    // Mean and deviation of ImageNet's pixels, red, green, blue, which networks of the usual libraries are trained with.
    private static readonly double[] ImageNetMean = [123.675, 116.28, 103.53], ImageNetDeviation = [58.395, 57.12, 57.375];

    private readonly SampleShape _from;
    private readonly int _channels, _height, _width;
    private readonly bool _channelsLast, _blueFirst;
    private readonly double[] _mean, _deviation;
    private readonly BilinearResize? _resize;

    /// <summary>Finds out what the network wants of pictures of a shape.</summary>
    /// <exception cref="DataException">The network takes no such pictures.</exception>
    /// <exception cref="OptionException">An option does not fit the network.</exception>
    public PictureInput(OnnxFeatureOptions options, OnnxNetwork network, SampleShape from)
    {
        IReadOnlyList<int> input = network.InputShape;
        _channelsLast = options.Layout switch
        {
            InputLayout.Nhwc => true,
            InputLayout.Nchw => false,
            _ => input[1] is not (1 or 3) && input[3] is 1 or 3,
        };
        (int channels, int height, int width) = _channelsLast ? (input[3], input[1], input[2]) : (input[1], input[2], input[3]);
        string takes = $"The network '{options.Model}' takes an input of {string.Join('×', input.Select(extent => extent < 0 ? "?" : $"{extent}"))}";
        _channels = channels > 0 ? channels : options.Colors == InputColors.Grey ? 1 : 3;
        if (_channels is not (1 or 3)) throw new DataException($"{takes}, which is no picture of 1 or 3 channels. Set layout, or use another network.");
        if (from[0] is not (1 or 3)) throw new DataException($"{takes}, and the samples of shape {from} are neither grey nor coloured pictures.");
        if (options.Colors != InputColors.Auto && (options.Colors == InputColors.Grey) != (_channels == 1))
        {
            throw new OptionException($"{takes}: {_channels} channel(s) cannot be '{options.Colors.ToString().ToLowerInvariant()}'.");
        }
        foreach (int extent in (ReadOnlySpan<int>)[height, width])
        {
            if (options.Side is int asked && extent > 0 && extent != asked) throw new OptionException($"{takes}: side={asked} is not possible. Leave it away.");
        }
        (_from, _height, _width) = (from, height > 0 ? height : options.Side ?? from[1], width > 0 ? width : options.Side ?? from[2]);
        _resize = (from[1], from[2]) == (_height, _width) ? null : new BilinearResize(from[1], from[2], _height, _width);

        string? format = network.Metadata.GetValueOrDefault("Image.BitmapPixelFormat"), range = network.Metadata.GetValueOrDefault("Image.NominalPixelRange");
        _blueFirst = options.Colors == InputColors.Bgr
            || (options.Colors == InputColors.Auto && _channels == 3 && format is not null && format.StartsWith("Bgr", StringComparison.OrdinalIgnoreCase));
        (double[] mean, double[] deviation, bool said) = Range(range);
        _mean = PerChannel(options.Mean, mean, "mean");
        _deviation = PerChannel(options.Deviation, deviation, "deviation");
        Assumed = said || (options.Mean is not null && options.Deviation is not null)
            ? null
            : $"The network '{Path.GetFileName(options.Model)}' does not say which range of pixels it was trained on: taken are a mean of {Text(_mean)} and a "
                + $"deviation of {Text(_deviation)} of pixels in 0 to 255, {(_channels == 1 ? "grey" : _blueFirst ? "blue first" : "red first")}. "
                + "If that is wrong, say mean=…;deviation=…;colors=… in brackets.";
    }

    /// <summary>What had to be guessed, as a sentence for the user; null where nothing had to be.</summary>
    public string? Assumed { get; }

    /// <summary>Whether channels come last, in outputs too.</summary>
    public bool ChannelsLast => _channelsLast;

    /// <summary>Extents of one picture in the input.</summary>
    public long[] Shape => _channelsLast ? [_height, _width, _channels] : [_channels, _height, _width];

    /// <summary>Everything that it does, as text: part of the identity of features.</summary>
    public string Identity => $"{string.Join('×', Shape)} {_blueFirst} {Text(_mean)} {Text(_deviation)}";

    /// <summary>Prepares one picture.</summary>
    public void Write(ReadOnlySpan<float> picture, Span<float> input)
    {
        int area = _height * _width, before = _from[1] * _from[2];
        float[] source = picture.ToArray(), plane = new float[area];
        if (_from[0] == 3 && _channels == 1)
        {
            // Luminance of ITU-R BT.601, as image libraries make pictures grey.
            Span<float> grey = source.AsSpan(0, before);
            TensorPrimitives.Multiply(grey, 0.299f, grey);
            TensorPrimitives.MultiplyAdd(picture.Slice(before, before), 0.587f, grey, grey);
            TensorPrimitives.MultiplyAdd(picture.Slice(2 * before, before), 0.114f, grey, grey);
        }
        for (int c = 0; c < _channels; c++)
        {
            int taken = _from[0] == 1 || _channels == 1 ? 0 : _blueFirst ? 2 - c : c;
            ReadOnlySpan<float> from = source.AsSpan(taken * before, before);
            if (_resize is null) from.CopyTo(plane);
            else _resize.Apply(from, plane);
            TensorPrimitives.Multiply(plane, (float)(255 / _deviation[c]), plane);
            TensorPrimitives.Subtract(plane, (float)(_mean[c] / _deviation[c]), plane);
            if (!_channelsLast) plane.CopyTo(input.Slice(c * area, area));
            else for (int p = 0; p < area; p++) input[(p * _channels) + c] = plane[p];
        }
    }

    // Ranges by the names that the ONNX standard gives them (MetadataProps).
    private (double[] Mean, double[] Deviation, bool Said) Range(string? name) => name switch
    {
        "NominalRange_0_255" => (Filled(0), Filled(1), true),
        "Normalized_0_1" => (Filled(0), Filled(255), true),
        "Normalized_1_1" => (Filled(127.5), Filled(127.5), true),
        "NominalRange_16_235" => (Filled(-16 * 255 / 219.0), Filled(255 / 219.0), true),
        _ when _channels == 3 && _blueFirst => ([.. ImageNetMean.Reverse()], [.. ImageNetDeviation.Reverse()], false),
        _ when _channels == 3 => (ImageNetMean, ImageNetDeviation, false),
        _ => (Filled(0), Filled(255), false),
    };

    private double[] PerChannel(IReadOnlyList<double>? given, double[] otherwise, string name)
    {
        if (given is null) return otherwise;
        if (given.Count == 1) return Filled(given[0]);
        return given.Count == _channels
            ? [.. given]
            : throw new OptionException(
                $"Option '{name}' has {given.Count} numbers, and the network's input {_channels} channel(s): give one number, or one for each.");
    }

    private double[] Filled(double value) => [.. Enumerable.Repeat(value, _channels)];

    private static string Text(double[] values) => string.Join(", ", values.Distinct().Count() == 1 ? values.Take(1) : values);
}
