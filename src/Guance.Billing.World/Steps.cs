using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Guance.Billing.World;

/// <summary>What actors of a story do again and again, over HTTP only.</summary>
public static partial class Steps
{
    /// <summary>For stories in which parts are killed and cut off, too.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(3);

    /// <summary>Buys the product on the marketplace and waits until its instance runs and shows its application information.</summary>
    /// <returns>The instance as the marketplace shows it.</returns>
    public static async Task<JsonNode> BuyAsync(Person market, string email, string? customerId = null)
    {
        var order = await market.PostAsync("/sim/orders", new { product = "pay-per-use", customerId, customerName = "ACME", email });
        var orderId = Text(order, "orderId");
        return (await UntilAsync(
            "the instance runs and shows its application information",
            async () => Items(await market.GetAsync("/sim/instances")).FirstOrDefault(i => Text(i, "orderId") == orderId),
            found => found is not null && Text(found, "status") == "running" && found["applicationInformation"] is not null))!;
    }

    /// <summary>Basic information, the mailed code, company information; the console account exists afterwards.</summary>
    /// <returns>The registration's id.</returns>
    public static async Task<string> FirstTwoStepsAsync(Person site, string siteUrl, string username, string email, string billingAccount)
    {
        var registration = await site.PostAsync("/api/registrations", new { username, password = PasswordOf(username), email, billingAccount });
        var id = Text(registration, "id");
        var code = CodeIn(await MailAsync(siteUrl, email));
        await site.PostAsync($"/api/registrations/{id}/email-confirmation", new { code });
        await site.PutAsync($"/api/registrations/{id}/company", new { companyName = "ACME Ltd.", agreementsAccepted = true });
        return id;
    }

    /// <summary>Asks for the code by which a registration attaches an existing billing account, and reads it from that account's mail.</summary>
    public static async Task<string> BillingAccountCodeAsync(Person site, string billingCenterUrl, string registrationId, string billingUsername, string billingEmail)
    {
        var before = await NewestMailAsync(billingCenterUrl, billingEmail);
        await site.PostAsync($"/api/registrations/{registrationId}/billing-account-code", new { billingUsername });
        return CodeIn((await UntilAsync(
            "the code was mailed",
            () => NewestMailAsync(billingCenterUrl, billingEmail),
            newest => newest is not null && newest.ToJsonString() != before?.ToJsonString()))!);
    }

    /// <summary>Presses Activate and waits until the registration is active.</summary>
    /// <returns>What names <c>workspaceId</c> and <c>billingAccountId</c>.</returns>
    public static async Task<JsonNode> ActivateAsync(Person site, string registrationId, object activation)
    {
        var answer = await site.SendAsync(HttpMethod.Put, $"/api/registrations/{registrationId}/activation", activation);
        if (answer.Status is not HttpStatusCode.Accepted)
        {
            return answer.MustSucceed();
        }

        return await UntilAsync(
            "the registration is active",
            async () => await site.GetAsync($"/api/registrations/{registrationId}"),
            seen => seen["workspaceId"] is not null && seen["billingAccountId"] is not null);
    }

    /// <summary>The newest mail to an address whose subject holds the text; waits for it.</summary>
    public static async Task<JsonNode> MailAsync(string url, string to, string subjectContains = "")
    {
        using var reader = new Person(url, insists: true);
        return (await UntilAsync(
            $"a mail to {to} with '{subjectContains}' in its subject",
            async () => Items(await reader.GetAsync($"/dev/mail?to={Uri.EscapeDataString(to)}"))
                .FirstOrDefault(mail => Text(mail, "subject").Contains(subjectContains, StringComparison.OrdinalIgnoreCase)),
            mail => mail is not null))!;
    }

    /// <summary>Reads until what is read is as expected.</summary>
    /// <exception cref="TimeoutException">It is not within three minutes; says what was read last.</exception>
    public static async Task<T> UntilAsync<T>(string what, Func<Task<T>> read, Func<T, bool> holds)
    {
        var started = Stopwatch.GetTimestamp();
        for (var pauseMs = 20; ; pauseMs = Math.Min(pauseMs * 2, 300))
        {
            var seen = await read();
            if (holds(seen))
            {
                return seen;
            }

            if (Stopwatch.GetElapsedTime(started) > PatienceMax)
            {
                throw new TimeoutException($"Expected that {what}; after {PatienceMax.TotalSeconds:0} s it is {(seen as JsonNode)?.ToJsonString() ?? seen?.ToString()}.");
            }

            await Task.Delay(pauseMs);
        }
    }

    /// <summary>The six digits in a mail.</summary>
    public static string CodeIn(JsonNode mail) => SixDigits().Match(Text(mail, "text")) is { Success: true } found
        ? found.Value
        : throw new InvalidOperationException($"No code in the mail: {mail.ToJsonString()}");

    /// <summary>The password that an actor with the username chooses.</summary>
    public static string PasswordOf(string username) => $"Pw!{username}"[..Math.Min(32, username.Length + 3)];

    /// <summary>A member that must be there, as text.</summary>
    public static string Text(JsonNode json, string member) =>
        json[member]?.ToString() ?? throw new InvalidOperationException($"No '{member}' in {json.ToJsonString()}");

    /// <summary>The items of a list, bare or in pages.</summary>
    public static IEnumerable<JsonNode> Items(JsonNode json) => (json as JsonArray ?? json["items"]!.AsArray()).Select(item => item!);

    private static async Task<JsonNode?> NewestMailAsync(string url, string to)
    {
        using var reader = new Person(url, insists: true);
        return Items(await reader.GetAsync($"/dev/mail?to={Uri.EscapeDataString(to)}")).FirstOrDefault();
    }

    [GeneratedRegex(@"\b[0-9]{6}\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex SixDigits();
}
