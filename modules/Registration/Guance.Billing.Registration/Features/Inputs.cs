using System.Text.RegularExpressions;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.ReadModels;
using Marten;
using JasperFx.Events;
using PhoneNumbers;

namespace Guance.Billing.Registration.Features;

/// <summary>What fields must look like (rules §2).</summary>
internal static partial class Inputs
{
    private const int EmailLengthMax = 254;

    /// <summary>2-64 characters, none of them a control character, no blank at either end.</summary>
    public static bool IsUsername(string? text) => text is { Length: >= 2 and <= 64 } && IsPlain(text) && text.Trim().Length == text.Length;

    /// <summary>An address that a mail server will take: local part and domain with at least one dot, in ASCII.</summary>
    public static bool IsEmail(string? text) => text is { Length: <= EmailLengthMax } && Email().IsMatch(text);

    /// <summary>The number in E.164; null if it is none.</summary>
    public static string? E164(string? text)
    {
        if (text is not { Length: <= 40 } || !text.StartsWith('+'))
        {
            return null;
        }

        try
        {
            var numbers = PhoneNumberUtil.GetInstance();
            var number = numbers.Parse(text, defaultRegion: null);
            return numbers.IsValidNumber(number) ? numbers.Format(number, PhoneNumberFormat.E164) : null;
        }
        catch (NumberParseException)
        {
            return null;
        }
    }

    /// <summary>No control character: they cannot be stored (U+0000) or shown.</summary>
    public static bool IsPlain(string? text) => text is null || !text.Any(char.IsControl);

    /// <summary>As <see cref="IsPlain"/>, but lines may be broken.</summary>
    public static bool IsPlainLines(string? text) => text is null || !text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));

    /// <summary>The text without blanks around it; null if nothing is left.</summary>
    public static string? Given(string? text) => text?.Trim() is { Length: > 0 } given ? given : null;

    /// <summary>The stream of a registration, to decide on and append to, if this user may see it.</summary>
    /// <exception cref="BillingRefusal"><c>registration-not-found</c>.</exception>
    public static async Task<(IEventStream<CommercialRegistration> Stream, CommercialRegistration Registration)> RegistrationAsync(
        this IDocumentSession session, RegistrationId id, string? userId, CancellationToken ct)
    {
        var (stream, registration) = await session.RegistrationAsync(id, ct);
        return (stream, registration.SeenBy(userId));
    }

    /// <summary>The stream of a registration, to decide on and append to.</summary>
    /// <exception cref="BillingRefusal"><c>registration-not-found</c>.</exception>
    public static async Task<(IEventStream<CommercialRegistration> Stream, CommercialRegistration Registration)> RegistrationAsync(
        this IDocumentSession session, RegistrationId id, CancellationToken ct)
    {
        var stream = await session.Events.FetchForWriting<CommercialRegistration>(id.Value, ct);
        return (stream, stream.Aggregate ?? throw Refuse.NotFound());
    }

    [GeneratedRegex(
        @"^(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Email();
}
