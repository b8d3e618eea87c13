using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Mvc;

namespace HuaweiCloud.Marketplace.Simulator.Pages;

/// <summary>Moves the clock of everything that shares it, and answers when what fell due is done.</summary>
public delegate Task MoveClock(TimeSpan by, CancellationToken cancellationToken);

/// <summary>Where the pages' forms go. Each does what the control API does, and leads to the next page; a refusal leads back with its code.</summary>
internal static class Forms
{
    private static readonly TimeSpan MoveMax = TimeSpan.FromDays(400);
    private static readonly TimeSpan MoveShort = TimeSpan.FromSeconds(2);

    public static void Map(WebApplication app)
    {
        app.MapGet("/loaded/{version}/{file}", File);
        app.MapGet("/language/{code}", (string code, string? back, HttpResponse response) =>
        {
            response.Cookies.Append(MarketWords.CookieName, code == "zh" ? "zh" : "en", new() { HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true, MaxAge = TimeSpan.FromDays(365) });
            return Results.LocalRedirect(Own(back));
        });
        app.MapPost("/account", ([FromForm] string? customerId, [FromForm] string? name, [FromForm] string? email, [FromForm] string? back, Market market, HttpResponse response) => DoAsync(Own(back), $"/account?back={Uri.EscapeDataString(Own(back))}", () =>
        {
            var known = market.Orders().LastOrDefault(order => order.CustomerId == customerId);
            var account = known is not null ? new MarketAccount(known.CustomerId, known.CustomerName, known.Email) : MarketAccount.New(name?.Trim() ?? "", email?.Trim() ?? "");
            new OrderRequest("pay-per-use", account.CustomerId, account.Name, account.Email, null, null, null, null, null).ToProduct();
            account.Keep(response);
            return Task.CompletedTask;
        }));
        app.MapPost("/buy/{product}", Buy);
        app.MapPost("/purchased/{id}/close", (string id, IFormCollection _, Market market, SimulatorOptions options, HttpRequest request) =>
            DoAsync($"/purchased/{id}", $"/purchased/{id}", async () =>
            {
                if (MarketAccount.Of(request) is not { } account || market.FindInstance(id, account.CustomerId) is null)
                    throw Refusal.NotFound("instance-not-found", "This account bought nothing of the kind.");
                await FirstAnswerAsync(market.Close(id), options);
            }));
        app.MapPost("/seller/instances/{id}/{action}", (string id, string action, IFormCollection _, Market market, SimulatorOptions options) => DoAsync("/seller/instances", "/seller/instances", async () =>
            await FirstAnswerAsync(
                action switch
                {
                    "close" => market.Close(id),
                    "freeze" => market.Freeze(id),
                    "unfreeze" => market.Unfreeze(id),
                    "renew" => market.Renew(id, new(null, null)),
                    _ => throw Refusal.NotFound("action-unknown", $"There is no action '{action}'."),
                },
                options)));
        app.MapPost("/seller/test-calls", (IFormCollection _, Market market, SimulatorClockwork clockwork, CancellationToken cancel) => DoAsync("/seller", "/seller", async () =>
        {
            foreach (var call in market.MakeTestCalls())
                await clockwork.SendNowAsync(call, cancel);
        }));
        app.MapPost("/seller/faults", (IFormCollection form, Market market) => DoAsync("/seller/faults", "/seller/faults", () =>
        {
            market.SetFaults(FaultsOf(form));
            return Task.CompletedTask;
        }));
        app.MapPost("/seller/clock", (IFormCollection form, IServiceProvider services, ClockMoves moves) => DoAsync("/seller/clock", "/seller/clock", async () =>
        {
            if (!TimeSpan.TryParse(form["advance"], CultureInfo.InvariantCulture, out var by) || by <= TimeSpan.Zero || by > MoveMax)
                throw Refusal.BadRequest("span-invalid", "Give a span such as 1.00:00:00, up to 400 days.");
            // Whoever leaves the page does not stop it: half of what fell due would be done. A long one goes on beside the page, which follows it.
            var move = moves.Begin(by, services.GetService<MoveClock>() ?? throw Refusal.Conflict("clock-fixed", "This market follows the machine's clock."));
            await Task.WhenAny(move.Work, Task.Delay(MoveShort));
        }));
    }

