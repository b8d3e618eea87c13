using System.Collections.Concurrent;
using FluentValidation;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Http;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Platform.Tests;

/// <summary>The smallest module that uses all of the plumbing: people write notes; each is mailed to its writer, and copied by a policy.</summary>
public sealed class NotesModule : IModule
{
    public string Name => "Notes";

    public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        services.AddSingleton<Observed>();
        services.AddTick<CountJob>("notes:count", "* * * * * *");
        services.AddTick<OnRequestJob>("notes:on-request", "0 0 0 1 1 *");
    }

    public void ConfigureMarten(StoreOptions options)
    {
        options.Events.MapEventType<NoteWritten>("notes.note_written");
        options.Projections.Snapshot<Note>(SnapshotLifecycle.Inline);
        options.Schema.For<Note>().Index(note => note.Count);
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/anyone", (ICallers callers) => callers.Current.By).ForAnyone();
        endpoints.MapGet("/api/console", (ICallers callers) => callers.Current.By).ForConsoleUsers();
        endpoints.MapGet("/api/billing", (ICallers callers) => callers.Current.By).ForBillingUsers(Scopes.BillingRead);
        endpoints.MapGet("/api/people", () => "ok").ForBillingUsers();
        endpoints.MapGet("/api/operators", (ICallers callers) => callers.Current.By).ForClients(Scopes.Operator);
        endpoints.MapPost("/api/stamps", (StampNote stamp, ICallers callers, IMediator mediator, CancellationToken ct) => mediator.Send(stamp with { By = callers.Current.By }, ct))
            .ForOperatorsTo<StampNote>().Idempotent();
        endpoints.MapPost("/api/session", (SignIn who, IUserSessions sessions) => sessions.SignInAsync(who.Kind, who.Name + "-id", who.Name)).ForAnyone();
        endpoints.MapDelete("/api/session", (IUserSessions sessions) => sessions.SignOutAsync()).ForAnyone();
        endpoints.MapPost("/api/guess", () => "wrong").ForAnyone().GuessedAt();
        endpoints.MapPost("/api/notes", (WriteNote note, IMediator mediator, CancellationToken ct) => mediator.Send(note, ct))
            .ForAnyone().Idempotent().Refuses("note-forbidden").WithSummary("Write a note");
        endpoints.MapGet("/api/notes/{id}", (WorkspaceId id) => id.Value).ForAnyone();
        endpoints.MapGet("/api/search", (int limit) => limit).ForAnyone();
        endpoints.MapPost("/api/throw/{what}", (string what) => { throw Failure(what); }).ForAnyone();
    }

    private static Exception Failure(string what) => what switch
    {
        "refusal" => new BillingRefusal(RefusalKind.Stale, "note-stale", "Read it again.", new Dictionary<string, object?> { ["nextChangeAt"] = "2026-12-01T00:00:00Z" }),
        "outage" => new PeerIsAway(),
        "database-away" => new NpgsqlException("secret inner text", new System.Net.Sockets.SocketException()),
        "no-server-writes" => new NpgsqlException("secret inner text"),
        "conflict" => new JasperFx.ConcurrencyException("secret inner text", null),
        _ => new InvalidOperationException("secret inner text"),
    };

    private sealed class PeerIsAway() : Exception("secret inner text"), IOutage;
}

/// <summary>What the module's parts did, and what they are told to do wrong.</summary>
public sealed class Observed
{
    public int HandlerRuns;
    public int CountRuns;
    public int OnRequestRuns;
    public int PolicyFailuresLeft;
    public Exception PolicyFailure = new InvalidOperationException("The policy fails as it was told to.");

    public ConcurrentQueue<string> Copied { get; } = new();
}

internal sealed record SignIn(CallerKind Kind, string Name);

internal sealed record WriteNote(string Id, string Text, Money? Price = null) : ICommand<NoteAnswer>;

internal sealed record NoteAnswer(string Id, int Run, Money? Price);

