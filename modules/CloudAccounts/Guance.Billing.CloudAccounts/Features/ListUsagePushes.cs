using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.ReadModels;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
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

    public static UsagePush Read(NpgsqlDataReader row) => new(
        new(CloudProvider.Of(row.GetString(1)), row.GetString(2)), row.GetString(0), row.GetFieldValue<DateOnly>(3), row.GetFieldValue<DateTimeOffset>(4),
        row.GetFieldValue<DateTimeOffset>(5), row.GetDecimal(6),
        row.GetString(7) switch { "accepted" => UsagePushState.Accepted, "rejected" => UsagePushState.Rejected, _ => UsagePushState.Unanswered },
        row.TextOrNull(8), row.TextOrNull(9), row.GetFieldValue<DateTimeOffset>(10), row.ValueOrNull<DateTimeOffset>(11));
}

/// <summary>The records and what the market said of each, newest first.</summary>
internal static class ListUsagePushesEndpoint
{
    internal sealed record Answer(DateTimeOffset At, int Attempt, string SentAs, string Verdict, string? Code, string? Reason);

    internal sealed record Item(
        string MeteringSn, CloudProvider Provider, string InstanceId, DateOnly Day, DateTimeOffset BeginsAt, DateTimeOffset EndsAt, Money Amount, UsagePushState State,
        string? Code, string? Reason, DateTimeOffset PreparedAt, DateTimeOffset? AnsweredAt, int Attempts, DateTimeOffset? SentAt, DateTimeOffset? NextAttemptAt,
        IReadOnlyList<Answer> Answers);

    private sealed record Found(UsagePush Push, int Attempts, DateTimeOffset? SentAt, DateTimeOffset NextAttemptAt);

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/usage-pushes", async (
            NpgsqlDataSource dataSource, Deployment deployment, CancellationToken ct, string? instanceId = null, string? state = null, int limit = 50, string? cursor = null) =>
        {
            Paging.CheckLimit(limit);
            if (state is not (null or "unanswered" or "accepted" or "rejected"))
            {
                throw BillingRefusal.InvalidField("state", "state-invalid", "The state is 'unanswered', 'accepted' or 'rejected'.");
            }

            var before = Paging.Read(cursor);
            await using var find = dataSource.Command(
                $"""
                select {PushColumns.All}, attempts, sent_at, next_attempt_at from cloud_accounts.usage_push
                where ($1::text is null or instance_id = $1) and ($2::text is null or state = $2)
                    and ($3::timestamptz is null or (prepared_at, metering_sn) < ($3, $4))
                order by prepared_at desc, metering_sn desc limit $5
                """,
                [instanceId, state, before?.At, before?.Key, limit + 1]);
            var found = await find.ReadAsync(
                row => new Found(PushColumns.Read(row), row.GetInt32(12), row.ValueOrNull<DateTimeOffset>(13), row.GetFieldValue<DateTimeOffset>(14)), ct);
            var page = found.Take(limit).ToArray();
            var answers = await AnswersAsync(dataSource, [.. page.Select(item => item.Push.MeteringSn)], ct);
            return TypedResults.Ok(new Page<Item>(
                [.. page.Select(item => Show(item, [.. answers[item.Push.MeteringSn]], deployment.Currency))],
                found.Count > limit ? Paging.Cursor(page[^1].Push.PreparedAt, page[^1].Push.MeteringSn) : null));
        })
        .ForClients(Scopes.Operator).Refuses("limit-invalid", "cursor-invalid", "state-invalid")
        .WithTags("Operator").WithSummary("Records pushed to the market with its answers, newest first");

    private static async Task<ILookup<string, Answer>> AnswersAsync(NpgsqlDataSource dataSource, string[] meteringSns, CancellationToken ct)
    {
        await using var find = dataSource.Command(
            "select metering_sn, at, attempt, sent_as, verdict, code, reason from cloud_accounts.usage_push_answer where metering_sn = any($1) order by id", [meteringSns]);
        var answers = await find.ReadAsync(
            row => (MeteringSn: row.GetString(0), Answer: new Answer(
                row.GetFieldValue<DateTimeOffset>(1), row.GetInt32(2), row.GetString(3), row.GetString(4), row.TextOrNull(5), row.TextOrNull(6))),
            ct);
        return answers.ToLookup(answer => answer.MeteringSn, answer => answer.Answer, StringComparer.Ordinal);
    }

    private static Item Show(Found item, IReadOnlyList<Answer> answers, Currency currency)
    {
        var push = item.Push;
        return new(
            push.MeteringSn, push.Instance.Provider, push.Instance.InstanceId, push.Day, push.BeginsAt, push.EndsAt, new(push.Amount, currency), push.State, push.Code,
            push.Reason, push.PreparedAt, push.AnsweredAt, item.Attempts, item.SentAt, push.State is UsagePushState.Unanswered ? item.NextAttemptAt : null, answers);
    }
}
