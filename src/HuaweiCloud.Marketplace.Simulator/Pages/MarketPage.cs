using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace HuaweiCloud.Marketplace.Simulator.Pages;

/// <summary>A page of the market, drawn by the server: what changes something is a form that goes to <see cref="Forms"/>.</summary>
public abstract class MarketPage : ComponentBase
{
    [CascadingParameter]
    private protected HttpContext Http { get; set; } = null!;

    [Inject]
    private protected Market Market { get; set; } = null!;

    [Inject]
    private protected SimulatorOptions Options { get; set; } = null!;

    private protected MarketWords Words => MarketWords.Of(Http.Request);

    /// <summary>The account that this browser buys with.</summary>
    private protected MarketAccount? Account => MarketAccount.Of(Http.Request);

    /// <summary>What went wrong with the form before and what to do.</summary>
    private protected string? Problem => Http.Request.Query["problem"] is [{ Length: > 0 } code] ? Words.Problem(code) : null;

    /// <summary>What this browser's account bought by this order line or as this instance; null: nothing of the kind.</summary>
    private protected InstanceView? Bought(string id) => Account is { } account ? Market.FindInstance(id, account.CustomerId) : null;

    /// <summary>A moment in the market's zone.</summary>
    private protected static string Time(DateTimeOffset? at) =>
        at is { } time ? time.ToOffset(WireTime.MarketOffset).ToString("yyyy-MM-dd HH:mm:ss 'UTC+8'", CultureInfo.InvariantCulture) : "";
}
