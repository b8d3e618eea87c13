using System.Diagnostics;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Writing;
using JasperFx.Events;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Sites.Tests;

/// <summary>A small module for both sides: the Billing Center writes notes to sites, sites write replies, and each keeps what it is told.</summary>
public sealed class NotesModule(DeploymentRole role) : IModule
{
    public string Name => "Notes";

    public DeploymentRole LivesIn => role;

    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
    }

    public void ConfigureMarten(StoreOptions options)
    {
        options.Events.MapEventType<NoteWritten>("notes.note_written");
        options.Events.MapEventType<ReplyWritten>("notes.reply_written");
        options.Events.MapEventType<Unrelated>("notes.unrelated");
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
    }
}

public sealed class Note;

internal sealed record NoteWritten(string Site, string NoteId, string Text);

internal sealed record ReplyWritten(string NoteId, string Text);

internal sealed record Unrelated(int Number);

public sealed record NoteIntegrationEvent(Guid EventId, long SourceVersion, DateTimeOffset OccurredAt, SiteCode Site, string NoteId, string Text) : ITellsSite
{
    public string Subject => NoteId;
}

public sealed record ReplyIntegrationEvent(Guid EventId, long SourceVersion, DateTimeOffset OccurredAt, SiteCode Site, string NoteId, string Text) : ITellsBillingCenter
{
    public string Subject => NoteId;
}

internal sealed class NotesPublisher(Deployment deployment) : IIntegrationEventMapper
{
    public IReadOnlyList<Telling> Tellings { get; } =
    [
        Telling.Of((IEvent e, NoteWritten note) => new NoteIntegrationEvent(e.Id, e.Version, e.Timestamp, SiteCode.Of(note.Site), note.NoteId, note.Text)),
        Telling.Of((IEvent e, ReplyWritten reply) => new ReplyIntegrationEvent(e.Id, e.Version, e.Timestamp, deployment.Site, reply.NoteId, reply.Text)),
    ];
}

/// <summary>Keeps notes twice, in two commands, so that a page has more than one effect.</summary>
internal sealed class KeepNotes(IMediator mediator, Deployment deployment) : IPolicy<NoteIntegrationEvent>
{
    public async Task When(IReadOnlyList<NoteIntegrationEvent> events, CancellationToken ct)
    {
        if (deployment.Role is DeploymentRole.Site)
        {
            var kept = events.Select(note => new Kept(note.NoteId, note.Text, note.SourceVersion)).ToArray();
            await mediator.Send(new Keep("first", kept), ct);
            await mediator.Send(new Keep("second", kept), ct);
        }
    }
}

internal sealed class KeepReplies(IMediator mediator, Deployment deployment) : IPolicy<ReplyIntegrationEvent>
{
    public async Task When(IReadOnlyList<ReplyIntegrationEvent> events, CancellationToken ct)
    {
        if (deployment.Role is DeploymentRole.BillingCenter)
        {
            await mediator.Send(new Keep("first", [.. events.Select(reply => new Kept(reply.NoteId, reply.Text, reply.SourceVersion))]), ct);
        }
    }
}

internal sealed record Kept(string NoteId, string Text, long SourceVersion);

internal sealed record Keep(string Book, IReadOnlyList<Kept> Notes) : ICommand;

internal sealed class KeepHandler(UnitOfWork work, Obstacles obstacles) : ICommandHandler<Keep>
{
    public async Task<Unit> Handle(Keep request, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "insert into notes_kept (book, note_id, text) select $1, * from unnest($2::text[], $3::text[])", work.Connection, work.Transaction);
        command.Parameters.Add(new() { Value = request.Book });
        command.Parameters.Add(new() { Value = request.Notes.Select(note => note.NoteId).ToArray() });
        command.Parameters.Add(new() { Value = request.Notes.Select(note => note.Text).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
        obstacles.Trace = Activity.Current?.TraceId.ToString();
        if (request.Book == obstacles.Book && request.Notes.FirstOrDefault(note => note.Text == "poison") is { } poison)
        {
            throw new InvalidOperationException($"{poison.NoteId} cannot be swallowed.");
        }

        return Unit.Value;
    }
}

/// <summary>What stands in the way of a deployment's handlers.</summary>
internal sealed class Obstacles
{
    /// <summary>The book into which poison cannot be written.</summary>
    public string? Book { get; set; }

    /// <summary>The trace in which something was kept last.</summary>
    public string? Trace { get; set; }
}

/// <summary>Counts how often it was asked.</summary>
public sealed record CountQuestion(SiteCode Site, string Question) : ICommand<CountedQuestion>, IAsk<CountedQuestion>, IAskedBySite
{
    public static string AskName => "count-question";
}

public sealed record CountedQuestion(string Question, int Count);

internal sealed class CountQuestionHandler(UnitOfWork work, IDocumentSession session) : ICommandHandler<CountQuestion, CountedQuestion>
{
    public async Task<CountedQuestion> Handle(CountQuestion request, CancellationToken cancellationToken)
    {
        LinkHost.Append(session, [new Unrelated(1)]);
        if (request.Question == "forbidden")
        {
            throw BillingRefusal.Conflict("question-forbidden", "Ask something else.",
                new Dictionary<string, object?>(StringComparer.Ordinal) { ["nextChangeAt"] = "2026-12-01T00:00:00Z", ["tries"] = 3 });
        }

        if (request.Question == "crash")
        {
            throw new InvalidOperationException("An error inside.");
        }

        await using var command = new NpgsqlCommand(
            "with asked as (insert into notes_kept (book, note_id, text) values ('asked', $1, '')) select 1 + count(*)::int from notes_kept where book = 'asked'",
            work.Connection, work.Transaction);
        command.Parameters.Add(new() { Value = request.Question });
        return new(request.Question, (int)(await command.ExecuteScalarAsync(cancellationToken))!);
    }
}

/// <summary>Something that nobody answers yet.</summary>
public sealed record FutureQuestion(SiteCode Site) : ICommand<CountedQuestion>, IAsk<CountedQuestion>, IAskedBySite
{
    public static string AskName => "future-question";
}
