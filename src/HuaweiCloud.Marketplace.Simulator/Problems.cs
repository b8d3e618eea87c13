using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>Answers whatever cannot be done as application/problem+json with a code and a sentence.</summary>
internal sealed class Problems(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Refusal refusal)
        {
            await WriteAsync(context, refusal.Status, refusal.Code, refusal.Message);
            return;
        }
        catch (BadHttpRequestException) when (Pages.Forms.Before(context.Request) is { } page)
        {
            // A form of before the market began anew: its page comes again and says so.
            context.Response.Redirect($"{page}?problem=form-expired");
            return;
        }
        catch (BadHttpRequestException e)
        {
            var sentence = e.InnerException is JsonException { Path: { } path }
                ? $"The JSON body cannot be read at {path}: send the documented fields only, each of its type."
                : HttpMethods.IsPost(context.Request.Method) ? "Send a JSON body with the documented fields." : e.Message;
            await WriteAsync(context, e.StatusCode, "bad-request", sentence);
            return;
        }
        if (context.Response.HasStarted || context.Response.ContentLength is not null || context.Response.ContentType is not null)
            return;
        if (context.Response.StatusCode == StatusCodes.Status404NotFound)
            await WriteAsync(context, 404, "not-found", $"There is nothing at {context.Request.Path}; the index page at / lists what there is.");
        else if (context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
            await WriteAsync(context, 405, "method-not-allowed", $"{context.Request.Path} does not take {context.Request.Method}.");
        else if (context.Response.StatusCode == StatusCodes.Status415UnsupportedMediaType)
            await WriteAsync(context, 415, "not-json", "Send the body as application/json.");
    }

    internal static Task WriteAsync(HttpContext context, int status, string code, string sentence)
    {
        if (context.Response.HasStarted)
            return Task.CompletedTask;
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { type = "about:blank", title = code, status, code, detail = sentence }, options: null, "application/problem+json");
    }
}

/// <summary>
/// The same Idempotency-Key with the same request gives the first answer again, with another one 409. Kept in memory for the last
/// <see cref="KeysMax"/> keys.
/// </summary>
internal sealed class Idempotency(RequestDelegate next)
{
    private const int KeysMax = 10_000;
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> ages = new();

    public async Task InvokeAsync(HttpContext context)
    {
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0 || !HttpMethods.IsPost(context.Request.Method) || !context.Request.Path.StartsWithSegments("/sim", StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }
        if (key.Length > 200)
            throw Refusal.BadRequest("idempotency-key-too-long", "An Idempotency-Key has at most 200 characters.");
        context.Request.EnableBuffering();
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        context.Request.Body.Position = 0;
        var request = Convert.ToHexString(SHA256.HashData([.. Encoding.UTF8.GetBytes(context.Request.Path + "\n"), .. body.ToArray()]));

        var fresh = new Entry(request);
        var entry = entries.GetOrAdd(key, fresh);
        if (entry.Request != request)
            throw Refusal.Conflict("idempotency-key-reused", "This Idempotency-Key came with another request before; take a new key.");
        if (entry == fresh)
            await RunFirstAsync(context, key, fresh);
        else
            await RepeatAsync(context, await entry.Answer.Task.WaitAsync(context.RequestAborted));
    }

    private async Task RunFirstAsync(HttpContext context, string key, Entry entry)
    {
        ages.Enqueue(key);
        while (ages.Count > KeysMax && ages.TryDequeue(out var oldest))
            entries.TryRemove(oldest, out _);
        var wire = context.Response.Body;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        try
        {
            await next(context);
            entry.Answer.SetResult((context.Response.StatusCode, context.Response.ContentType, answer.ToArray()));
        }
        catch
        {
            // A refusal did nothing, so the key is free again.
            entries.TryRemove(key, out _);
            entry.Answer.SetException(Refusal.Conflict("idempotency-key-refused", "The first request with this key was refused; send it again."));
            throw;
        }
        finally
        {
            context.Response.Body = wire;
        }
        await wire.WriteAsync(answer.ToArray(), context.RequestAborted);
    }

    private static async Task RepeatAsync(HttpContext context, (int Status, string? ContentType, byte[] Body) answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private sealed record Entry(string Request)
    {
        public TaskCompletionSource<(int Status, string? ContentType, byte[] Body)> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
