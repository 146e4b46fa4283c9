using System.Diagnostics;
using System.Globalization;

namespace AnomalySharp.Cli.Output;

/// <summary>Progress for files and pipes: a line when two seconds have passed.</summary>
internal sealed class ProgressLines(string what, Action<string> write) : IProgress<FitProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private TimeSpan _last;

    public void Report(FitProgress value)
    {
        lock (_gate)
        {
            TimeSpan now = _clock.Elapsed;
            if (now - _last < Pause) return;
            _last = now;
            write(Describe(value, now));
        }
    }

    private string Describe(FitProgress value, TimeSpan elapsed)
    {
        string loss = value.Loss is double number ? $", loss {number.ToString("G4", CultureInfo.InvariantCulture)}" : "";
        foreach ((string name, double measure) in value.Measures ?? new Dictionary<string, double>())
        {
            loss += string.Create(CultureInfo.InvariantCulture, $", {name} {measure:G3}");
        }
        if (value.Total <= 0 || value.Done <= 0) return $"{what}: {value.Phase} {value.Done.ToString(CultureInfo.InvariantCulture)}{loss}";
        double left = elapsed.TotalSeconds / value.Done * (value.Total - value.Done);
        return string.Create(CultureInfo.InvariantCulture,
            $"{what}: {value.Phase} {value.Done} of {value.Total}{loss}, about {Math.Ceiling(left)} s left");
    }
}
