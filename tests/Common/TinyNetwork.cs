using System.Text;

namespace AnomalySharp.Tests.Common;

/// <summary>Small networks as ONNX files, written field by field in protocol buffers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.</summary>
internal static class TinyNetwork
{
    /// <summary>
    /// Of the input <c>x</c>, pictures of a size (0 = any): <c>same</c> gives it back, <c>half</c> means of 2×2 pixels, <c>pool</c> means of channels.
    /// </summary>
    public static byte[] OfPictures(int channels, int side, params (string Key, string Value)[] metadata) => Model(
        [
            Node("Identity", ["x"], "same"),
            Node("AveragePool", ["x"], "half", Numbers("kernel_shape", 2, 2), Numbers("strides", 2, 2)),
            Node("GlobalAveragePool", ["x"], "pool"),
        ],
        [],
        [Value("x", -1, channels, side, side)],
        [Value("same", -1, channels, side, side), Value("half", -1, channels, side / 2, side / 2), Value("pool", -1, channels, 1, 1)],
        metadata);

    /// <summary>Of the input <c>x</c>, pictures with channels last: <c>same</c> gives it back.</summary>
    public static byte[] OfPicturesWithChannelsLast(int channels, int side) => Model(
        [Node("Identity", ["x"], "same")], [], [Value("x", -1, side, side, channels)], [Value("same", -1, side, side, channels)]);

    /// <summary>Of the input <c>x</c>, vectors: <c>product</c> is x·W.</summary>
    public static byte[] OfVectors(float[,] weights) => Model(
        [Node("MatMul", ["x", "w"], "product")],
        [Tensor("w", weights)],
        [Value("x", -1, weights.GetLength(0))],
        [Value("product", -1, weights.GetLength(1))]);

    /// <summary>The same for two values each, with W (two by one) in a file of its own beside it.</summary>
    public static byte[] OfVectorsWithWeightsIn(string file) => Model(
        [Node("MatMul", ["x", "w"], "product")],
        [Join([Number(1, 2), Number(1, 1), Number(2, 1), Text(8, "w"), Part(13, Join([Text(1, "location"), Text(2, file)])), Number(14, 1)])],
        [Value("x", -1, 2)],
        [Value("product", -1, 1)]);

    /// <summary>One that wants two inputs.</summary>
    public static byte[] OfTwoInputs() => Model([Node("Add", ["x", "y"], "sum")], [], [Value("x", -1, 2), Value("y", -1, 2)], [Value("sum", -1, 2)]);

    private static byte[] Model(byte[][] nodes, byte[][] tensors, byte[][] inputs, byte[][] outputs, params (string Key, string Value)[] metadata) => Join(
    [
        Number(1, 8),
        Part(7, Join(
        [
            .. nodes.Select(node => Part(1, node)), Text(2, "tiny"), .. tensors.Select(one => Part(5, one)),
            .. inputs.Select(one => Part(11, one)), .. outputs.Select(one => Part(12, one)),
        ])),
        Part(8, Number(2, 17)),
        .. metadata.Select(one => Part(14, Join([Text(1, one.Key), Text(2, one.Value)]))),
    ]);

    private static byte[] Node(string operation, string[] inputs, string output, params byte[][] attributes) =>
        Join([.. inputs.Select(input => Text(1, input)), Text(2, output), Text(4, operation), .. attributes.Select(one => Part(5, one))]);

    private static byte[] Numbers(string name, params long[] values) => Join([Text(1, name), .. values.Select(value => Number(8, value)), Number(20, 7)]);

    private static byte[] Tensor(string name, float[,] values) => Join(
    [
        Number(1, values.GetLength(0)), Number(1, values.GetLength(1)), Number(2, 1), Text(8, name),
        Part(9, [.. values.Cast<float>().SelectMany(BitConverter.GetBytes)]),
    ]);

    private static byte[] Value(string name, params int[] extents) => Join(
    [
        Text(1, name),
        Part(2, Part(1, Join([Number(1, 1), Part(2, Join([.. extents.Select((extent, k) => Part(1, extent > 0 ? Number(1, extent) : Text(2, $"{name}{k}")))]))]))),
    ]);

    private static byte[] Text(int field, string text) => Part(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Part(int field, byte[] bytes) => Join([Varint((ulong)(field << 3 | 2)), Varint((ulong)bytes.Length), bytes]);

    private static byte[] Number(int field, long value) => Join([Varint((ulong)(field << 3)), Varint((ulong)value)]);

    private static byte[] Varint(ulong value)
    {
        List<byte> bytes = [];
        for (; value > 127; value >>= 7) bytes.Add((byte)(value & 127 | 128));
        return [.. bytes, (byte)value];
    }

    private static byte[] Join(byte[][] parts) => [.. parts.SelectMany(part => part)];
}
