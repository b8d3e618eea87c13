using System.Net.Sockets;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Features;
using Guance.Billing.Platform.Jobs;
using HuaweiCloud.Marketplace;
using MediatR;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Guance.Billing.CloudAccounts.Jobs;

/// <summary>
/// Tells the market what subscriptions owe: keeps the records that are needed, sends those that are due outside of any transaction, notes the
/// answers. Cut off anywhere, the next run goes on: a record that may have been sent is sent again as it was.
/// </summary>
internal sealed class PushUsageJob(
    IMediator mediator, HuaweiMarketplaceClient market, IOptionsMonitor<HuaweiMarketplaceOptions> options, TimeProvider clock, ILogger<PushUsageJob> log) : ITickJob
{
    public const string Id = "cloud-accounts:push-usage";

    public async Task RunAsync(CancellationToken ct)
    {
        // Ends: each batch begins after the one before.
        for (var after = ""; after is not null;)
        {
            after = await mediator.Send(new PrepareUsagePushes(after), ct);
        }

        // Ends: what was taken is due later than this instant. It includes the records that were just kept.
        var due = clock.GetUtcNow();
        while (await mediator.Send(new TakeUsagePushes(due, options.CurrentValue.Usage.BatchSize), ct) is { Count: > 0 } batch)
        {
            var answers = await SendAsync(batch, ct);
            await mediator.Send(new NoteUsageAnswers(answers), ct);
            if (answers.All(answer => answer.Verdict is PushVerdict.Unanswered))
            {
                // The market is away: the rest stays due, and does not wait for a time-out each.
                return;
            }
        }
    }

    /// <summary>What the market says of each record.</summary>
    private async Task<IReadOnlyList<UsageAnswer>> SendAsync(IReadOnlyList<TakenUsagePush> records, CancellationToken ct)
    {
        try
        {
            var receipt = await market.PushUsageAsync([.. records.Select(Record)], ct);
            return [.. records.Select(record => Judge(record, receipt.Abnormal, records))];
        }
        catch (MarketplaceApiException refused) when (IsAboutRecords(refused))
        {
            if (records.Count == 1)
            {
                log.LogWarning("The market refuses record {MeteringSn} of instance {InstanceId}: {Reason}", records[0].MeteringSn, records[0].InstanceId, refused.Message);
                return [Answer(records[0], PushVerdicts.Of(records[0].FurtherNumber, refused.Code ?? "refused"), refused.Code, refused.Message)];
            }

            // One of them is at fault; the others are not to wait for it.
            var half = records.Count / 2;
            return [.. await SendAsync([.. records.Take(half)], ct), .. await SendAsync([.. records.Skip(half)], ct)];
        }
        catch (MarketplaceApiException refused)
        {
            log.LogError("The market refuses pushes of usage: {Reason}", refused.Message);
            return [.. records.Select(record => Answer(record, PushVerdict.Unanswered, refused.Code, refused.Message))];
        }
        catch (Exception away) when (away is HttpRequestException or SocketException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            log.LogWarning("No answer to a push of {Count} records: {Reason}", records.Count, away.Message);
            return [.. records.Select(record => Answer(record, PushVerdict.Unanswered, null, away.Message))];
        }
    }

    /// <summary>Repeating helps nothing, and it is not that the market does not know or let us: something in the records is wrong (protocol §5.1).</summary>
    private static bool IsAboutRecords(MarketplaceApiException refused) => !refused.MayRetry && (int)refused.Status is not (401 or 403);

    private static UsageAnswer Judge(TakenUsagePush record, IReadOnlyList<AbnormalUsageRecord> abnormal, IReadOnlyList<TakenUsagePush> sent)
    {
        // How a refused record is named is not documented (protocol §5.2): while it may be this one or another, it is asked again.
        var refused = abnormal.FirstOrDefault(said => MayMean(said, record));
        return refused switch
        {
            null => Answer(record, PushVerdict.Accepted, null, null),
            _ when sent.Count(other => MayMean(refused, other)) == 1 =>
                Answer(record, PushVerdicts.Of(record.FurtherNumber, refused.Code ?? "rejected"), refused.Code, refused.Description),
            _ => Answer(record, PushVerdict.Unanswered, refused.Code, refused.Description ?? "The market refused a record without saying which."),
        };
    }

    private static bool MayMean(AbnormalUsageRecord said, TakenUsagePush record) => said.MeteringSn is { } meteringSn
        ? meteringSn == MeteringSn.OnWire(record.MeteringSn, record.FurtherNumber)
        : (said.InstanceId ?? record.InstanceId) == record.InstanceId;

    private static UsageAnswer Answer(TakenUsagePush record, PushVerdict verdict, string? code, string? reason) =>
        new(record.MeteringSn, record.FurtherNumber, record.Attempt, verdict, code, reason);

    private static UsageRecord Record(TakenUsagePush record) => new(
        record.InstanceId, MeteringSn.OnWire(record.MeteringSn, record.FurtherNumber), record.PreparedAt, record.BeginsAt, record.EndsAt, record.Amount);
}
