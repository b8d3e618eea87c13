using System.Security.Cryptography;
using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Http;

namespace Guance.Billing.Settlement;

/// <summary>
/// The key under which the journal remembers a credit for ever: the request's Idempotency-Key together with who sent it and what for. Without
/// one, every request is a credit of its own.
/// </summary>
internal static class CreditKeys
{
    public static string Of(HttpRequest request, Caller caller, string kind)
    {
        var given = request.Headers["Idempotency-Key"].ToString();
        return $"{kind}:{caller.By}:{(given.Length > 0 ? given : $"request-{RandomNumberGenerator.GetHexString(32, lowercase: true)}")}";
    }
}
