using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Tables;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using MediatR;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>What the market said of a record, or that it said nothing.</summary>
/// <param name="Attempt">Which send it answers.</param>
internal sealed record UsageAnswer(string MeteringSn, int FurtherNumber, int Attempt, PushVerdict Verdict, string? Code, string? Reason);

/// <summary>
/// Note answers: each is kept, and a record that is still unanswered becomes what its answer says. An answer about a record that has its
/// verdict already, or about a serial number that is not the record's last, is kept and changes nothing, unless it says that it was taken.
/// </summary>
internal sealed record NoteUsageAnswers(IReadOnlyList<UsageAnswer> Answers) : ICommand;

internal sealed class NoteUsageAnswersHandler(UnitOfWork work, TimeProvider clock) : ICommandHandler<NoteUsageAnswers>
{
    public async Task<Unit> Handle(NoteUsageAnswers request, CancellationToken cancellationToken)
    {
        var answers = request.Answers;
        await UsageCharges.LockAsync(work, [.. answers.Select(answer => answer.MeteringSn)], cancellationToken);
        await using var note = work.Command(
            """
            with answer as (
                select * from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::text[], $6::text[], $7::text[])
                    as a (metering_sn, sent_as, further_number, attempt, verdict, code, reason)),
            kept as (
                insert into cloud_accounts.usage_push_answer (metering_sn, sent_as, attempt, at, verdict, code, reason)
                select metering_sn, sent_as, attempt, $8, verdict, code, reason from answer),
            judged as (
                update cloud_accounts.usage_push p set
                    state = case when a.verdict in ('accepted', 'rejected') then a.verdict else p.state end,
                    code = case when a.verdict = 'accepted' then null else a.code end,
                    reason = case when a.verdict = 'accepted' then null else a.reason end,
                    answered_at = case when a.verdict in ('accepted', 'rejected') then $8 end,
                    further_number = case when a.verdict = 'doubtful' then p.further_number + 1 else p.further_number end,
                    next_attempt_at = case when a.verdict = 'doubtful' and a.further_number = 0 then $8 else p.next_attempt_at end
                from answer a
                where p.metering_sn = a.metering_sn and p.state = 'unanswered' and (a.verdict = 'accepted' or a.further_number = p.further_number)
                returning p.provider, p.instance_id, p.amount, p.state, p.code, p.reason),
            change as (
                select provider, instance_id,
                    coalesce(sum(amount) filter (where state = 'accepted'), 0) as accepted, coalesce(sum(amount) filter (where state = 'rejected'), 0) as rejected,
                    max(code) filter (where state = 'rejected') as code, max(reason) filter (where state = 'rejected') as reason
                from judged where state <> 'unanswered' group by provider, instance_id)
            update cloud_accounts.usage_charge c set
                accepted = c.accepted + change.accepted,
                unanswered = c.unanswered - change.accepted - change.rejected,
                rejected = c.rejected + change.rejected,
                rejected_code = coalesce(change.code, c.rejected_code),
                rejected_reason = coalesce(change.reason, c.rejected_reason),
                rejections = case when change.rejected > 0 then c.rejections + 1 else 0 end,
                -- What is refused again and again is tried again less and less often: after a minute, at most two hours.
                hold_until = case when change.rejected > 0 then $8 + least(interval '2 hours', interval '1 minute' * power(2, least(c.rejections, 7))) end,
                hold_reason = case when change.rejected > 0 then 'rejected' end
            from change where c.provider = change.provider and c.instance_id = change.instance_id
            """,
            [
                answers.Select(answer => answer.MeteringSn).ToArray(),
                answers.Select(answer => MeteringSn.OnWire(answer.MeteringSn, answer.FurtherNumber)).ToArray(),
                answers.Select(answer => answer.FurtherNumber).ToArray(),
                answers.Select(answer => answer.Attempt).ToArray(),
                answers.Select(answer => NameOf(answer.Verdict)).ToArray(),
                answers.Select(answer => answer.Code).ToArray(),
                answers.Select(answer => answer.Reason).ToArray(),
                clock.GetUtcNow(),
            ]);
        await note.ExecuteNonQueryAsync(cancellationToken);
        return Unit.Value;
    }

    private static string NameOf(PushVerdict verdict) => verdict switch
    {
        PushVerdict.Accepted => "accepted",
        PushVerdict.Rejected => "rejected",
        PushVerdict.Doubtful => "doubtful",
        _ => "unanswered",
    };
}
