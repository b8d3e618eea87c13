using System.Text;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Microsoft.AspNetCore.Http;

namespace Guance.Billing.Platform.Http;

/// <summary>Hands the <c>Idempotency-Key</c> of a request, and what the request asks for, to the unit of work of its command.</summary>
internal sealed class IdempotencyKeys(RequestDelegate next)
{
    public const string Header = "Idempotency-Key";
    public const int LengthMax = 200;

    public async Task InvokeAsync(HttpContext context, Idempotency idempotency)
    {
        var request = context.Request;
        if (context.GetEndpoint()?.Metadata.GetMetadata<TakesIdempotencyKey>() is not null && request.Headers.TryGetValue(Header, out var keys))
        {
            if (keys is not [{ Length: > 0 and <= LengthMax } key] || !key.All(c => c is > ' ' and <= '~'))
            {
                throw BillingRefusal.InvalidField(Header, "idempotency-key-invalid",
                    $"An {Header} is 1 to {LengthMax} visible ASCII characters, such as a UUID. Send one that is.");
            }

            request.EnableBuffering();
            using var asked = new MemoryStream();
            asked.Write(Encoding.UTF8.GetBytes($"{request.Method} {request.PathBase}{request.Path}{request.QueryString}\n"));
            await request.Body.CopyToAsync(asked, context.RequestAborted);
            request.Body.Position = 0;
            var caller = Caller.Of(context.User);
            idempotency.Use($"{caller.Kind}:{caller.Id}", key, asked.GetBuffer().AsSpan(0, (int)asked.Length));
        }

        await next(context);
    }
}
