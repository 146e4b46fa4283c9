namespace AnomalySharp.Networks.Simd;

/// <summary>C = f(init + A·B): where the operands lie, in floats, and the function at the end.</summary>
internal unsafe struct Product
{
    /// <summary>A(m,k) at <c>a[m·ARow + k·AStep]</c>: X·W has steps of 1, Xᵀ·dY rows of 1.</summary>
    public nint ARow, AStep;

    /// <summary>From one row of B to the next; rows are whole vectors.</summary>
    public nint BStep;

    /// <summary>From one row of C to the next.</summary>
    public nint CRow;

    /// <summary>From one row of the initial values to the next: 0 for a bias, <see cref="CRow"/> where C itself is added to.</summary>
    public nint InitRow;

    /// <summary>Terms of each sum.</summary>
    public nint Depth;

    /// <summary>f(x) = max(x, slope·x): 1 for the identity, 0 for ReLU, 0.01 for leaky ReLU.</summary>
    public float Slope;
}
