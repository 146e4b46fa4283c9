using System.Numerics.Tensors;
using AnomalySharp.Neighbors;
using AnomalySharp.Persistence;

namespace AnomalySharp.Clustering;

/// <summary>Distances from samples to the nearest of some centres.</summary>
internal sealed class NearestCenters(ReadOnlySpan<float> centers, int width)
{
    private readonly NeighborIndex _index = new(centers, width);

    /// <summary>Number of centres.</summary>
    public int Count => _index.Count;

    /// <summary>The nearest centre of each sample, and the distance to it.</summary>
    public (int[] Centers, float[] Distances) Find(Samples samples)
    {
        int[] nearest = new int[samples.Count];
        float[] distances = new float[samples.Count];
        _index.Search(samples.Values.Span, 1, nearest, distances);
        TensorPrimitives.Sqrt(distances, distances);
        return (nearest, distances);
    }

    /// <summary>The squared difference of every feature from the nearest centre: they sum to the squared distance.</summary>
    public float[] SquaredDifferences(Samples samples)
    {
        int width = samples.Shape.Length;
        float[] result = new float[samples.Values.Length];
        int[] nearest = Find(samples).Centers;
        for (int i = 0; i < samples.Count; i++) _index.AddSquaredDifferences(samples[i], nearest.AsSpan(i, 1), [1f], result.AsSpan(i * width, width));
        return result;
    }

    /// <summary>Stores the centres.</summary>
    public void WriteState(TensorState state) => _index.WriteRows(state);

    /// <summary>Reads what <see cref="WriteState"/> wrote.</summary>
    public static NearestCenters ReadState(TensorState state, SampleShape shape) =>
        new(NeighborIndex.ReadRows(state, shape, fewest: 1).Values.Span, shape.Length);
}
