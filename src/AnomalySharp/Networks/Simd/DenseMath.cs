using AnomalySharp.Simd;

namespace AnomalySharp.Networks.Simd;

/// <summary>The arithmetic of dense networks and optimisers, for one vector width. All matrices are row-major with rows of whole 64-byte
/// blocks.</summary>
internal abstract unsafe class DenseMath
{
    /// <summary>Rows of matrices are padded with zeros to a multiple of this many floats.</summary>
    public const int ColumnBlock = 16;

    /// <summary>Batches are padded to a multiple of this many rows, so that training knows no incomplete tile.</summary>
    public const int RowBlock = 8;

    public static readonly DenseMath Vector512Bits = new DenseMath<W16>(), Vector256Bits = new DenseMath<W8>(), Portable = new DenseMath<W4>();

    /// <summary>That of the widest vectors that this processor has.</summary>
    public static DenseMath Best { get; } = VectorWidths.Widest switch
    {
        VectorWidth.Bits512 => Vector512Bits,
        VectorWidth.Bits256 => Vector256Bits,
        _ => Portable,
    };

    public static int Padded(int columns) => checked((columns + ColumnBlock - 1) / ColumnBlock * ColumnBlock);

    public static int PaddedRows(int rows) => checked((rows + RowBlock - 1) / RowBlock * RowBlock);

    /// <summary>C = f(init + A·B), see <see cref="Product"/>.</summary>
    /// <param name="p">Where the operands lie.</param>
    /// <param name="a">rows × depth.</param>
    /// <param name="b">depth × columns.</param>
    /// <param name="c">rows × columns, written.</param>
    /// <param name="init">Initial values of the sums; may be <paramref name="c"/>.</param>
    /// <param name="rows">Any number; multiples of <see cref="RowBlock"/> are fastest.</param>
    /// <param name="columns">A multiple of <see cref="ColumnBlock"/>.</param>
    public abstract void Multiply(in Product p, float* a, float* b, float* c, float* init, int rows, int columns);

    /// <summary>Replaces values by the function of them.</summary>
    public abstract void Activate(Activation activation, float* values, nint length);

    /// <summary>Multiplies gradients by the function's slope, which follows from its values.</summary>
    public abstract void MultiplyBySlope(Activation activation, float* outputs, float* gradients, nint length);

    /// <summary>Adds the sum of each column to <paramref name="sums"/>.</summary>
    public abstract void AddColumnSums(float* matrix, int rows, int columns, float* sums);

    /// <summary>values = values·scale + shift, column by column.</summary>
    public abstract void ScaleAndShift(float* values, int rows, int columns, float* scale, float* shift);

    /// <summary>Mean and biased variance of each column.</summary>
    public abstract void Moments(float* values, int rows, int columns, float* mean, float* variance);

    /// <summary>Gradient through batch normalisation by the batch's own moments.</summary>
    /// <param name="normalized">The normalised values x̂.</param>
    /// <param name="gradients">∂L/∂y, replaced by ∂L/∂x.</param>
    /// <param name="rows">Samples.</param>
    /// <param name="columns">Padded columns.</param>
    /// <param name="scale">γ/σ of each column.</param>
    /// <param name="gammaSums">Σ ∂L/∂y·x̂ of this batch.</param>
    /// <param name="betaSums">Σ ∂L/∂y of this batch.</param>
    public abstract void NormalizationGradient(
        float* normalized, float* gradients, int rows, int columns, float* scale, float* gammaSums, float* betaSums);

    /// <summary>One step of an optimiser over <paramref name="length"/> parameters, a multiple of <see cref="ColumnBlock"/>; clears the
    /// gradients.</summary>
    public abstract void Update<TRule>(in StepSizes sizes, float* values, float* gradients, float* first, float* second, nint length)
        where TRule : struct, IUpdateRule;

    /// <summary>Slope of f(x) = max(x, slope·x) where the function is of that form, so that the product's last line computes it; otherwise
    /// null.</summary>
    public static float? LinearSlope(Activation activation) => activation switch
    {
        Activation.Identity => 1,
        Activation.Relu => 0,
        Activation.LeakyRelu => 0.01f,
        _ => null,
    };
}
