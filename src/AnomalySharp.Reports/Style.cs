namespace AnomalySharp.Reports;

/// <summary>The style sheet. Colours are variables, so that the dark page and the charts need no second version.</summary>
internal static class Style
{
    public static Html Sheet { get; } = new("""

        :root {
          color-scheme: light dark;
          --page: #f6f7f9; --card: #ffffff; --ink: #1b2430; --muted: #5b6776; --line: #dfe3e8; --grid: #e9ecf0;
          --accent: #2f6db5; --accent-soft: #dbe7f5; --alert: #c8452f; --alert-soft: #fbe6e1; --second: #b07d10;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #12161c; --card: #1a2029; --ink: #e4e9ef; --muted: #98a4b3; --line: #2e3743; --grid: #28303b;
            --accent: #6ea8e6; --accent-soft: #22364d; --alert: #f0806a; --alert-soft: #42241f; --second: #dcae4c;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--page); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
          -webkit-text-size-adjust: 100%;
        }
        main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 8px; }
        footer { max-width: 1080px; margin: 0 auto; padding: 0 24px 40px; color: var(--muted); font-size: 13px; }
        h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
        h2 { font-size: 17px; margin: 0 0 4px; }
        h3 { font-size: 14px; margin: 0 0 8px; }
        p { margin: 0 0 12px; max-width: 78ch; }
        .lead { font-size: 17px; color: var(--muted); margin-bottom: 24px; }
        .lead strong { color: var(--ink); }
        p.hint { max-width: 100ch; }
        .hint { color: var(--muted); font-size: 13.5px; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px 24px 22px; margin: 0 0 20px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 0 20px; }
        .tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 18px; }
        .tile b { display: block; font-size: 25px; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
        .tile span { color: var(--muted); font-size: 13px; }
        .tile.alert b { color: var(--alert); }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th { text-align: left; font-weight: 600; color: var(--muted); font-size: 12.5px; padding: 6px 14px 6px 0; }
        th { border-bottom: 1px solid var(--line); }
        td { padding: 9px 14px 9px 0; border-bottom: 1px solid var(--grid); vertical-align: top; overflow-wrap: anywhere; }
        tr:last-child > td { border-bottom: 0; }
        th:last-child, td:last-child { padding-right: 0; }
        .number { text-align: right; white-space: nowrap; }
        .scroll { overflow-x: auto; }
        .pill { display: inline-block; border-radius: 99px; padding: 1px 9px; font-size: 12px; white-space: nowrap; }
        .pill { background: var(--grid); color: var(--muted); }
        .pill.alert { background: var(--alert-soft); color: var(--alert); }
        .bar { display: block; height: 7px; border-radius: 4px; background: var(--grid); overflow: hidden; }
        .bar i { display: block; height: 100%; border-radius: 4px; background: var(--accent); }
        .bar.alert i { background: var(--alert); }
        .reasons { min-width: 430px; }
        .reason { display: grid; grid-template-columns: minmax(0, 1fr) 78px 44px; gap: 2px 12px; align-items: center; padding: 1px 0; }
        .reason .hint { font-size: 13px; }
        .features { display: grid; grid-template-columns: minmax(90px, max-content) 1fr 52px; gap: 7px 14px; align-items: center; margin-top: 12px; }
        .features > span:first-child { overflow-wrap: anywhere; }
        .features .bar { height: 12px; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 20px 28px; }
        figure { margin: 12px 0 0; }
        figure svg { display: block; width: 100%; height: auto; }
        figure svg text { font-size: 12px; fill: var(--muted); font-variant-numeric: tabular-nums; }
        figure svg text.mark { fill: var(--alert); font-weight: 600; }
        .key { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--muted); margin-top: 6px; }
        .key i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
        .confusion { display: grid; grid-template-columns: max-content 1fr 1fr; gap: 6px; max-width: 460px; margin-top: 12px; text-align: center; }
        .confusion > span { color: var(--muted); font-size: 13px; align-self: center; }
        .confusion > span.side { text-align: right; padding-right: 8px; }
        .confusion > div { border-radius: 8px; padding: 12px 8px; background: var(--accent-soft); }
        .confusion > div.wrong { background: var(--alert-soft); }
        .confusion b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; }
        .confusion small { color: var(--muted); }
        .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(224px, 1fr)); gap: 18px 20px; margin-top: 14px; }
        .gallery.small { grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); }
        .shot { display: grid; grid-template-columns: 1fr 1fr; gap: 4px; }
        .small .shot { grid-template-columns: 1fr; }
        .gallery.wide { grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); }
        .wide .shot { grid-template-columns: 1fr 1fr 1fr; }
        .shot img { width: 100%; height: auto; display: block; border-radius: 4px; background: var(--grid); image-rendering: pixelated; }
        .shot img.smooth { image-rendering: auto; }
        .caption { font-size: 13px; margin-top: 5px; overflow-wrap: anywhere; }
        .strips { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 6px 14px; align-items: center; margin-top: 12px; }
        .strip { display: grid; grid-template-columns: repeat(8, minmax(0, 72px)); gap: 4px; }
        .strip img { width: 100%; height: auto; display: block; border-radius: 3px; image-rendering: pixelated; }
        .strip img.smooth { image-rendering: auto; }
        .facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 6px 20px; margin: 8px 0 0; }
        .facts dt { color: var(--muted); }
        .facts dd { margin: 0; overflow-wrap: anywhere; }
        ul { margin: 6px 0 0; padding-left: 20px; }
        code { font: 13px ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; }
        pre { background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: 10px 14px; margin: 6px 0 0; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; }
        .block { margin-top: 20px; }
        @media (max-width: 640px) {
          main { padding: 24px 12px 4px; }
          section { padding: 16px; }
          .reasons { min-width: 300px; }
          .name { min-width: 84px; }
          figure { overflow-x: auto; }
          figure svg { min-width: 560px; }
          .pair { grid-template-columns: 1fr; }
          .pair figure svg { min-width: 0; }
        }
        @media print {
          body { background: none; }
          section, .tile { break-inside: avoid; }
        }

        """);
}
