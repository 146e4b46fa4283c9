using System.IO.Compression;
using System.Text;
using AnomalySharp.Persistence;

namespace AnomalySharp.Tests.Persistence;

public class SafeTensorsTests
{
    private static TensorState Example()
    {
        TensorState state = new();
        state.Set<float>("weights", [1.5f, float.NegativeInfinity, -0f, 3, 4, 5], 2, 3);
        state.Set<byte>("mask", [1, 0, 255]);
        state.SetScalar("scale", Math.PI);
        state.SetScalar("count", long.MaxValue);
        state.Set<int>("ü \"quoted\"\n", [int.MinValue]);
        state.Set<float>("empty", []);
        return state;
    }

    private static byte[] Bytes(TensorState state)
    {
        using MemoryStream stream = new();
        SafeTensors.Write(stream, state);
        return stream.ToArray();
    }

    private static TensorState Read(byte[] bytes) => SafeTensors.Read(new MemoryStream(bytes));

    private static byte[] File(string header, int dataLength)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. new byte[dataLength]];
    }

    private static void AssertEqual(TensorState expected, TensorState actual)
    {
        Assert.Equal(expected.Tensors.Keys, actual.Tensors.Keys);
        foreach ((string name, StoredTensor tensor) in expected.Tensors)
        {
            Assert.Equal(tensor.Kind, actual.Tensors[name].Kind);
            Assert.Equal(tensor.Shape, actual.Tensors[name].Shape);
            Assert.Equal(tensor.Bytes.ToArray(), actual.Tensors[name].Bytes.ToArray());
        }
    }

    [Fact]
    public void What_is_written_is_read_bit_for_bit()
    {
        TensorState state = Example();
        AssertEqual(state, Read(Bytes(state)));
    }

    [Fact]
    public void An_empty_state_is_written_and_read() => Assert.Empty(Read(Bytes(new TensorState())).Tensors);

    [Fact]
    public void A_stream_that_cannot_seek_is_read_in_growing_pieces()
    {
        TensorState state = Example();
        state.Set<float>("large", Enumerable.Range(0, 1_000_000).Select(i => (float)i).ToArray());
        using MemoryStream packed = new();
        using (DeflateStream deflate = new(packed, CompressionLevel.Fastest, leaveOpen: true)) SafeTensors.Write(deflate, state);
        packed.Position = 0;
        using DeflateStream inflate = new(packed, CompressionMode.Decompress);
        AssertEqual(state, SafeTensors.Read(inflate));
    }

    [Fact]
    public void Arrays_lie_on_multiples_of_their_size()
    {
        byte[] bytes = Bytes(Example());
        Assert.Equal(0, BitConverter.ToInt64(bytes) % 8);
        string header = Encoding.UTF8.GetString(bytes, 8, (int)BitConverter.ToInt64(bytes));
        Assert.Contains("\"count\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}", header, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] bytes = Bytes(Example());
        for (int length = 0; length < bytes.Length; length++)
        {
            int cut = length;
            Assert.Throws<ModelFileException>(() => SafeTensors.Read(new MemoryStream(bytes, 0, cut)));
        }
    }

    [Fact]
    public void Every_change_of_one_byte_of_the_header_is_refused_or_read_without_another_exception()
    {
        byte[] bytes = Bytes(Example());
        int header = 8 + (int)BitConverter.ToInt64(bytes);
        Random random = new(1);
        for (int i = 0; i < header; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= (byte)random.Next(1, 256);
            try
            {
                SafeTensors.Read(new MemoryStream(changed));
            }
            catch (ModelFileException)
            {
            }
        }
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "does not fit its extents")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "negative extent")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2000000000,2000000000,2000000000],"data_offsets":[0,4]}}""", 4, "absurd size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[400000000],"data_offsets":[0,1600000000]}}""", 4, "truncated")]
    [InlineData("""{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown kind 'F33'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gap or overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}""", 5, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "longer than their header says")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "malformed header")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "malformed")]
    [InlineData("""["a"]""", 0, "malformed header")]
    public void A_header_that_cannot_be_right_is_refused_with_its_reason(string header, int dataLength, string reason)
    {
        ModelFileException refusal = Assert.Throws<ModelFileException>(() => Read(File(header, dataLength)));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_of_other_writers_is_skipped()
    {
        TensorState state = Read(File("""{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1));
        Assert.Equal(["a"], state.Tensors.Keys);
    }

    [Fact]
    public void An_absurd_header_length_reserves_no_memory() =>
        Assert.Throws<ModelFileException>(() => Read([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, (byte)'{']));
}
