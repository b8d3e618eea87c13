using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.ReadModels;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Features;

internal sealed class ListUsagePushesHandler(NpgsqlDataSource dataSource) : IQueryHandler<ListUsagePushes, IReadOnlyList<UsagePush>>
{
    private const int CountMax = 100_000;

    public async Task<IReadOnlyList<UsagePush>> Handle(ListUsagePushes request, CancellationToken cancellationToken)
    {
        await using var find = dataSource.Command(
            $"""
            select {PushColumns.All} from cloud_accounts.usage_push
            where day between $1 and $2 and ($3::text is null or (provider = $3 and instance_id = $4))
            order by provider, instance_id, ends_at, begins_at limit {CountMax}
            """,
            [request.From, request.To, request.Instance?.Provider.Value, request.Instance?.InstanceId]);
        return await find.ReadAsync(PushColumns.Read, cancellationToken);
    }
}

internal static class PushColumns
{
    public const string All = "metering_sn, provider, instance_id, day, begins_at, ends_at, amount, state, code, reason, prepared_at, answered_at";

    public static string? Name(UsagePushState? state) => state switch
    {
        null => null,
        UsagePushState.Accepted => "accepted",
        UsagePushState.Rejected => "rejected",
        _ => "unanswered",
    };

    public static UsagePushState? State(string? name) => name switch
    {
        null => null,
        "accepted" => UsagePushState.Accepted,
        "rejected" => UsagePushState.Rejected,
        "unanswered" => UsagePushState.Unanswered,
        _ => throw BillingRefusal.InvalidField("state", "state-invalid", "The state is 'unanswered', 'accepted' or 'rejected'."),
    };

    public static UsagePush Read(NpgsqlDataReader row) => new(
        new(CloudProvider.Of(row.GetString(1)), row.GetString(2)), row.GetString(0), row.GetFieldValue<DateOnly>(3), row.GetFieldValue<DateTimeOffset>(4),
        row.GetFieldValue<DateTimeOffset>(5), row.GetDecimal(6),
        State(row.GetString(7))!.Value,
        row.TextOrNull(8), row.TextOrNull(9), row.GetFieldValue<DateTimeOffset>(10), row.ValueOrNull<DateTimeOffset>(11));
}

internal sealed class ListPushedRecordsHandler(NpgsqlDataSource dataSource, Deployment deployment) : IQueryHandler<ListPushedRecords, Page<PushedRecord>>
{
    public async Task<Page<PushedRecord>> Handle(ListPushedRecords request, CancellationToken cancellationToken)
    {
        Paging.CheckLimit(request.Limit);
        var before = Paging.Read(request.Cursor);
        await using var find = dataSource.Command(
            $"""
            select {PushColumns.All}, attempts, sent_at, next_attempt_at from cloud_accounts.usage_push
            where ($1::text is null or instance_id = $1) and ($2::text is null or state = $2)
                and ($3::timestamptz is null or (prepared_at, metering_sn) < ($3, $4))
            order by prepared_at desc, metering_sn desc limit $5
            """,
            [request.InstanceId, PushColumns.Name(request.State), before?.At, before?.Key, request.Limit + 1]);
        var found = await find.ReadAsync(
            row => new Found(PushColumns.Read(row), row.GetInt32(12), row.ValueOrNull<DateTimeOffset>(13), row.GetFieldValue<DateTimeOffset>(14)), cancellationToken);
        var page = found.Take(request.Limit).ToArray();
        var answers = await AnswersAsync([.. page.Select(item => item.Push.MeteringSn)], cancellationToken);
        return new(
            [.. page.Select(item => Show(item, [.. answers[item.Push.MeteringSn]], deployment.Currency))],
            found.Count > request.Limit ? Paging.Cursor(page[^1].Push.PreparedAt, page[^1].Push.MeteringSn) : null);
    }

    private async Task<ILookup<string, PushAnswer>> AnswersAsync(string[] meteringSns, CancellationToken ct)
    {
        await using var find = dataSource.Command(
            "select metering_sn, at, attempt, sent_as, verdict, code, reason from cloud_accounts.usage_push_answer where metering_sn = any($1) order by id", [meteringSns]);
        var answers = await find.ReadAsync(
            row => (MeteringSn: row.GetString(0), Answer: new PushAnswer(
                row.GetFieldValue<DateTimeOffset>(1), row.GetInt32(2), row.GetString(3), row.GetString(4), row.TextOrNull(5), row.TextOrNull(6))),
            ct);
        return answers.ToLookup(answer => answer.MeteringSn, answer => answer.Answer, StringComparer.Ordinal);
    }

    private static PushedRecord Show(Found item, IReadOnlyList<PushAnswer> answers, Currency currency)
    {
        var push = item.Push;
        return new(
            push.MeteringSn, push.Instance.Provider, push.Instance.InstanceId, push.Day, push.BeginsAt, push.EndsAt, new(push.Amount, currency), push.State, push.Code,
            push.Reason, push.PreparedAt, push.AnsweredAt, item.Attempts, item.SentAt, push.State is UsagePushState.Unanswered ? item.NextAttemptAt : null, answers);
    }

    private sealed record Found(UsagePush Push, int Attempts, DateTimeOffset? SentAt, DateTimeOffset NextAttemptAt);
}

internal static class ListPushedRecordsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/usage-pushes", async (
            IRequestHandler<ListPushedRecords, Page<PushedRecord>> list, CancellationToken ct, string? instanceId = null, string? state = null, int limit = 50, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(instanceId, PushColumns.State(state), limit, cursor), ct)))
        .ForClients(Scopes.Operator).Refuses("limit-invalid", "cursor-invalid", "state-invalid")
        .WithTags("Operator").WithSummary("Records pushed to the market with its answers, newest first");
}
