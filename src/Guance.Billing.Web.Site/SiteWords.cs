namespace Guance.Billing.Web.Site;

/// <summary>The words of a site's pages in one language.</summary>
/// <param name="Code"><c>en</c> or <c>zh</c>.</param>
internal sealed record SiteWords(string Code) : TwoLanguages(Code)
{
    private static readonly SiteWords En = new("en");
    private static readonly SiteWords Zh = new("zh");

    public static SiteWords Of(string language) => language == "zh" ? Zh : En;

    public string Guance => In("Guance", "观测云");
}
