namespace AnomalySharp.Torch.Transformations;

/// <summary>
/// The transformations that a network learns to tell apart. Pictures that are no squares are not turned by odd quarters: they have half as many.
/// </summary>
public enum TransformationSet
{
    /// <summary>The four rotations by quarters of a turn: K = 4.</summary>
    Rotations,

    /// <summary>Rotations of the picture and of its mirror image: K = 8.</summary>
    FlipsAndRotations,

    /// <summary>Rotations of the picture as it is and moved by a quarter of its size to either side, up or down: K = 20.</summary>
    ShiftsAndRotations,

    /// <summary>
    /// All of GEOM, which E³Outlier calls regular affine: flipped or not × moved by −¼, 0 or ¼ of the width × likewise of the height × four
    /// rotations, in this order: K = 72. The papers move 32×32 pictures by 8 pixels, and 64×64 ones by 16.
    /// </summary>
    RegularAffine,

    /// <summary>
    /// The same and E³Outlier's irregular affine ones: rotations by 30°, 60°, 120°, … of the picture and of its mirror image: K = 88.
    /// </summary>
    IrregularAffine,

    /// <summary>The same and the 23 other orders of the four quarters of a picture: K = 111, the default set of E³Outlier.</summary>
    PatchRearranging,
}

/// <summary>Makes the transformations of a set for one size of pictures.</summary>
internal static class TransformationSets
{
    private const int IrregularStep = 30, RightAngle = 90, Turn = 360;

    private static readonly bool[] Flips = [false, true];

    /// <summary>The transformations; the first one is the identity.</summary>
    /// <exception cref="DataException">The pictures cannot be cut into quarters, and the set asks for that.</exception>
    public static IReadOnlyList<PictureTransformation> Create(this TransformationSet set, int height, int width) => set switch
    {
        TransformationSet.Rotations => Affine(height, width, [false], [(0, 0)]),
        TransformationSet.FlipsAndRotations => Affine(height, width, Flips, [(0, 0)]),
        TransformationSet.ShiftsAndRotations => Affine(height, width, [false], [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]),
        TransformationSet.RegularAffine => Regular(height, width),
        TransformationSet.IrregularAffine => [.. Regular(height, width), .. Irregular(height, width)],
        TransformationSet.PatchRearranging => [.. Regular(height, width), .. Irregular(height, width), .. Patches(height, width)],
        _ => throw new OptionException($"Unknown set of transformations '{set}'."),
    };

    private static IReadOnlyList<PictureTransformation> Regular(int height, int width)
    {
        int[] steps = [0, -1, 1];
        return Affine(height, width, Flips, [.. from up in steps from left in steps select (up, left)]);
    }

    /// <summary>Flip, then translation in quarters of the size, then rotation.</summary>
    private static IReadOnlyList<PictureTransformation> Affine(int height, int width, bool[] flips, (int Up, int Left)[] steps)
    {
        int down = Math.Max(1, height / 4), across = Math.Max(1, width / 4);
        return
        [
            .. from flip in flips
               from step in steps
               from quarters in Enumerable.Range(0, 4)
               where height == width || quarters % 2 == 0
               select Flipped(height, width, flip)
                   .Then(PictureTransformation.Translate(height, width, step.Up * down, step.Left * across))
                   .Then(PictureTransformation.RotateQuarters(height, width, quarters)),
        ];
    }

    private static IEnumerable<PictureTransformation> Irregular(int height, int width) =>
        from flip in Flips
        from step in Enumerable.Range(0, Turn / IrregularStep)
        where step * IrregularStep % RightAngle != 0
        select Flipped(height, width, flip).Then(PictureTransformation.Rotate(height, width, step * IrregularStep));

    private static IEnumerable<PictureTransformation> Patches(int height, int width)
    {
        if (height % 2 != 0 || width % 2 != 0)
        {
            throw new DataException(
                $"Pictures of {width}x{height} have no four equal patches: choose other transformations, or pictures of even extents.");
        }
        return Orders([0, 1, 2, 3]).Skip(1).Select(order => PictureTransformation.Rearrange(height, width, order));
    }

    /// <summary>All orders of the items, rising.</summary>
    private static IEnumerable<int[]> Orders(int[] items) => items.Length == 0
        ? [[]]
        : items.SelectMany(first => Orders([.. items.Where(item => item != first)]).Select(rest => (int[])[first, .. rest]));

    private static PictureTransformation Flipped(int height, int width, bool flip) =>
        flip ? PictureTransformation.Flip(height, width) : PictureTransformation.Identity(height, width);
}
