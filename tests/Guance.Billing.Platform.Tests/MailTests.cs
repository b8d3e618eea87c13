using System.Collections.Concurrent;
using System.Globalization;
using Guance.Billing.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SmtpServer;
using SmtpServer.Mail;
using SmtpServer.Storage;

namespace Guance.Billing.Platform.Tests;

/// <summary>Outgoing mail at a real mail server.</summary>
public sealed class MailTests
{
    /// <summary>Whom a note of this id would be sent to: nobody.</summary>
    private const string NoAddress = "not an address <";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_that_is_refused_holds_no_other_back_and_goes_out_once_when_it_is_taken()
    {
        await using var server = new MailServer { Refuses = "full@example.com" };
        await using var deployment = await StartAsync(server.Port);

        foreach (var id in new[] { "full", NoAddress, "fine" })
        {
            await deployment.SendAsync(new WriteNote(id, "hello"));
        }

        await deployment.AdvanceAsync(TimeSpan.Zero);
        server.Received.ShouldBe(["fine@example.com"]);

        server.Refuses = "";
        await deployment.AdvanceAsync(TimeSpan.FromMinutes(11));
        await deployment.AdvanceAsync(TimeSpan.FromHours(1));
        server.Received.ShouldBe(["fine@example.com", "full@example.com"]);
        (await RefusalsAsync(deployment)).ShouldBe((3, false));
    }

    [Fact]
    public async Task A_mail_that_nobody_takes_is_given_up_after_three_days()
    {
        await using var server = new MailServer();
        await using var deployment = await StartAsync(server.Port);
        await deployment.SendAsync(new WriteNote(NoAddress, "hello"));

        await deployment.AdvanceAsync(TimeSpan.FromDays(2));
        (await RefusalsAsync(deployment)).IsGivenUp.ShouldBeFalse();
        await deployment.AdvanceAsync(TimeSpan.FromDays(2));
        var givenUp = await RefusalsAsync(deployment);
        await deployment.AdvanceAsync(TimeSpan.FromDays(2));

        givenUp.IsGivenUp.ShouldBeTrue();
        (await RefusalsAsync(deployment)).ShouldBe(givenUp);
    }

    [Fact]
    public async Task A_sender_that_is_no_address_fails_the_run_and_is_no_mails_fault()
    {
        await using var server = new MailServer();
        await using var deployment = await StartAsync(server.Port, from: NoAddress);
        await deployment.SendAsync(new WriteNote(NoAddress, "hello"));

        await Should.ThrowAsync<MimeKit.ParseException>(() => deployment.AdvanceAsync(TimeSpan.Zero));

        (await RefusalsAsync(deployment)).ShouldBe((0, false));
    }

    private static Task<TestDeployment> StartAsync(int port, string? from = null) => TestDeployment.StartAsync([new NotesModule()], settings: new Dictionary<string, string?>
    {
        ["Mail:PickupDirectory"] = "",
        ["Mail:From"] = from,
        ["Mail:Smtp:Host"] = "127.0.0.1",
        ["Mail:Smtp:Port"] = port.ToString(CultureInfo.InvariantCulture),
    });

    private static async Task<(int Count, bool IsGivenUp)> RefusalsAsync(TestDeployment deployment)
    {
        await using var read = deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select refusals, due_at = 'infinity' from platform.mail where recipient = $1");
        read.Parameters.Add(new() { Value = NoAddress + "@example.com" });
        await using var row = await read.ExecuteReaderAsync(Cancel);
        (await row.ReadAsync(Cancel)).ShouldBeTrue();
        return (row.GetInt32(0), row.GetBoolean(1));
    }

    private sealed class MailServer : MailboxFilter, IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task running;

        public MailServer()
        {
            var services = new SmtpServer.ComponentModel.ServiceProvider();
            services.Add((IMailboxFilterFactory)new DelegatingMailboxFilterFactory(_ => this));
            running = new SmtpServer.SmtpServer(new SmtpServerOptionsBuilder().ServerName("mail").Port(Port).Build(), services).StartAsync(stop.Token);
        }

        public int Port { get; } = Ports.Free();

        public string Refuses { get; set; } = "";

        public ConcurrentQueue<string> Received { get; } = [];

        public override Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken)
        {
            var isTaken = to.AsAddress() != Refuses;
            if (isTaken)
            {
                Received.Enqueue(to.AsAddress());
            }

            return Task.FromResult(isTaken);
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running;
            stop.Dispose();
        }
    }
}
