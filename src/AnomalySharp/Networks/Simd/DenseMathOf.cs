using System.Runtime.CompilerServices;
using AnomalySharp.Simd;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks.Simd;

/// <inheritdoc/>
internal sealed unsafe class DenseMath<V> : DenseMath where V : struct, IVec<V>
{
    /// <summary>Terms summed before the next block of columns: what is used of B then stays in the caches nearest to the core.</summary>
    private const int DepthBlock = 256;

    [MethodImpl(AggressiveOptimization)]
    public override void Multiply(in Product p, float* a, float* b, float* c, float* init, int rows, int columns)
    {
        Product block = p;
        int tiled = rows / V.TileRows * V.TileRows;
        for (nint k = 0; k < p.Depth; k += DepthBlock)
        {
            block.Depth = nint.Min(DepthBlock, p.Depth - k);
            block.Slope = k + block.Depth == p.Depth ? p.Slope : 1;
            float* left = a + k * p.AStep, right = b + k * p.BStep;
            if (tiled > 0) MultiplyTiles(block, left, right, c, init, tiled, columns / V.Width);
            for (int row = tiled; row < rows; row++)
            {
                MultiplyRow(block, left + row * p.ARow, right, c + row * p.CRow, init + row * block.InitRow, columns / V.Width);
            }
            init = c;
            block.InitRow = block.CRow;
        }
    }

    [MethodImpl(AggressiveOptimization)]
    private static void MultiplyTiles(in Product p, float* a, float* b, float* c, float* init, int rows, int vectors)
    {
        while (vectors > 0)
        {
            // Three vectors at a time keep the multipliers busiest; four are better done as two and two than as three and one.
            int width = vectors is 1 ? 1 : vectors is 2 or 4 ? 2 : 3;
            for (int row = 0; row < rows; row += V.TileRows)
            {
                float* left = a + row * p.ARow, result = c + row * p.CRow, start = init + row * p.InitRow;
                if (V.TileRows == 8)
                {
                    if (width == 3) TilesOf8<V>.Tile8x3(p, left, b, result, start);
                    else if (width == 2) TilesOf8<V>.Tile8x2(p, left, b, result, start);
                    else TilesOf8<V>.Tile8x1(p, left, b, result, start);
                }
                else if (width == 3)
                {
                    TilesOf4<V>.Tile4x3(p, left, b, result, start);
                }
                else
                {
                    TilesOf4<V>.Tile4x2(p, left, b, result, start);
                }
            }
            vectors -= width;
            b += width * V.Width;
            c += width * V.Width;
            init += width * V.Width;
        }
    }

    [MethodImpl(AggressiveOptimization)]
    private static void MultiplyRow(in Product p, float* a, float* b, float* c, float* init, int vectors)
    {
        while (vectors > 0)
        {
            int width = vectors >= 4 ? 4 : 1;
            if (width == 4) TilesOf1<V>.Tile1x4(p, a, b, c, init);
            else TilesOf1<V>.Tile1x1(p, a, b, c, init);
            vectors -= width;
            b += width * V.Width;
            c += width * V.Width;
            init += width * V.Width;
        }
    }

    public override void Activate(Activation activation, float* values, nint length)
    {
        switch (activation)
        {
            case Activation.Identity: break;
            case Activation.Relu: Map<Relu>(values, length); break;
            case Activation.LeakyRelu: Map<LeakyRelu>(values, length); break;
            case Activation.Elu: Map<Elu>(values, length); break;
            case Activation.Tanh: Map<Tanh>(values, length); break;
            case Activation.Sigmoid: Map<Sigmoid>(values, length); break;
            case Activation.Softplus: Map<Softplus>(values, length); break;
            default: throw new OptionException($"Unknown activation '{activation}'.");
        }
    }