    public static string Url(string file) => $"/loaded/{typeof(Forms).Assembly.ManifestModule.ModuleVersionId:N}/{file}";

    private static IResult File(string file, HttpResponse response)
    {
        if (file is not ("market.css" or "market.js") || Assembly.GetExecutingAssembly().GetManifestResourceStream(file) is not { } content)
            throw Refusal.NotFound("not-found", "There is no such file.");
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Stream(content, Path.GetExtension(file) is ".css" ? "text/css" : "text/javascript");
    }

    private static IResult Buy(string product, IFormCollection form, Market market, HttpRequest request)
    {
        if (MarketAccount.Of(request) is not { } account)
            return Results.LocalRedirect($"/account?back=/buy/{Uri.EscapeDataString(product)}");
        if (form["agreed"] != "yes")
            return Results.LocalRedirect($"/buy/{Uri.EscapeDataString(product)}?disagreed=yes");
        try
        {
            var order = market.PlaceOrder(new(
                product, account.CustomerId, account.Name, account.Email, product == "period" ? "month" : null, product == "period" ? Number(form, "months") : null, null,
                product == "prepaid-card" ? Number(form, "quantity") : null, null));
            return Results.LocalRedirect($"/submitted/{order.OrderId}");
        }
        catch (Refusal refusal)
        {
            return Results.LocalRedirect($"/buy/{Uri.EscapeDataString(product)}?problem={refusal.Code}");
        }
    }

    private static int? Number(IFormCollection form, string name) => int.TryParse(form[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static FaultsRequest FaultsOf(IFormCollection form)
    {
        if (form["reset"] == "yes")
            return new(null, null, null, null, null, null, null, null, null, null, null, null, Reset: true);
        // What the form holds is all there is: an empty field ends its fault.
        return new(
            Share("duplicate"), Share("reorder"), Whole("reorderMaxMs"), Share("loseAnswer"), Share("losePushAnswer"), Share("rejectRecords"),
            form["rejectCode"] is [{ Length: > 0 } code] ? code : null, form["hideAbnormal"] == "yes", form["refuseInstance"] is [{ Length: > 0 } instance] ? instance : null, form["down"] == "yes",
            Whole("delayMs"), Whole("seed"), Reset: true);

        double? Share(string name) => form[name] is not [{ Length: > 0 } given] ? null
            : double.TryParse(given, CultureInfo.InvariantCulture, out var percent) ? percent / 100
            : throw Refusal.BadRequest("fault-out-of-range", $"{name} is a share in percent: give a number from 0 to 100.");

        int? Whole(string name) => form[name] is not [{ Length: > 0 } given] ? null
            : int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw Refusal.BadRequest("fault-out-of-range", $"{name} is a whole number.");
    }

    private static async Task FirstAnswerAsync(Call call, SimulatorOptions options)
    {
        try
        {
            await call.FirstAnswer.Task.WaitAsync(options.ControlWait);
        }
        catch (TimeoutException)
        {
            // Queued: the page that follows shows what becomes of it.
        }
    }

    private static async Task<IResult> DoAsync(string next, string back, Func<Task> work)
    {
        try
        {
            await work();
            return Results.LocalRedirect(next);
        }
        catch (Refusal refusal)
        {
            return Results.LocalRedirect(With(back, refusal));
        }
    }

    private static string With(string path, Refusal refusal) => $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}problem={refusal.Code}";

    /// <summary>The page of this market that a form was sent from; null: it is no form, or comes from elsewhere.</summary>
    // Whether it is a form is asked of the header: a request whose token is wrong does not say that it has one.
    public static string? Before(HttpRequest request) => request.ContentType is "application/x-www-form-urlencoded"
        && Uri.TryCreate(request.Headers.Referer, UriKind.Absolute, out var page) && page.Authority == request.Host.Value ? Own(page.AbsolutePath) : null;

    private static string Own(string? path) => path is "/" or ['/', not ('/' or '\\'), ..] && !path.Any(char.IsControl) ? path : "/";
}
