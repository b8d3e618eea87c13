using JasperFx;
using Marten.Exceptions;
using Npgsql;

namespace Guance.Billing.Platform.Writing;

/// <summary>Tells failures that are gone when the command runs again on what is there now.</summary>
public static class Conflicts
{
    /// <summary>Marten's own code for a stream that is not at the version that was expected.</summary>
    private const string StreamMovedOn = "MT003";

    /// <summary>Another transaction came first: a stream moved on, a unique key was taken, a deadlock.</summary>
    public static bool SomebodyElseCameFirst(Exception failure) => failure switch
    {
        ConcurrencyException or ExistingStreamIdCollisionException or DocumentAlreadyExistsException => true,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or StreamMovedOn } => true,
        { InnerException: { } inner } => SomebodyElseCameFirst(inner),
        _ => false,
    };
}
