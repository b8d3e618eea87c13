using System.Text.Json;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Telemetry;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Sites.Feed;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Sites.Reading;

/// <summary>
/// Applies pages of peers' feeds: what the modules' policies do and the position up to which it is done commit in one transaction, so
/// applying a page again changes nothing.
/// </summary>
internal sealed class FeedApplier(
    IServiceScopeFactory scopes, NpgsqlDataSource dataSource, Wire wire, IReadOnlyList<IModule> modules, Deployment deployment, TimeProvider clock)
{
    private const int AttemptsMax = 5;

    /// <summary>The position up to which the peer's feed is applied.</summary>
    public async Task<long> PositionAsync(string peer, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand("select position from link.feed_position where peer = $1");
        command.Parameters.Add(new() { Value = peer });
        return await command.ExecuteScalarAsync(ct) as long? ?? 0;
    }

    /// <summary>
    /// Applies the messages that follow the position, up to the first that this version cannot read. Gives the new position; the old one
    /// if another reader came first: then nothing was changed.
    /// </summary>
    /// <exception cref="UnreadableMessageException">The first message cannot be read: it is not skipped, reading stops before it.</exception>
    public async Task<long> ApplyAsync(string peer, long position, IReadOnlyList<FeedMessage> messages, CancellationToken ct)
    {
        var events = Read(peer, position, messages);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ApplyOnceAsync(peer, position, messages, events, ct);
            }
            catch (Exception failure) when (attempt < AttemptsMax && Conflicts.SomebodyElseCameFirst(failure))
            {
                // Another peer's page or a user's command touched the same stream: on what is there now it will do.
            }
        }
    }

    private async Task<long> ApplyOnceAsync(
        string peer, long position, IReadOnlyList<FeedMessage> messages, List<IIntegrationEvent> events, CancellationToken ct)
    {
        var last = position + events.Count;
        using var span = Tracing.Continue("apply feed", messages.Take(events.Count).Select(message => message.Traceparent));
        span?.SetTag("link.peer", peer).SetTag("link.messages", events.Count);
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(ct);
        if (!await MoveAsync(work, peer, position, last, ct))
        {
            return position;
        }

        foreach (var module in modules)
        {
            await scope.ServiceProvider.GetRequiredKeyedService<PolicyTable>(module.Name).DeliverAsync(scope.ServiceProvider, events, ct);
        }

        await work.CommitAsync(ct);
        return last;
    }

    /// <summary>Moves the position, if it still is where it was. Comes first: a second reader waits here and then finds it moved.</summary>
    private async Task<bool> MoveAsync(UnitOfWork work, string peer, long from, long to, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            from == 0
                ? """
                  insert into link.feed_position as p (peer, position, at) values ($1, $3, $4)
                  on conflict (peer) do update set position = excluded.position, at = excluded.at where p.position = $2
                  """
                : "update link.feed_position set position = $3, at = $4 where peer = $1 and position = $2",
            work.Connection,
            work.Transaction);
        command.Parameters.Add(new() { Value = peer });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    private List<IIntegrationEvent> Read(string peer, long position, IReadOnlyList<FeedMessage> messages)
    {
        var events = new List<IIntegrationEvent>(messages.Count);
        foreach (var message in messages)
        {
            try
            {
                events.Add(Read(peer, position + events.Count + 1, message));
            }
            catch (UnreadableMessageException) when (events.Count > 0)
            {
                // What comes before it is applied; the next page begins with it.
                break;
            }
        }

        return events;
    }

    private IIntegrationEvent Read(string peer, long expected, FeedMessage message)
    {
        if (message.Position != expected)
        {
            throw new UnreadableMessageException(
                $"{peer}'s feed goes on with position {message.Position} where {expected} must come: messages are missing, the feed must be mended.");
        }

        var type = wire.Event(message.Name) ?? throw new UnreadableMessageException(
            $"{peer} tells '{message.Name}' at position {expected}, which this version does not know: update {deployment.Name}. Nothing after it is applied until then.");
        IIntegrationEvent told;
        try
        {
            told = (IIntegrationEvent)message.Payload.Deserialize(type, Wire.Json)!;
        }
        catch (Exception failure) when (failure is JsonException or FormatException or NotSupportedException)
        {
            throw new UnreadableMessageException($"{peer} tells a '{message.Name}' at position {expected} that cannot be read: {failure.Message}", failure);
        }

        // A site speaks for itself alone, and the Billing Center speaks here to this site alone.
        var about = deployment.Role is DeploymentRole.Site ? (told as ITellsSite)?.Site.Value : (told as ITellsBillingCenter)?.Site.Value;
        return about == (deployment.Role is DeploymentRole.Site ? deployment.Name : peer)
            ? told
            : throw new UnreadableMessageException($"{peer} tells a '{message.Name}' at position {expected} that is not its to tell {deployment.Name}.");
    }
}

/// <summary>A message of a feed cannot be read, and must not be skipped.</summary>
/// <param name="message">Which, why, and what to do, for the operator.</param>
/// <param name="innerException">The cause.</param>
internal sealed class UnreadableMessageException(string message, Exception? innerException = null) : Exception(message, innerException);
