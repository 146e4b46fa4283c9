using AnomalySharp.Data.Arrays;

namespace AnomalySharp.Data.Protocols;

/// <summary>
/// A channel of spacecraft telemetry in an <c>.npz</c>: arrays <c>NAME_train</c> and <c>NAME_test</c>, <c>[t,d]</c>, and <c>NAME_label</c>,
/// <c>[t]</c>.
/// </summary>
public static class TelemetryChannel
{
    /// <summary>Rows <c>[d]</c> to train on, and rows with labels to test on, both in the order of time.</summary>
    /// <exception cref="DataException">The file cannot be read, or an array is missing or of another shape.</exception>
    public static (Samples Train, Samples Test) Read(string path, string name)
    {
        NpyArray[] arrays = NpzReader.ReadArrays(path, $"{name}_train", $"{name}_test", $"{name}_label");
        if (arrays[0].Shape is not [_, int width] || arrays[1].Shape is not [int tested, int same] || width != same || arrays[2].Length != tested)
        {
            throw new DataException($"The arrays of '{name}' in '{path}' do not fit: needed are [t, d], [u, d] and [u].");
        }
        byte[] labels = [.. arrays[2].ToDoubles().Select(label => label > 0 ? (byte)1 : (byte)0)];
        SampleShape row = new(width);
        return (new Samples(arrays[0].ToSingles(), row), new Samples(arrays[1].ToSingles(), row, labels));
    }
}
