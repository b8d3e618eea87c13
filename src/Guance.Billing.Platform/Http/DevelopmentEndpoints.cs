using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Clock;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Mail;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Platform.Http;

/// <summary>What a developer, a demo or a test needs beside the product (surface); mapped in development only.</summary>
internal static class DevelopmentEndpoints
{
    private const int MailsMax = 100;
    private static readonly TimeSpan AdvanceMax = TimeSpan.FromDays(3660);

    public static void MapDevelopmentEndpoints(this IEndpointRouteBuilder endpoints)
    {
        var dev = endpoints.MapGroup("/dev").ForAnyone().ExcludeFromDescription();
        dev.MapGet("/mail", MailsAsync);
        dev.MapGet("/clock", (TimeProvider clock) => new ClockIs(clock.GetUtcNow()));
        dev.MapPost("/clock", async (MoveClock move, IClockMover mover, TimeProvider clock, CancellationToken ct) =>
        {
            if (move.Advance <= TimeSpan.Zero || move.Advance > AdvanceMax)
            {
                throw BillingRefusal.InvalidField("advance", "advance-invalid", "The clock moves forward only, ten years at once at most: say by how much, such as 14.00:00:00 for 14 days.");
            }

            await mover.AdvanceAsync(move.Advance, ct);
            return new ClockIs(clock.GetUtcNow());
        });
    }

    private static async Task<List<SentMail>> MailsAsync(string? to, Ticks ticks, NpgsqlDataSource dataSource, CancellationToken ct)
    {
        await ticks.RunNowAsync(SendMailsJob.Id, ct);
        await using var read = dataSource.CreateCommand(
            $"select recipient, subject, text, queued_at from platform.mail where $1::text is null or recipient = $1 order by queued_at desc, id desc limit {MailsMax}");
        read.Parameters.Add(new() { Value = (object?)to ?? DBNull.Value });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var mails = new List<SentMail>();
        while (await rows.ReadAsync(ct))
        {
            mails.Add(new(rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetFieldValue<DateTimeOffset>(3)));
        }

        return mails;
    }

    private sealed record MoveClock(TimeSpan Advance);

    private sealed record ClockIs(DateTimeOffset Now);

    private sealed record SentMail(string To, string Subject, string Text, DateTimeOffset At);
}

/// <summary>Moves the clock of this deployment alone.</summary>
internal sealed class OwnClockMover(WorldClock clock, ITicks ticks) : IClockMover
{
    public async Task AdvanceAsync(TimeSpan by, CancellationToken ct)
    {
        clock.Advance(by);
        await ticks.RunAllAsync(ct);
    }
}
