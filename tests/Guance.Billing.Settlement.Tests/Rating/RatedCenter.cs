using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Sites;
using Guance.Billing.TestKit;
using Guance.Billing.Workspaces.Contracts;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Settlement.Tests.Rating;

/// <summary>
/// A Billing Center whose clock stands at the beginning of a billing day, <see cref="Day0"/>: what is told for it and for days after it comes in time, and
/// days are closed when the clock moves past them.
/// </summary>
internal sealed class RatedCenter : IAsyncDisposable
{
    public static readonly CloudLink Cloud = new(CloudProvider.HuaweiCloud, "0123456789abcdef0123456789abcdef", "inst-1");
    public const string Center = "billing-center";
    public const string CloudPayer = "huawei-cloud/inst-1";
    private int workspaces;
    private long tellings;

    private RatedCenter(TestDeployment deployment)
    {
        Deployment = deployment;
        Days = deployment.Services.GetRequiredService<BillingDays>();
        Day0 = Days.Of(deployment.Clock.GetUtcNow()).AddDays(1);
        // An hour into it, so that no midnight passes while a test runs.
        deployment.Clock.Advance(Days.Begin(Day0).AddHours(1) - deployment.Clock.GetUtcNow());
    }

    public TestDeployment Deployment { get; }

    public SettlementModule Module { get; } = new();

    public BillingDays Days { get; }

    public DateOnly Day0 { get; }

    public DateTimeOffset Begin => Days.Begin(Day0);

    public static async Task<RatedCenter> StartAsync(int batchSize = 2_000, Action<IServiceCollection>? services = null) => new(await TestDeployment.StartAsync(
        [new SettlementModule(), new Market()],
        settings: new Dictionary<string, string?> { ["Settlement:DayClose:BatchSize"] = $"{batchSize}", ["Deployment:Sites:cn4:Url"] = "http://127.0.0.1:1" },
        configureServices: all =>
        {
            all.AddSingleton<IFeeds>(new Feeds());
            services?.Invoke(all);
        }));

    public ValueTask DisposeAsync() => Deployment.DisposeAsync();

    /// <summary>A workspace that was bound at an instant (the beginning of day 0 unless told), and what happened to it since.</summary>
    public async Task<WorkspaceId> BindAsync(CloudLink? cloud = null, DateTimeOffset? at = null, SiteCode? site = null, BillingAccountId? account = null)
    {
        var number = $"{Interlocked.Increment(ref workspaces)}";
        var id = Ids.Deterministic<WorkspaceId>("rated", number);
        await using var session = Deployment.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        session.Events.StartStream<WorkspaceSettlement>(id.Value, new WorkspaceBound(
            id, site ?? BillingCenter.Cn4, account ?? Ids.Deterministic<BillingAccountId>("rated", number), $"Workspace {number}", "zh",
            cloud is null ? SettlementMethod.BillingCenter : SettlementMethod.Cloud(cloud.Provider), cloud, Ids.Deterministic<RegistrationId>("rated", number), at ?? Begin));
        await session.SaveChangesAsync();
        return id;
    }

    public async Task AppendAsync(WorkspaceId workspace, params object[] events)
    {
        await using var session = Deployment.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        session.Events.Append(workspace.Value, events);
        await session.SaveChangesAsync();
    }

    public Task ChangePayerAsync(WorkspaceId workspace, CloudLink? to, DateTimeOffset at) => AppendAsync(workspace, new WorkspaceMethodChanged(
        BillingCenter.Cn4, SettlementMethod.BillingCenter, to is null ? SettlementMethod.BillingCenter : SettlementMethod.Cloud(to.Provider), to, MethodChangeCause.User, "user:li", at));

    public UsageTotal Cell(WorkspaceId workspace, string item, int retention, decimal quantity, int day = 0, int hour = 2, DateTimeOffset? partFrom = null) =>
        new(workspace, item, retention, Days.Begin(Day0.AddDays(day)).AddHours(hour), partFrom ?? Days.Begin(Day0.AddDays(day)).AddHours(hour), quantity);

    public Task TellAsync(params UsageTotal[] totals) => Deployment.DeliverAsync(Module, Telling(totals));

    public UsageTotalsToldIntegrationEvent Telling(params UsageTotal[] totals)
    {
        var version = Interlocked.Increment(ref tellings);
        return new(Ids.DeterministicGuid("told", $"{version}"), version, Deployment.Clock.GetUtcNow(), BillingCenter.Cn4, totals);
    }

    /// <summary>Moves the clock past the day and closes it, as an operator who does not wait.</summary>
    public async Task CloseAsync(int day = 0)
    {
        if (Days.End(Day0.AddDays(day)).AddHours(1) - Deployment.Clock.GetUtcNow() is var ahead && ahead > TimeSpan.Zero)
        {
            Deployment.Clock.Advance(ahead);
        }

        // What was bound is known everywhere before the day is closed: else it is rated once more with the next one.
        await Deployment.CaughtUpAsync();
        using var client = await OperatorAsync();
        var (status, json) = await client.SendAsync(HttpMethod.Post, "/api/operator/settlement-runs", new { date = Day0.AddDays(day) });
        (status, (string?)json["state"]).ShouldBe((200, "completed"));
    }

    public async Task<IReadOnlyList<BilledLine>> LinesAsync(WorkspaceId? workspace = null, int? day = null)
    {
        await using var read = Deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            select day, workspace, line_no, item, retention_days, payer, adjusts_day, trim_scale(quantity), share_numerator, share_denominator, trim_scale(exact), trim_scale(carry_in), amount, trim_scale(carry_out)
            from settlement.bill_line where ($1::uuid is null or workspace = $1) and ($2::date is null or day = $2) order by day, workspace, line_no
            """);
        read.Parameters.Add(new() { Value = (object?)workspace?.Uuid() ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        read.Parameters.Add(new() { Value = day is { } one ? Day0.AddDays(one) : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Date });
        await using var rows = await read.ExecuteReaderAsync();
        var lines = new List<BilledLine>();
        while (await rows.ReadAsync())
        {
            lines.Add(new(
                rows.GetFieldValue<DateOnly>(0), ChargeIds.Workspace(rows.GetGuid(1)), rows.GetInt32(2), rows.GetString(3), rows.GetInt32(4), rows.GetString(5),
                rows.IsDBNull(6) ? null : rows.GetFieldValue<DateOnly>(6), rows.GetDecimal(7), rows.GetInt64(8), rows.GetInt64(9), rows.GetDecimal(10), rows.GetDecimal(11),
                rows.GetDecimal(12), rows.GetDecimal(13)));
        }

        return lines;
    }

    /// <summary>The first number that a query gives.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var read = Deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (T)(await read.ExecuteScalarAsync())!;
    }

    public async Task<HttpClient> OperatorAsync()
    {
        var client = Deployment.Browser();
        var answer = await client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "test-operator",
            ["client_secret"] = "test-operator-secret",
            ["scope"] = "billing.read billing.write operator",
        }));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!);
        return client;
    }

    public Task RunJobsAsync() => Deployment.Services.GetRequiredService<ITicks>().RunAllAsync(CancellationToken.None);
}

internal sealed record BilledLine(
    DateOnly Day, WorkspaceId Workspace, int Number, string Item, int RetentionDays, string Payer, DateOnly? AdjustsDay, decimal Quantity, long ShareNumerator, long ShareDenominator,
    decimal Exact, decimal CarryIn, decimal Amount, decimal CarryOut)
{
    public string Id => ChargeIds.Line(Day, Workspace.Uuid(), Number);
}
