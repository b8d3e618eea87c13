using System.Net.Sockets;
using Guance.Billing.Platform.Writing;
using Npgsql;

namespace Guance.Billing.Platform.Http;

/// <summary>Tells people and programs alike what a failure means that trying again may mend.</summary>
public static class Refusals
{
    /// <summary>The refusal that stands for a failure; null for a bug, of which nothing is told.</summary>
    public static BillingRefusal? Of(Exception failure) =>
        failure as BillingRefusal
        ?? (Conflicts.SomebodyElseCameFirst(failure) ? BillingRefusal.Conflict("try-again", "Others changed the same thing at the same time. Try again.")
            : Causes(failure).OfType<PostgresException>().Any(e => e.SqlState is PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter)
            ? new(RefusalKind.Invalid, "bad-request", "A text holds the character U+0000, which cannot be kept. Leave it out.")
            : IsOutage(failure) ? new(RefusalKind.Unavailable, "unavailable", "A part that is needed cannot be reached just now. Try again in a moment.")
            : null);

    private static bool IsOutage(Exception failure) => Causes(failure).Any(e => e switch
    {
        IOutage or HttpRequestException or SocketException => true,
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => true,
        PostgresException postgres => postgres.IsTransient,
        // The connection's own: it broke, or no server is there that writes.
        NpgsqlException => true,
        _ => false,
    });

    private static IEnumerable<Exception> Causes(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
