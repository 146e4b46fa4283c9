using AnomalySharp.Reports.Sections;

namespace AnomalySharp.Reports;

/// <summary>The page: its sections in the order in which a reader asks. One that has nothing to say is empty.</summary>
internal static class Page
{
    public static Html Render(ReportView view) => Html.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
        <title>{view.Title} – anomalies</title>
        <style>{Style.Sheet}</style>
        </head>
        <body>
        <main>
        {Headline.Render(view)}
        {ScoreSection.Render(view)}
        {TimelineSection.Render(view)}
        {AnomalySection.Render(view)}
        {GallerySection.Render(view)}
        {DefectSection.Render(view)}
        {FeatureSection.Render(view)}
        {FindingSection.Render(view)}
        {MetricsSection.Render(view)}
        {TrainingSection.Render(view)}
        {DetailSection.Render(view)}
        </main>
        <footer>Made by AnomalySharp {view.Training.Version}</footer>
        </body>
        </html>

        """);
}
