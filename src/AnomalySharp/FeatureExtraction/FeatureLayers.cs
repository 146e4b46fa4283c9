using System.Numerics.Tensors;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.FeatureExtraction;

/// <summary>How a feature map becomes a vector.</summary>
public enum FeaturePooling
{
    /// <summary>The mean of each channel.</summary>
    Average,

    /// <summary>The greatest value of each channel.</summary>
    Maximum,

    /// <summary>All values, one after the other.</summary>
    None,
}

/// <summary>Features of several layers put together.</summary>
internal static class FeatureLayers
{
    /// <summary>One vector, or one stack of maps, per sample.</summary>
    /// <exception cref="OptionException">Maps are wanted, and a layer has none.</exception>
    public static Samples Assemble(IReadOnlyList<Samples> layers, FeatureForm form, FeaturePooling pooling) =>
        form == FeatureForm.Maps ? Stack(layers) : Join([.. layers.Select(layer => Pool(layer, pooling))]);

    /// <summary>Vectors, or maps of one size, of the same samples, one after the other in each sample.</summary>
    public static Samples Join(IReadOnlyList<Samples> parts)
    {
        if (parts.Count == 1) return parts[0];
        int count = parts[0].Count, width = parts.Sum(part => part.Shape.Length);
        float[] joined = new float[checked(count * width)];
        for (int i = 0; i < count; i++)
        {
            int at = i * width;
            foreach (Samples part in parts)
            {
                part[i].CopyTo(joined.AsSpan(at));
                at += part.Shape.Length;
            }
        }
        SampleShape first = parts[0].Shape;
        return parts[0].WithValues(joined, first.Rank == 3 ? new SampleShape(width / (first[1] * first[2]), first[1], first[2]) : new SampleShape(width));
    }

    private static Samples Stack(IReadOnlyList<Samples> layers)
    {
        foreach (Samples layer in layers)
        {
            if (layer.Shape.Rank == 3) continue;
            throw new OptionException(
                $"The detector looks at feature maps (channels×height×width), and the features are of the shape {layer.Shape}. "
                + "Name layers of a network for pictures, such as --features onnx:MODEL:LAYER, or another detector.");
        }
        int height = layers.Max(layer => layer.Shape[1]), width = layers.Max(layer => layer.Shape[2]);
        return Join([.. layers.Select(layer => Resize(layer, height, width))]);
    }

    private static Samples Resize(Samples maps, int height, int width)
    {
        if ((maps.Shape[1], maps.Shape[2]) == (height, width)) return maps;
        BilinearResize resize = new(maps.Shape[1], maps.Shape[2], height, width);
        int planes = maps.Count * maps.Shape[0], area = maps.Shape[1] * maps.Shape[2];
        float[] values = new float[checked(planes * height * width)];
        for (int p = 0; p < planes; p++) resize.Apply(maps.Values.Span.Slice(p * area, area), values.AsSpan(p * height * width, height * width));
        return maps.WithValues(values, new SampleShape(maps.Shape[0], height, width));
    }

    private static Samples Pool(Samples layer, FeaturePooling pooling)
    {
        SampleShape shape = layer.Shape;
        if (shape.Rank == 1) return layer;
        if (pooling == FeaturePooling.None) return layer.WithValues(layer.Values, new SampleShape(shape.Length));
        // A channel's values lie together in maps, and d apart in the steps [t,d] of a sequence.
        int channels = shape.Rank == 3 ? shape[0] : shape[1], places = shape.Length / channels;
        float[] pooled = new float[layer.Count * channels];
        for (int i = 0; i < layer.Count; i++)
        {
            ReadOnlySpan<float> values = layer[i];
            Span<float> target = pooled.AsSpan(i * channels, channels);
            if (shape.Rank == 3)
            {
                for (int c = 0; c < channels; c++) target[c] = Pooled(values.Slice(c * places, places), pooling);
                continue;
            }
            values[..channels].CopyTo(target);
            for (int t = 1; t < places; t++)
            {
                ReadOnlySpan<float> step = values.Slice(t * channels, channels);
                if (pooling == FeaturePooling.Maximum) TensorPrimitives.Max(target, step, target);
                else TensorPrimitives.Add(target, step, target);
            }
            if (pooling == FeaturePooling.Average) TensorPrimitives.Divide(target, places, target);
        }
        return layer.WithValues(pooled, new SampleShape(channels));
    }

    private static float Pooled(ReadOnlySpan<float> values, FeaturePooling pooling) =>
        pooling == FeaturePooling.Maximum ? TensorPrimitives.Max(values) : TensorPrimitives.Sum(values) / values.Length;
}
