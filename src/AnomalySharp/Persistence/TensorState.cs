using System.Runtime.InteropServices;

namespace AnomalySharp.Persistence;

/// <summary>Kinds of numbers that a model file stores, under the names that safetensors gives them.</summary>
public enum TensorKind
{
    /// <summary>32-bit floating point.</summary>
    F32,

    /// <summary>64-bit floating point.</summary>
    F64,

    /// <summary>32-bit signed integer.</summary>
    I32,

    /// <summary>64-bit signed integer.</summary>
    I64,

    /// <summary>Byte.</summary>
    U8,
}

/// <summary>One named array of a state: its kind, extents (row-major) and little-endian bytes.</summary>
public sealed record StoredTensor(TensorKind Kind, IReadOnlyList<int> Shape, ReadOnlyMemory<byte> Bytes);

/// <summary>Named arrays: what a detector has learnt, in the form in which it is saved.</summary>
public sealed class TensorState
{
    private readonly SortedDictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>The arrays in order of their names.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>Stores a copy of <paramref name="values"/>; the extents default to one dimension.</summary>
    public void Set<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<int> shape) where T : unmanaged =>
        Add(name, new StoredTensor(KindOf<T>(), shape.IsEmpty ? [values.Length] : shape.ToArray(), MemoryMarshal.AsBytes(values).ToArray()));

    /// <summary>Stores one number.</summary>
    public void SetScalar<T>(string name, T value) where T : unmanaged => Set(name, new ReadOnlySpan<T>(in value));

    /// <summary>Stores an array as read from a file.</summary>
    public void Add(string name, StoredTensor tensor) => _tensors[name] = tensor;

    /// <summary>The array called <paramref name="name"/>, copied.</summary>
    /// <exception cref="ModelFileException">Missing, of another kind, or not of <paramref name="length"/> values where that is given.</exception>
    public T[] Get<T>(string name, int? length = null) where T : unmanaged
    {
        if (!_tensors.TryGetValue(name, out StoredTensor? tensor)) throw new ModelFileException($"The model lacks the array '{name}'. Train it again with this version.");
        if (tensor.Kind != KindOf<T>()) throw new ModelFileException($"The model's array '{name}' holds {tensor.Kind}, not {KindOf<T>()}.");
        T[] values = MemoryMarshal.Cast<byte, T>(tensor.Bytes.Span).ToArray();
        if (length is int expected && values.Length != expected)
        {
            throw new ModelFileException($"The model's array '{name}' has {values.Length} values where {expected} are needed.");
        }
        return values;
    }

    /// <summary>The number called <paramref name="name"/>.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public T GetScalar<T>(string name) where T : unmanaged => Get<T>(name, 1)[0];

    /// <summary>Whether there is an array called <paramref name="name"/>.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>Copies every array of <paramref name="part"/> under <c>prefix.name</c>.</summary>
    public void AddPart(string prefix, TensorState part)
    {
        foreach ((string name, StoredTensor tensor) in part._tensors) Add($"{prefix}.{name}", tensor);
    }

    /// <summary>The same of what <paramref name="write"/> writes into a state of its own.</summary>
    public void AddPart(string prefix, Action<TensorState> write)
    {
        TensorState part = new();
        write(part);
        AddPart(prefix, part);
    }

    /// <summary>The arrays that <see cref="AddPart(string, TensorState)"/> stored under <paramref name="prefix"/>, with their own names.</summary>
    public TensorState GetPart(string prefix)
    {
        TensorState part = new();
        foreach ((string name, StoredTensor tensor) in _tensors)
        {
            if (name.StartsWith(prefix + ".", StringComparison.Ordinal)) part.Add(name[(prefix.Length + 1)..], tensor);
        }
        return part;
    }

    private static TensorKind KindOf<T>() => typeof(T) switch
    {
        var t when t == typeof(float) => TensorKind.F32,
        var t when t == typeof(double) => TensorKind.F64,
        var t when t == typeof(int) => TensorKind.I32,
        var t when t == typeof(long) => TensorKind.I64,
        var t when t == typeof(byte) => TensorKind.U8,
        var t => throw new ArgumentException($"A state stores float, double, int, long or byte, not {t.Name}."),
    };
}
