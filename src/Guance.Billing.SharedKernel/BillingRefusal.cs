namespace Guance.Billing.SharedKernel;

/// <summary>What kind of no a refusal is; decides the HTTP status at the edge.</summary>
public enum RefusalKind
{
    /// <summary>The request is not well-formed or a field is wrong (400).</summary>
    Invalid,

    /// <summary>The caller is not known (401).</summary>
    Unauthenticated,

    /// <summary>The caller is known but may not (403). Never used for other people's things: these are <see cref="NotFound"/>.</summary>
    Forbidden,

    /// <summary>No such thing, or not the caller's (404).</summary>
    NotFound,

    /// <summary>The state of things does not allow it now (409).</summary>
    Conflict,

    /// <summary>The caller's picture is out of date (412).</summary>
    Stale,

    /// <summary>Well-formed, but it cannot be done with these values (422).</summary>
    Unprocessable,

    /// <summary>Too often (429).</summary>
    TooMany,

    /// <summary>A part that is needed cannot be reached; trying again may help (503).</summary>
    Unavailable,
}

/// <summary>
/// A no that the caller can act on: a stable code and a sentence that says what to do. Becomes <c>application/problem+json</c> at the
/// edge; nothing has been changed when it is thrown.
/// </summary>
public sealed class BillingRefusal : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="kind">What kind of no.</param>
    /// <param name="code">Stable, kebab-case.</param>
    /// <param name="message">A sentence that says what to do.</param>
    /// <param name="details">Further members of the problem, such as <c>nextChangeAt</c>; camelCase keys, JSON values.</param>
    public BillingRefusal(RefusalKind kind, string code, string message, IReadOnlyDictionary<string, object?>? details = null)
        : base(message)
    {
        Kind = kind;
        Code = code;
        Details = details ?? new Dictionary<string, object?>(StringComparer.Ordinal);
    }

    /// <summary>What kind of no.</summary>
    public RefusalKind Kind { get; }

    /// <summary>Stable, kebab-case.</summary>
    public string Code { get; }

    /// <summary>Further members of the problem.</summary>
    public IReadOnlyDictionary<string, object?> Details { get; }

    /// <summary>A field is wrong; <c>details.field</c> names it.</summary>
    public static BillingRefusal InvalidField(string field, string code, string message) =>
        new(RefusalKind.Invalid, code, message, new Dictionary<string, object?>(StringComparer.Ordinal) { ["field"] = field });

    /// <summary>No such thing, or not the caller's: the two are not told apart.</summary>
    public static BillingRefusal NotFound(string code, string message) => new(RefusalKind.NotFound, code, message);

    /// <summary>The state of things does not allow it.</summary>
    public static BillingRefusal Conflict(string code, string message, IReadOnlyDictionary<string, object?>? details = null) =>
        new(RefusalKind.Conflict, code, message, details);

    /// <summary>It cannot be done with these values.</summary>
    public static BillingRefusal Unprocessable(string code, string message, IReadOnlyDictionary<string, object?>? details = null) =>
        new(RefusalKind.Unprocessable, code, message, details);
}
