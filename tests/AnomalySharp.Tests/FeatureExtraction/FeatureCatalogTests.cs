using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.FeatureExtraction;

namespace AnomalySharp.Tests.FeatureExtraction;

public class FeatureCatalogTests
{
    [Fact]
    public void The_number_after_the_colon_is_the_size_of_the_code_and_brackets_hold_options()
    {
        AutoencoderOptions options = Assert.IsType<AutoencoderOptions>(FeatureCatalog.Parse(" autoencoder:5 [epochs=7; hidden=9,4]"));
        Assert.Equal((5, 7), (options.Latent, options.Epochs));
        Assert.Equal([9, 4], options.Hidden!);
        Assert.Equal(new AutoencoderOptions(), FeatureCatalog.Parse("autoencoder"));
    }

    [Fact]
    public void A_plus_joins_where_an_extractor_follows_and_nowhere_else()
    {
        CombinedFeatureOptions both = Assert.IsType<CombinedFeatureOptions>(FeatureCatalog.Parse("autoencoder:2 + sparse-autoencoder[latent=9]+autoencoder"));
        Assert.Equal([2, 9, null], both.Parts.Select(part => ((ReconstructionOptions)part).Latent));
        // Not the name of an extractor, but the start of it.
        Assert.Contains("'2+auto'", Assert.Throws<OptionException>(() => FeatureCatalog.Parse("autoencoder:2+auto")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("autoencode", "no features 'autoencode'")]
    [InlineData("autoencoder:wide", "not 'wide'")]
    [InlineData("autoencoder:0", "Option 'latent' is 0; allowed: integer, 1 to 65536")]
    [InlineData("autoencoder[epoch=3]", "Unknown option 'epoch'")]
    [InlineData("autoencoder[epochs]", "key=value separated by ';', not 'epochs'")]
    [InlineData("", "no features ''")]
    public void What_makes_no_sense_is_refused(string text, string words) =>
        Assert.Contains(words, Assert.Throws<OptionException>(() => FeatureCatalog.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_come_back_from_how_a_model_file_has_them()
    {
        IFeatureOptions one = FeatureCatalog.Parse("autoencoder:4[epochs=3]");
        Assert.Equal(one, FeatureCatalog.Restore(FeatureCatalog.Store(one)));
        CombinedFeatureOptions two = (CombinedFeatureOptions)FeatureCatalog.Parse("autoencoder:4+variational-autoencoder");
        Assert.Equal(two.Parts, ((CombinedFeatureOptions)FeatureCatalog.Restore(FeatureCatalog.Store(two))).Parts);
        Assert.Throws<ModelFileException>(() => FeatureCatalog.Restore([]));
        Assert.Throws<ModelFileException>(() => FeatureCatalog.Restore([FeatureCatalog.Store(one)[0] with { Extractor = "oak" }]));
    }
}
