using AnomalySharp.Data.Images;
using AnomalySharp.Data.Video;

namespace AnomalySharp.Data.Tests;

/// <summary>Runs alone: the PATH is that of the whole process.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class ChangesPath;

[Collection<ChangesPath>]
public class VideoReaderTests : TemporaryFolder
{
    private static readonly ReadOptions Raw = new() { Frame = (2, 1, null) };

    [Fact]
    public void Raw_frames_are_grey_from_0_to_1_and_called_by_their_number()
    {
        Dataset data = Read(Write("camera.u8.gz", [0, 51, 102, 255]), Raw);
        Assert.Equal(new SampleShape(1, 1, 2), data.Samples!.Shape);
        Assert.Equal([0f, 0.2f, 0.4f, 1f], data.Samples.Values.ToArray().Select(value => MathF.Round(value, 5)));
        Assert.Equal("1", data.Samples.RowName(1));
        Assert.Equal(["camera.u8.gz", "camera.u8.gz"], data.Series!);
    }

    [Fact]
    public void Raw_frames_of_three_channels_are_red_green_and_blue_of_each_pixel()
    {
        Samples frames = Read(Write("camera.raw", [255, 0, 51, 0, 255, 102]), new ReadOptions { Frame = (2, 1, 3) }).Samples!;
        Assert.Equal(new SampleShape(3, 1, 2), frames.Shape);
        Assert.Equal([1f, 0f, 0f, 1f, 0.2f, 0.4f], frames[0].ToArray().Select(value => MathF.Round(value, 5)));
    }

    [Fact]
    public void A_folder_of_raw_files_is_several_videos_in_the_order_of_their_numbers()
    {
        foreach (int hour in (int[])[10, 9]) Write($"hour{hour}.gz", [(byte)hour, 0, 0, 0]);
        Write("notes.txt", "no video");
        Dataset data = Read(Folder, Raw);
        Assert.Equal(["hour9.gz", "hour9.gz", "hour10.gz", "hour10.gz"], data.Series!);
        Assert.Equal("hour10.gz/1", data.Samples!.RowName(3));
        Assert.Equal([9, 10], Enumerable.Range(0, 2).Select(video => (int)MathF.Round(data.Samples[2 * video][0] * 255)));
    }

    [Fact]
    public void Bytes_that_are_no_whole_number_of_frames_are_refused() =>
        AssertRefused(Write("camera.gz", [1, 2, 3]), Raw, "camera.gz", "3 bytes", "2x1x1 has 2", "--frame");

    [Fact]
    public void Labels_come_from_a_file_line_by_line_with_or_without_a_heading()
    {
        string video = Write("camera.gz", [0, 0, 9, 9, 0, 0]);
        foreach (string text in (string[])["0\n1\n0\n", "anomaly\n0\n1\n0", "\"no\"\r\n\"yes\"\r\n\"no\"\r\n"])
        {
            Assert.Equal([0, 1, 0], Read(video, Raw with { LabelsFile = Write("labels.csv", text) }).Labels!);
        }
        AssertRefused(video, Raw with { LabelsFile = Write("labels.csv", "0\n1\n") }, "labels.csv", "2 labels", "3 samples");
        // One too many, and the first no heading: dropping it would shift all others.
        AssertRefused(video, Raw with { LabelsFile = Write("labels.csv", "0\n1\n0\n0\n") }, "4 labels", "3 samples");
        AssertRefused(video, Raw with { LabelsFile = PathOf("none.csv") }, "none.csv");
        AssertRefused(video, Raw with { LabelColumn = "y" }, "no column 'y'", "--labels");
        AssertRefused(Write("table.csv", "a,b\n1,2\n"), new ReadOptions { LabelsFile = PathOf("labels.csv") }, "table.csv", "--label");
    }

