using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace AnomalySharp.Networks.Simd;

/// <summary>Transposes matrices in blocks of 4×4.</summary>
internal static unsafe class Transposition
{
    /// <param name="source">rows × columns, both multiples of 4.</param>
    /// <param name="target">columns × rows.</param>
    /// <param name="rows">Rows of the source.</param>
    /// <param name="columns">Columns of the source.</param>
    [MethodImpl(AggressiveOptimization)]
    public static void Transpose(float* source, float* target, int rows, int columns)
    {
        for (nint i = 0; i < rows; i += 4)
        {
            float* from = source + i * columns;
            for (nint j = 0; j < columns; j += 4, from += 4)
            {
                float* to = target + j * rows + i;
                if (Sse.IsSupported)
                {
                    Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + columns);
                    Vector128<float> c = Vector128.Load(from + 2 * columns), d = Vector128.Load(from + 3 * columns);
                    Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d), ab2 = Sse.UnpackHigh(a, b), cd2 = Sse.UnpackHigh(c, d);
                    Sse.MoveLowToHigh(ab, cd).Store(to);
                    Sse.MoveHighToLow(cd, ab).Store(to + rows);
                    Sse.MoveLowToHigh(ab2, cd2).Store(to + 2 * rows);
                    Sse.MoveHighToLow(cd2, ab2).Store(to + 3 * rows);
                }
                else
                {
                    for (nint k = 0; k < 4; k++)
                    {
                        Vector128.Create(from[k], from[columns + k], from[2 * columns + k], from[3 * columns + k]).Store(to + k * rows);
                    }
                }
            }
        }
    }
}
