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
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_that_is_refused_holds_no_other_back_and_goes_out_once_when_it_is_taken()
    {
        await using var server = new MailServer { Refuses = "full@example.com" };
        await using var deployment = await StartAsync(server.Port);

        foreach (var id in new[] { "full", "not an address <", "fine" })
        {
            await deployment.SendAsync(new WriteNote(id, "hello"));
        }

        await deployment.AdvanceAsync(TimeSpan.Zero);
        server.Received.ShouldBe(["fine@example.com"]);

        server.Refuses = "";
        await deployment.AdvanceAsync(TimeSpan.FromMinutes(11));
        await deployment.AdvanceAsync(TimeSpan.FromHours(1));
        server.Received.ShouldBe(["fine@example.com", "full@example.com"]);
        (await RefusalsAsync(deployment, "not an address <@example.com")).ShouldBe((3, false));
    }

    [Fact]
    public async Task A_mail_that_nobody_takes_is_given_up_after_three_days()
    {
        await using var server = new MailServer();
        await using var deployment = await StartAsync(server.Port);
        await deployment.SendAsync(new WriteNote("not an address <", "hello"));

        await deployment.AdvanceAsync(TimeSpan.FromDays(2));
        (await RefusalsAsync(deployment, "not an address <@example.com")).IsGivenUp.ShouldBeFalse();
        await deployment.AdvanceAsync(TimeSpan.FromDays(2));
        var givenUp = await RefusalsAsync(deployment, "not an address <@example.com");
        await deployment.AdvanceAsync(TimeSpan.FromDays(2));

        givenUp.IsGivenUp.ShouldBeTrue();
        (await RefusalsAsync(deployment, "not an address <@example.com")).ShouldBe(givenUp);
    }

    private static Task<TestDeployment> StartAsync(int port) => TestDeployment.StartAsync([new NotesModule()], settings: new Dictionary<string, string?>
    {
        ["Mail:PickupDirectory"] = "",
        ["Mail:Smtp:Host"] = "127.0.0.1",
        ["Mail:Smtp:Port"] = port.ToString(CultureInfo.InvariantCulture),
    });

    private static async Task<(int Count, bool IsGivenUp)> RefusalsAsync(TestDeployment deployment, string recipient)
    {
        await using var read = deployment.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select refusals, due_at = 'infinity' from platform.mail where recipient = $1");
        read.Parameters.Add(new() { Value = recipient });
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
