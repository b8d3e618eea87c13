using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Npgsql;

namespace Guance.Billing.Platform.Mail;

/// <summary>A mail to be sent.</summary>
/// <param name="Id">Deterministic (<see cref="Ids.DeterministicGuid"/>): the same mail asked for twice is sent once.</param>
/// <param name="To">The address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain text.</param>
public sealed record Mail(Guid Id, string To, string Subject, string Text);

/// <summary>Takes mails in the command's transaction; they go out after it has committed.</summary>
public interface IMailbox
{
    /// <summary>Takes mails. One whose id is known already is not taken again.</summary>
    Task QueueAsync(IReadOnlyCollection<Mail> mails, CancellationToken ct);
}

internal sealed class Mailbox(UnitOfWork work, ITicks ticks, TimeProvider clock) : IMailbox
{
    public async Task QueueAsync(IReadOnlyCollection<Mail> mails, CancellationToken ct)
    {
        if (mails.Count == 0)
        {
            return;
        }

        await using var insert = new NpgsqlCommand(
            """
            insert into platform.mail (id, recipient, subject, text, queued_at)
            select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as mail (id, recipient, subject, text), (values ($5::timestamptz)) as at
            on conflict (id) do nothing
            """,
            work.Connection,
            work.Transaction);
        insert.Parameters.Add(new() { Value = mails.Select(mail => mail.Id).ToArray() });
        insert.Parameters.Add(new() { Value = mails.Select(mail => mail.To).ToArray() });
        insert.Parameters.Add(new() { Value = mails.Select(mail => mail.Subject).ToArray() });
        insert.Parameters.Add(new() { Value = mails.Select(mail => mail.Text).ToArray() });
        insert.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await insert.ExecuteNonQueryAsync(ct);
        work.AfterCommit(() => ticks.Poke(SendMailsJob.Id));
    }
}