    [Fact]
    public void Folders_of_frames_are_videos_and_frame10_comes_after_frame2()
    {
        foreach ((string name, float grey) in new[] { ("a/frame10.png", 1f), ("a/frame2.png", 0f), ("b/frame1.png", 1f) })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
            PictureWriter.Write(PathOf(name), new Samples(new[] { grey, grey }, new SampleShape(1, 1, 2)), 0);
        }
        Dataset data = Read(Folder);
        Assert.Equal(["a/frame2.png", "a/frame10.png", "b/frame1.png"], data.Samples!.RowNames!);
        Assert.Equal(["a", "a", "b"], data.Series!);
        PictureWriter.Write(PathOf("b/frame2.png"), new Samples(new float[1], new SampleShape(1, 1, 1)), 0);
        AssertRefused(Folder, null, "'a/frame2.png' is 2x1, 'b/frame2.png' 1x1");
        Assert.Equal(new SampleShape(1, 2, 4), Read(Folder, new ReadOptions { Frame = (4, 2, null) }).Samples!.Shape);
    }

    [Fact]
    public void A_video_file_is_decoded_by_ffmpeg_frame_by_frame()
    {
        string arguments = PathOf("arguments");
        Dataset data = WithFfmpeg(
            $"printf '%s\\n' \"$@\" > '{arguments}'\nprintf 'P6\\n2 1\\n255\\n\\377\\377\\377\\0\\0\\0'\nprintf 'P6\\n2 1\\n255\\n\\0\\0\\0\\063\\063\\063'",
            () => Read(Write("clip.mp4", "a video"), new ReadOptions { Frame = (2, 1, null), FramesPerSecond = 2.5 }));
        // All frames are grey.
        Assert.Equal(new SampleShape(1, 1, 2), data.Samples!.Shape);
        Assert.Equal([1f, 0f, 0f, 0.2f], data.Samples.Values.ToArray().Select(value => MathF.Round(value, 5)));
        string[] given = File.ReadAllLines(arguments);
        Assert.Equal(PathOf("clip.mp4"), given[Array.IndexOf(given, "-i") + 1]);
        Assert.Equal("fps=2.5,scale=2:1", given[Array.IndexOf(given, "-vf") + 1]);
    }

    [Fact]
    public void What_ffmpeg_says_last_is_in_the_error()
    {
        string video = Write("clip.mkv", "no video");
        WithFfmpeg("echo first >&2; echo 'moov atom not found' >&2; exit 1", () => Refused(video, "clip.mkv", "moov atom not found"));
        WithFfmpeg("exit 0", () => Refused(video, "clip.mkv", "ffmpeg cannot read"));
        WithFfmpeg("printf 'P6\\n2 1\\n255\\n\\0'", () => Refused(video, "clip.mkv", "cut off"));
        WithFfmpeg("printf 'P5\\n2 1\\n255\\n\\1\\1P5\\n1 1\\n255\\n\\1'", () => Refused(video, "'clip.mkv/0' is 2x1, 'clip.mkv/1' 1x1", "--frame"));
    }

    [Fact]
    public void A_missing_ffmpeg_is_named_with_how_to_get_it() =>
        WithPath(Folder, () => Refused(Write("clip.webm", "a video"), "clip.webm", "ffmpeg", "not on the PATH", "apt install ffmpeg"));

    [Fact]
    public void Where_there_is_an_ffmpeg_it_makes_and_reads_a_video()
    {
        Assert.SkipUnless(Ffmpeg.Find() is not null, "There is no ffmpeg on the PATH.");
        using System.Diagnostics.Process made = System.Diagnostics.Process.Start(
            Ffmpeg.Find()!, ["-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=64x32:rate=5:duration=2", PathOf("made.mkv")]);
        made.WaitForExit();
        Dataset data = Read(PathOf("made.mkv"), new ReadOptions { Frame = (16, 8, null) });
        Assert.Equal((10, "3×8×16"), (data.Count, data.Samples!.Shape.ToString()));
    }

    private static bool Refused(string path, params string[] parts)
    {
        AssertRefused(path, null, parts);
        return true;
    }

    /// <summary>With a program on the PATH that stands for ffmpeg.</summary>
    private T WithFfmpeg<T>(string script, Func<T> run)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program that stands for ffmpeg is a shell script.");
        string program = Write("bin/ffmpeg", $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return WithPath(PathOf("bin"), run);
    }

    private static T WithPath<T>(string path, Func<T> run)
    {
        string? before = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", path);
        try
        {
            return run();
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", before);
        }
    }
}
