using Guance.Billing.Platform.Jobs;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using MimeKit;
using Npgsql;

namespace Guance.Billing.Platform.Mail;

/// <summary>
/// Sends what the mailbox took: by SMTP (<c>Mail__Smtp__Host</c>, <c>__Port</c>, <c>__Username</c>, <c>__Password</c>,
/// <c>__From</c>), or into a folder (<c>Mail__PickupDirectory</c>). A mail goes out at least once; its Message-Id is its id, so a
/// second copy after a crash can be told. Outside development the text is forgotten once it is sent: it may hold a code.
/// </summary>
internal sealed class SendMailsJob(NpgsqlDataSource dataSource, IConfiguration configuration, Deployment deployment, TimeProvider clock) : ITickJob
{
    public const string Id = "platform:send-mails";
    private const int BatchSize = 50;

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
        var batch = new List<Mail>();
        await using (var claim = new NpgsqlCommand(
            $"select id, recipient, subject, text from platform.mail where sent_at is null order by queued_at limit {BatchSize} for update skip locked",
            connection, transaction))
        await using (var rows = await claim.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                batch.Add(new(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetString(3)));
            }
        }

        if (batch.Count == 0)
        {
            return 0;
        }

        await SendAsync(batch, ct);
        await using var mark = new NpgsqlCommand(
            "update platform.mail set sent_at = $2, text = case when $3 then text else '' end where id = any($1)", connection, transaction);
        mark.Parameters.Add(new() { Value = batch.Select(mail => mail.Id).ToArray() });
        mark.Parameters.Add(new() { Value = clock.GetUtcNow() });
        mark.Parameters.Add(new() { Value = deployment.IsDevelopment });
        await mark.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return batch.Count;
    }

    private async Task SendAsync(List<Mail> batch, CancellationToken ct)
    {
        var messages = batch.Select(Message);
        if (configuration["Mail:PickupDirectory"] is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            foreach (var message in messages)
            {
                await message.WriteToAsync(Path.Combine(folder, message.MessageId + ".eml"), ct);
            }

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

        foreach (var message in messages)
        {
            await client.SendAsync(message, ct);
        }

        await client.DisconnectAsync(quit: true, ct);
    }

    private MimeMessage Message(Mail mail)
    {
        var from = configuration["Mail:From"] ?? $"no-reply@{new Uri(deployment.PublicUrl).Host}";
        return new MimeMessage([new MailboxAddress("Guance", from)], [MailboxAddress.Parse(mail.To)], mail.Subject, new TextPart("plain") { Text = mail.Text })
        {
            MessageId = $"{mail.Id:N}@{deployment.Name}",
            Date = clock.GetUtcNow(),
        };
    }
}
