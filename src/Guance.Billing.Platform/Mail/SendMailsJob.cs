using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using MimeKit;
using Npgsql;

namespace Guance.Billing.Platform.Mail;

/// <summary>
/// Sends what the mailbox took: by SMTP (<c>Mail__Smtp__Host</c>, <c>__Port</c>, <c>__Username</c>, <c>__Password</c>; <c>Mail__From</c>),
/// or into a folder (<c>Mail__PickupDirectory</c>). A mail goes out at least once; its Message-Id is its id, so a second copy after a
/// crash can be told. Outside development the text is forgotten once it is sent or given up: it may hold a code.
/// <para>A mail that is refused, or whose address is none, holds no other back: it is tried again after ten minutes, then after twice as long
/// each time, and given up once it is three days old. A server that is away, or refuses the sender, fails the run: what it had not taken waits.</para>
/// </summary>
internal sealed partial class SendMailsJob(
    NpgsqlDataSource dataSource, IConfiguration configuration, Deployment deployment, TimeProvider clock, ILogger<SendMailsJob> log) : ITickJob
{
    public const string Id = "platform:send-mails";
    private const int BatchSize = 50;
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromDays(3);

    public async Task RunAsync(CancellationToken ct)
    {
        while (await SendBatchAsync(ct) == BatchSize)
        {
        }
    }

    private async Task<int> SendBatchAsync(CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        IReadOnlyList<Mail> batch;
        await using (var claim = transaction.Command(
            $"select id, recipient, subject, text from platform.mail where sent_at is null and due_at <= $1 order by queued_at limit {BatchSize} for update skip locked",
            clock.GetUtcNow()))
        {
            batch = await claim.ReadAsync(row => new Mail(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3)), ct);
        }

        if (batch.Count == 0)
        {
            return 0;
        }

        var sent = new List<Guid>(BatchSize);
        var refused = new List<Guid>();
        try
        {
            await SendAsync(batch, sent, refused, ct);
        }
        finally
        {
            // What has gone out is not to go out again because of what has not.
            await MarkAsync(transaction, sent, refused);
            await transaction.CommitAsync(CancellationToken.None);
        }

        return batch.Count;
    }

    private async Task MarkAsync(NpgsqlTransaction transaction, List<Guid> sent, List<Guid> refused)
    {
        var now = clock.GetUtcNow();
        await using var markSent = transaction.Command(
            "update platform.mail set sent_at = $2, text = case when $3 then text else '' end where id = any($1)", sent, now, deployment.IsDevelopment);
        await markSent.ExecuteNonQueryAsync(CancellationToken.None);
        await using var markRefused = transaction.Command(
            """
            update platform.mail set
                refusals = refusals + 1,
                due_at = case when queued_at < $3 then 'infinity' else $2 + interval '10 minutes' * 2 ^ refusals end,
                text = case when $4 or queued_at >= $3 then text else '' end
            where id = any($1)
            """,
            refused, now, now - GivenUpAfter, deployment.IsDevelopment);
        await markRefused.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task SendAsync(IReadOnlyList<Mail> batch, List<Guid> sent, List<Guid> refused, CancellationToken ct)
    {
        if (configuration["Mail:PickupDirectory"] is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            await SendEachAsync(batch, message => message.WriteToAsync(Path.Combine(folder, message.MessageId + ".eml"), ct), sent, refused);
            return;
        }

        var smtp = configuration.GetSection("Mail:Smtp");
        var host = smtp["Host"] ?? throw new InvalidOperationException("Set Mail__Smtp__Host, or Mail__PickupDirectory: mails cannot be sent.");
        using var client = new SmtpClient();
        await client.ConnectAsync(host, smtp.GetValue("Port", 587), SecureSocketOptions.StartTlsWhenAvailable, ct);
        if (smtp["Username"] is { Length: > 0 } username)
        {
            await client.AuthenticateAsync(username, smtp["Password"] ?? "", ct);
        }

        await SendEachAsync(batch, message => client.SendAsync(message, ct), sent, refused);
        await client.DisconnectAsync(quit: true, ct);
    }

    private async Task SendEachAsync(IReadOnlyList<Mail> batch, Func<MimeMessage, Task> send, List<Guid> sent, List<Guid> refused)
    {
        // Before any mail is tried: a sender that is no address is no mail's fault, and fails the run.
        var from = new MailboxAddress("Guance", configuration["Mail:From"] ?? $"no-reply@{new Uri(deployment.PublicUrl).Host}");
        foreach (var mail in batch)
        {
            try
            {
                await send(Message(from, mail));
                sent.Add(mail.Id);
            }
            catch (Exception failure) when (IsOfThisMail(failure))
            {
                refused.Add(mail.Id);
                // Without the server's words, which name the address.
                LogRefused(mail.Id, failure is SmtpCommandException { StatusCode: var status } ? $"{(int)status} {status}" : "its address cannot be used");
            }
        }
    }

    /// <summary>No address; a name that the server cannot take; or this recipient, or this text, refused.</summary>
    private static bool IsOfThisMail(Exception failure) => failure is ParseException or NotSupportedException
        or SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted };

    [LoggerMessage(LogLevel.Warning, "Mail {Id} was refused: {Why}. It is tried again later, for three days")]
    private partial void LogRefused(Guid id, string why);

    private MimeMessage Message(MailboxAddress from, Mail mail) =>
        new([from], [MailboxAddress.Parse(mail.To)], mail.Subject, new TextPart("plain") { Text = mail.Text })
        {
            MessageId = $"{mail.Id:N}@{deployment.Name}",
            Date = clock.GetUtcNow(),
        };
}
