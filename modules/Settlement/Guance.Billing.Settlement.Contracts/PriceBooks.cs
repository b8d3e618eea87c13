namespace Guance.Billing.Settlement.Contracts;

/// <summary>
/// Publish a new version of the price book, whole or not at all; or see what publishing it would change. The content that holds already publishes nothing.
/// </summary>
/// <remarks>Refusals: <c>price-book-invalid</c>, <c>price-removed</c>, <c>price-changes-closed-day</c>, <c>price-book-moved-on</c>.</remarks>
/// <param name="Csv">The whole book.</param>
/// <param name="By">Who publishes.</param>
/// <param name="Preview">Change nothing.</param>
/// <param name="OnlyFirst">Only if there is no version yet: the default book.</param>
/// <param name="After">Only while this is the newest version, so that what was previewed is what happens; null for whichever it is.</param>
public sealed record PublishPriceBook(string Csv, string By, bool Preview, bool OnlyFirst = false, int? After = null) : ICommand<PriceBookPublished>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct? Act => Preview || OnlyFirst ? null : new(By, "publish-price-book", "price-book");
}

/// <summary>What publishing did, or would do.</summary>
/// <param name="Version">The version that holds afterwards.</param>
/// <param name="Published">Whether it is new.</param>
/// <param name="Preview">Nothing was changed.</param>
/// <param name="Added">Prices that are new.</param>
/// <param name="Changed">Prices with what they were and are.</param>
/// <param name="Removed">Prices that are no more.</param>
public sealed record PriceBookPublished(
    int Version, bool Published, bool Preview, IReadOnlyList<PriceView> Added, IReadOnlyList<PriceChangeView> Changed, IReadOnlyList<PriceView> Removed);

/// <summary>A price that changes.</summary>
/// <param name="Old">What it was.</param>
/// <param name="New">What it is.</param>
public sealed record PriceChangeView(PriceView Old, PriceView New);

/// <summary>A price.</summary>
/// <param name="Item">The item's code.</param>
/// <param name="Aggregation"><c>sum</c> or <c>max</c>.</param>
/// <param name="Unit">Of what is counted.</param>
/// <param name="UnitQuantity">For how many units it is the price of a day.</param>
/// <param name="RetentionDays">Of usage that is kept so long; null where it has one price.</param>
/// <param name="Currency">Its currency.</param>
/// <param name="Region">The region of the sites for which it holds.</param>
/// <param name="Price">The price.</param>
/// <param name="EffectiveFrom">The first billing day for which it holds.</param>
public sealed record PriceView(
    string Item, string Aggregation, string Unit, decimal UnitQuantity, int? RetentionDays, string Currency, string Region, Money Price, DateOnly EffectiveFrom);

/// <summary>The price book that holds, or a version of it.</summary>
/// <remarks>Refusals: <c>price-book-version-unknown</c>.</remarks>
/// <param name="Version">Null for the newest.</param>
public sealed record GetPriceBook(int? Version) : IQuery<PriceBookView>;

/// <summary>A version of the price book.</summary>
/// <param name="Version">Its number, from 1.</param>
/// <param name="PublishedAt">Since when it holds.</param>
/// <param name="PublishedBy">Who published it.</param>
/// <param name="Prices">All prices.</param>
/// <param name="Csv">The same as CSV, in the form in which it is published.</param>
public sealed record PriceBookView(int Version, DateTimeOffset PublishedAt, string PublishedBy, IReadOnlyList<PriceView> Prices, string Csv);

/// <summary>The versions of the price book, newest first.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>.</remarks>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The last version of the page before; null for the first page.</param>
public sealed record ListPriceBookVersions(int Limit, int? Cursor) : IQuery<Page<PriceBookVersion>>;

/// <summary>A published version of the price book.</summary>
/// <param name="Version">Its number, from 1.</param>
/// <param name="PublishedAt">Since when it holds.</param>
/// <param name="PublishedBy">Who published it.</param>
public sealed record PriceBookVersion(int Version, DateTimeOffset PublishedAt, string PublishedBy);
