using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Guance.Billing.Platform.Data;
using Guance.Billing.TestKit;
using Hangfire.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Platform.Tests;

public sealed class OperationsTests(NotesDeployment notes)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deployment_is_live_and_soon_ready()
    {
        using var browser = notes.Deployment.Browser();

        (await browser.GetAsync("/health/live", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var ready = await Eventually.Until(() => browser.GetAsync("/health/ready", Cancel), answer => answer.IsSuccessStatusCode);
        var report = await ready.Content.ReadFromJsonAsync<JsonObject>(Cancel);
        report!["checks"]!["database"]!.GetValue<string>().ShouldBe("Healthy");
        report["checks"]!["inboxes"]!.GetValue<string>().ShouldBe("Healthy");
    }

    [Fact]
    public async Task A_node_starts_and_runs_its_timetable_though_another_one_died_while_it_held_the_timetables_locks()
    {
        await using var deployment = await TestDeployment.StartAsync([new NotesModule()]);
        await deployment.App.StopAsync(Cancel);
        var database = deployment.Services.GetRequiredService<NpgsqlDataSource>();
        await using (var die = database.CreateCommand("insert into hangfire.lock (resource, updatecount, acquired) select 'hangfire:lock:recurring-job:' || value, 1, now() at time zone 'utc' from hangfire.set where key = 'recurring-jobs'"))
        {
            (await die.ExecuteNonQueryAsync(Cancel)).ShouldBePositive();
        }

        await using var node = await deployment.StartNodeAsync();

        await using var runs = database.CreateCommand("select count(*) from hangfire.hash where field = 'LastExecution' and value > $1");
        runs.Parameters.Add(new() { Value = JobHelper.SerializeDateTime(TimeProvider.System.GetUtcNow().UtcDateTime) });
        await Eventually.Until(async () => (long)(await runs.ExecuteScalarAsync(Cancel))! > 0);
    }

    [Fact]
    public async Task Metrics_tell_of_requests_and_of_the_database()
    {
        using var browser = notes.Deployment.Browser();
        await browser.GetAsync("/api/anyone", Cancel);

        var metrics = await Eventually.Until(() => browser.GetStringAsync("/metrics", Cancel), text => text.Contains("http_server_request_duration", StringComparison.Ordinal));

        metrics.ShouldContain("db_client_");
        metrics.ShouldContain("dotnet_");
    }

    [Fact]
    public async Task The_API_describes_access_keys_and_refusals_of_each_operation()
    {
        using var browser = notes.Deployment.Browser();

        var document = await browser.GetFromJsonAsync<JsonObject>("/openapi/v1.json", Cancel);

        document!["info"]!["title"]!.GetValue<string>().ShouldBe("Guance Billing Center");
        document["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key).ShouldBe(["cookie", "oauth2"], ignoreOrder: true);
        var write = document["paths"]!["/api/notes"]!["post"]!;
        write["summary"]!.GetValue<string>().ShouldBe("Write a note");
        write["description"]!.GetValue<string>().ShouldContain("note-forbidden");
        write["parameters"]![0]!["name"]!.GetValue<string>().ShouldBe("Idempotency-Key");
        var read = document["paths"]!["/api/billing"]!["get"]!;
        read["description"]!.GetValue<string>().ShouldContain("billing accounts and clients with the scope `billing.read`");
        read["security"]!.AsArray().Count.ShouldBe(2);
        document["paths"]!.AsObject().ContainsKey("/connect/token").ShouldBeTrue();
        document["paths"]!.AsObject().ContainsKey("/dev/mail").ShouldBeFalse();
    }

    [Fact]
    public async Task The_pages_of_the_API_load_nothing_from_elsewhere()
    {
        using var browser = notes.Deployment.Browser();

        var page = await browser.GetStringAsync("/docs", Cancel);

        page.ShouldNotContain("https://");
        page.ShouldNotContain("http://");
        foreach (var script in page.Split("src=\"").Skip(1).Select(rest => rest[..rest.IndexOf('"', StringComparison.Ordinal)]))
        {
            (await browser.GetAsync(new Uri(new Uri(notes.Deployment.Url, "/docs/"), script), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK, script);
        }
    }

    [Fact]
    public async Task In_development_mails_can_be_read_and_the_clock_moved()
    {
        await using var deployment = await TestDeployment.StartAsync([new NotesModule()]);
        using var browser = deployment.Browser();
        foreach (var text in new[] { "first", "second" })
        {
            (await browser.PostAsJsonAsync("/api/notes", new { id = "mailed", text }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var mails = await deployment.MailsToAsync("mailed@example.com");
        mails.Select(mail => mail.Text).ShouldBe(["second", "first"]);
        mails[0].Subject.ShouldBe("A note");
        (await deployment.MailsToAsync("nobody@example.com")).ShouldBeEmpty();

        var observed = deployment.Services.GetRequiredService<Observed>();
        var before = await NowAsync(browser);
        var runs = observed.OnRequestRuns;
        using var moved = await browser.PostAsJsonAsync("/dev/clock", new { advance = "14.00:00:00" }, Cancel);
        moved.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await NowAsync(browser) - before).ShouldBeInRange(TimeSpan.FromDays(14), TimeSpan.FromDays(14.01));
        observed.OnRequestRuns.ShouldBeGreaterThan(runs);

        using var back = await browser.PostAsJsonAsync("/dev/clock", new { advance = "-1.00:00:00" }, Cancel);
        await back.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "advance-invalid");
    }

    [Fact]
    public async Task A_production_deployment_starts_on_prepared_tables_only_and_has_no_comforts()
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        var settings = Start.Settings(database);
        await using (var unprepared = Start.Build(settings, "Production"))
        {
            var refused = await Should.ThrowAsync<InvalidOperationException>(() => unprepared.StartAsync(Cancel));
            await unprepared.StopAsync(Cancel);
            refused.Message.ShouldContain("migrate");
        }

        await using (var release = Start.Build(settings, "Production"))
        {
            await using var preview = new StringWriter();
            await DatabaseUpgrade.Of(release).PreviewAsync(preview, Cancel);
            preview.ToString().ShouldContain("CREATE TABLE platform.mail");
            preview.ToString().ShouldContain("mt_events");
            var said = new ConcurrentQueue<string>();
            // Whoever comes second, be it beside the first, finds it done.
            await Task.WhenAll(DatabaseUpgrade.Of(release).ApplyAsync(said.Enqueue, Cancel), DatabaseUpgrade.Of(release).ApplyAsync(said.Enqueue, Cancel));
            said.Count(sentence => sentence == "Tables of platform: up to date").ShouldBe(1);
        }

        await using var production = await Start.RunAsync(settings, "Production");
        using var browser = production.Browser();
        (await browser.GetAsync("/api/anyone", Cancel)).Headers.Contains("Strict-Transport-Security").ShouldBeTrue();
        foreach (var path in new[] { "/dev/mail", "/dev/clock" })
        {
            await (await browser.GetAsync(path, Cancel)).ShouldBeProblemAsync(HttpStatusCode.NotFound, "not-found");
        }

        await (await browser.GetAsync("/api/search?limit=many", Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "bad-request");
        await production.StopAsync(Cancel);
    }

    [Fact]
    public async Task Statistics_of_the_event_store_come_from_a_small_sample_of_each_table_whatever_its_columns_and_indexes_are()
    {
        await using var connection = await notes.Deployment.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Cancel);
        var said = new List<string>();
        connection.Notice += (_, notice) => said.Add(notice.Notice.MessageText);
        await using var undone = await connection.BeginTransactionAsync(Cancel);
        await using var analyze = connection.CreateCommand();
        analyze.CommandText =
            """
            insert into documents.mt_doc_note (id, data, mt_version) select 'note ' || n, jsonb_build_object('Count', n), 1 from generate_series(1, 4000) n;
            insert into events.mt_streams (id, type, version) select 'note ' || n, 'note', 1 from generate_series(1, 4000) n;
            analyze verbose documents.mt_doc_note, events.mt_streams;
            """;
        await analyze.ExecuteNonQueryAsync(Cancel);

        said.Where(sentence => sentence.Contains("rows in sample")).ShouldAllBe(sentence => sentence.Contains(" 3000 rows in sample"));
        said.Count(sentence => sentence.Contains("rows in sample")).ShouldBe(2);
    }

    [Fact]
    public async Task A_key_is_as_old_as_its_first_use_here_and_another_one_is_new()
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        var settings = Start.Settings(database);
        (await AgesAsync(ahead: TimeSpan.Zero)).ShouldBe(["access-signing: new", "client-test-operator: new"]);
        (await AgesAsync(ahead: TimeSpan.FromDays(40))).ShouldBe(["access-signing: 40 days", "client-test-operator: 40 days"]);

        settings["Access:Clients:0:Secret"] = "another-operator-secret";
        (await AgesAsync(ahead: TimeSpan.FromDays(41))).ShouldBe(["access-signing: 41 days", "client-test-operator: new"]);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var kept = source.CreateCommand("select string_agg(encode(fingerprint, 'escape'), ' ') from platform.key_seen");
        ((string)(await kept.ExecuteScalarAsync(Cancel))!).ShouldNotContain("operator-secret");

        async Task<string[]> AgesAsync(TimeSpan ahead)
        {
            settings["Development:ClockAhead"] = ahead.ToString("c", CultureInfo.InvariantCulture);
            await using var app = await Start.RunAsync(settings);
            using var browser = app.Browser();
            var metrics = await Eventually.Until(() => browser.GetStringAsync("/metrics", Cancel), text => text.Contains("\nguance_key_age_seconds{", StringComparison.Ordinal));
            await app.StopAsync(Cancel);
            return
            [
                .. from line in metrics.Split('\n')
                   where line.StartsWith("guance_key_age_seconds{", StringComparison.Ordinal)
                   let name = line.Split("key=\"")[1].Split('"')[0]
                   let days = (int)(double.Parse(line.Split("} ")[1].Split(' ')[0], CultureInfo.InvariantCulture) / TimeSpan.SecondsPerDay)
                   orderby name
                   select $"{name}: {(days == 0 ? "new" : $"{days} days")}",
            ];
        }
    }

    [Theory]
    [InlineData("Access:Clients:0:Secret", "dev-operator-secret", "Access__Clients__0__Secret")]
    [InlineData("HuaweiMarketplace:AccessKey", "dev-seller-access-key", "HuaweiMarketplace__AccessKey")]
    [InlineData("HuaweiMarketplace:Iam:SecretAccessKey", "dev-sk", "HuaweiMarketplace__Iam__SecretAccessKey")]
    public async Task Outside_development_nothing_starts_with_a_secret_of_development(string key, string value, string named)
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        var settings = Start.Settings(database);
        settings[key] = value;

        var refused = Should.Throw<InvalidOperationException>(() => Start.Build(settings, "Production"));

        refused.Message.ShouldContain(named);
        refused.Message.ShouldNotContain(value);
    }

    [Theory]
    [InlineData("Access:SigningKey", null, null, "Access__SigningKey")]
    [InlineData("Access:SigningKey", "no key", null, "Access__SigningKey")]
    [InlineData("Access:IssuerPublicKey", null, "cn4", "Access__IssuerPublicKey")]
    [InlineData("Access:Clients:0:Scopes", "everything", null, "Access__Clients__0__Scopes")]
    public async Task A_wrong_setting_is_named_at_start(string key, string? value, string? site, string named)
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        var settings = Start.Settings(database, site);
        settings[key] = value;

        var refused = await Should.ThrowAsync<InvalidOperationException>(async () =>
        {
            await using var app = Start.Build(settings);
            await app.StartAsync(Cancel);
        });

        refused.Message.ShouldContain(named);
    }

    [Fact]
    public async Task A_deployment_with_an_endpoint_for_nobody_knows_whom_does_not_start()
    {
        await using var database = await TestDatabase.CreateAsync(Cancel);
        await using var app = Start.Build(Start.Settings(database), module: new CarelessModule());

        var refused = await Should.ThrowAsync<InvalidOperationException>(() => app.StartAsync(Cancel));
        await app.StopAsync(Cancel);

        refused.Message.ShouldContain("/api/open");
    }

    private static async Task<DateTimeOffset> NowAsync(HttpClient browser) =>
        (await browser.GetFromJsonAsync<JsonObject>("/dev/clock", Cancel))!["now"]!.GetValue<DateTimeOffset>();

    private sealed class CarelessModule : IModule
    {
        public string Name => "Careless";

        public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

        public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment) => services.AddSingleton<Observed>();

        public void ConfigureMarten(Marten.StoreOptions options)
        {
        }

        public void MapEndpoints(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/api/open", () => "");
    }
}