internal sealed class WriteNoteValidator : AbstractValidator<WriteNote>
{
    public WriteNoteValidator() => RuleFor(note => note.Id).NotEmpty().WithErrorCode("id-missing").WithMessage("Give the note an id.");
}

internal sealed class WriteNoteHandler(IDocumentSession session, IMailbox mailbox, Observed observed, UnitOfWork work, ITicks ticks)
    : ICommandHandler<WriteNote, NoteAnswer>
{
    public async Task<NoteAnswer> Handle(WriteNote request, CancellationToken cancellationToken)
    {
        var run = Interlocked.Increment(ref observed.HandlerRuns);
        var stream = await session.Events.FetchForWriting<Note>(request.Id, cancellationToken);
        var written = new NoteWritten(request.Text);
        if (stream.Aggregate is null)
        {
            session.Events.StartStream<Note>(request.Id, written);
        }
        else
        {
            stream.AppendOne(written);
        }

        await mailbox.QueueAsync([new(Ids.DeterministicGuid(request.Id, request.Text), $"{request.Id}@example.com", "A note", request.Text)], cancellationToken);
        work.AfterCommit(() => ticks.Poke("notes:on-request"));
        return request.Text == "forbidden"
            ? throw BillingRefusal.Conflict("note-forbidden", "Write another text.")
            : new(request.Id, run, request.Price);
    }
}

/// <summary>What an operator does to a note; with the text <c>forbidden</c> it is refused.</summary>
internal sealed record StampNote(string Id, string Text, string By = "") : ICommand<NoteAnswer>, IOperatorCommand
{
    public OperatorAct? Act => Text == "preview" ? null : new(By, "stamp-note", Id, Text);
}

internal sealed class StampNoteHandler(IMediator mediator) : ICommandHandler<StampNote, NoteAnswer>
{
    public Task<NoteAnswer> Handle(StampNote request, CancellationToken cancellationToken) => mediator.Send(new WriteNote(request.Id, request.Text), cancellationToken);
}

internal sealed record NoteWritten(string Text);

internal sealed record Note(string Id, int Count)
{
    public int Version { get; set; }

    public static Note Create(IEvent<NoteWritten> e) => new(e.StreamKey!, 1);

    public static Note Apply(NoteWritten e, Note note) => note with { Count = note.Count + 1 };
}

internal sealed record NoteWasWritten(Guid EventId, long SourceVersion, DateTimeOffset OccurredAt, string Text) : IIntegrationEvent;

internal sealed class NotesPublisher : IIntegrationEventMapper
{
    public IReadOnlyList<Telling> Tellings { get; } = [Telling.Of((IEvent e, NoteWritten written) => new NoteWasWritten(e.Id, e.Version, e.Timestamp, written.Text))];
}

internal sealed class CopyWhenNoteWasWritten(IMediator mediator) : IPolicy<NoteWasWritten>
{
    public Task When(IReadOnlyList<NoteWasWritten> events, CancellationToken ct) => mediator.Send(new CopyNotes([.. events.Select(e => e.Text)]), ct);
}

internal sealed record CopyNotes(IReadOnlyList<string> Texts) : ICommand;

internal sealed class CopyNotesHandler(Observed observed) : ICommandHandler<CopyNotes>
{
    public Task<Unit> Handle(CopyNotes request, CancellationToken cancellationToken)
    {
        if (observed.PolicyFailuresLeft > 0)
        {
            observed.PolicyFailuresLeft--;
            throw observed.PolicyFailure;
        }

        foreach (var text in request.Texts)
        {
            observed.Copied.Enqueue(text);
        }

        return Unit.Task;
    }
}

internal sealed class CountJob(Observed observed) : ITickJob
{
    public Task RunAsync(CancellationToken ct)
    {
        Interlocked.Increment(ref observed.CountRuns);
        return Task.CompletedTask;
    }
}

internal sealed class OnRequestJob(Observed observed) : ITickJob
{
    public Task RunAsync(CancellationToken ct)
    {
        Interlocked.Increment(ref observed.OnRequestRuns);
        return Task.CompletedTask;
    }
}