    public override void MultiplyBySlope(Activation activation, float* outputs, float* gradients, nint length)
    {
        switch (activation)
        {
            case Activation.Identity: break;
            case Activation.Relu: MapSlope<Relu>(outputs, gradients, length); break;
            case Activation.LeakyRelu: MapSlope<LeakyRelu>(outputs, gradients, length); break;
            case Activation.Elu: MapSlope<Elu>(outputs, gradients, length); break;
            case Activation.Tanh: MapSlope<Tanh>(outputs, gradients, length); break;
            case Activation.Sigmoid: MapSlope<Sigmoid>(outputs, gradients, length); break;
            case Activation.Softplus: MapSlope<Softplus>(outputs, gradients, length); break;
            default: throw new OptionException($"Unknown activation '{activation}'.");
        }
    }

    [MethodImpl(AggressiveOptimization)]
    private static void Map<F>(float* values, nint length) where F : struct, IActivation
    {
        for (nint i = 0; i < length; i += V.Width) V.Store(F.Value(V.Load(values + i)), values + i);
    }

    [MethodImpl(AggressiveOptimization)]
    private static void MapSlope<F>(float* outputs, float* gradients, nint length) where F : struct, IActivation
    {
        for (nint i = 0; i < length; i += V.Width) V.Store(V.Load(gradients + i) * F.Slope(V.Load(outputs + i)), gradients + i);
    }

    [MethodImpl(AggressiveOptimization)]
    public override void AddColumnSums(float* matrix, int rows, int columns, float* sums)
    {
        for (nint j = 0; j < columns; j += V.Width)
        {
            V sum = V.Load(sums + j);
            float* cell = matrix + j;
            for (int i = 0; i < rows; i++, cell += columns) sum += V.Load(cell);
            V.Store(sum, sums + j);
        }
    }

    [MethodImpl(AggressiveOptimization)]
    public override void ScaleAndShift(float* values, int rows, int columns, float* scale, float* shift)
    {
        for (int i = 0; i < rows; i++, values += columns)
        {
            for (nint j = 0; j < columns; j += V.Width) V.Store(V.Fma(V.Load(values + j), V.Load(scale + j), V.Load(shift + j)), values + j);
        }
    }

    [MethodImpl(AggressiveOptimization)]
    public override void Moments(float* values, int rows, int columns, float* mean, float* variance)
    {
        V share = V.All(1f / rows);
        for (nint j = 0; j < columns; j += V.Width)
        {
            V sum = default, squares = default;
            float* cell = values + j;
            for (int i = 0; i < rows; i++, cell += columns) sum += V.Load(cell);
            V center = sum * share;
            cell = values + j;
            for (int i = 0; i < rows; i++, cell += columns)
            {
                V difference = V.Load(cell) - center;
                squares = V.Fma(difference, difference, squares);
            }
            V.Store(center, mean + j);
            V.Store(squares * share, variance + j);
        }
    }

    [MethodImpl(AggressiveOptimization)]
    public override void NormalizationGradient(
        float* normalized, float* gradients, int rows, int columns, float* scale, float* gammaSums, float* betaSums)
    {
        V share = V.All(1f / rows);
        for (int i = 0; i < rows; i++, normalized += columns, gradients += columns)
        {
            for (nint j = 0; j < columns; j += V.Width)
            {
                V common = (V.Load(betaSums + j) + V.Load(normalized + j) * V.Load(gammaSums + j)) * share;
                V.Store((V.Load(gradients + j) - common) * V.Load(scale + j), gradients + j);
            }
        }
    }

    [MethodImpl(AggressiveOptimization)]
    public override void Update<TRule>(in StepSizes sizes, float* values, float* gradients, float* first, float* second, nint length)
    {
        StepSizes s = sizes;
        for (nint i = 0; i < length; i += V.Width)
        {
            V value = V.Load(values + i), m = V.Load(first + i), v = V.Load(second + i);
            TRule.Apply(s, V.Load(gradients + i), ref value, ref m, ref v);
            V.Store(value, values + i);
            V.Store(m, first + i);
            V.Store(v, second + i);
            V.Store(default, gradients + i);
        }
    }
}
