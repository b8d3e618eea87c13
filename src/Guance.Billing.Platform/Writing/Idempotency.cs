using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Guance.Billing.Platform.Writing;

/// <summary>
/// Remembers, in the command's own transaction, the answer that was given under an <c>Idempotency-Key</c>: the same key with the same
/// request gives the first answer again without running the handler, with another request it is refused. Scoped; the edge sets the key.
/// </summary>
public sealed class Idempotency(TimeProvider clock)
{
    /// <summary>How answers are kept; the same options as on the wire.</summary>
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private string? key;
    private byte[] requestHash = [];

    /// <summary>Whether a key was given with this request.</summary>
    public bool HasKey => key is not null;

    /// <summary>Takes the key of this request. The caller is part of it, so nobody meets another one's answers.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="idempotencyKey">The header's value, or an id that identifies the message.</param>
    /// <param name="request">Method, path and body.</param>
    public void Use(string caller, string idempotencyKey, ReadOnlySpan<byte> request)
    {
        key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{idempotencyKey}")));
        requestHash = SHA256.HashData(request);
    }

    internal async Task<TAnswer> OnceAsync<TCommand, TAnswer>(UnitOfWork work, Func<Task<TAnswer>> run, CancellationToken ct)
    {
        if (key is null)
        {
            return await run();
        }

        var rowKey = $"{key}:{typeof(TCommand).Name}";
        // A second request with the same key waits here until the first has committed or rolled back.
        await using (var claim = new NpgsqlCommand(
            "insert into platform.idempotency (key, request_hash, answered_at) values ($1, $2, $3) on conflict do nothing",
            work.Connection, work.Transaction))
        {
            claim.Parameters.Add(new() { Value = rowKey });
            claim.Parameters.Add(new() { Value = requestHash });
            claim.Parameters.Add(new() { Value = clock.GetUtcNow() });
            if (await claim.ExecuteNonQueryAsync(ct) == 0)
            {
                return await FirstAnswerAsync<TAnswer>(work, rowKey, ct);
            }
        }

        var answer = await run();
        await using var keep = new NpgsqlCommand("update platform.idempotency set answer = $2::jsonb where key = $1", work.Connection, work.Transaction);
        keep.Parameters.Add(new() { Value = rowKey });
        keep.Parameters.Add(new() { Value = JsonSerializer.Serialize(answer, Json) });
        await keep.ExecuteNonQueryAsync(ct);
        return answer;
    }

    private async Task<TAnswer> FirstAnswerAsync<TAnswer>(UnitOfWork work, string rowKey, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand("select request_hash, answer::text from platform.idempotency where key = $1", work.Connection, work.Transaction);
        read.Parameters.Add(new() { Value = rowKey });
        await using var row = await read.ExecuteReaderAsync(ct);
        if (!await row.ReadAsync(ct))
        {
            throw new InvalidOperationException("The key was there a moment ago.");
        }

        if (!row.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(requestHash))
        {
            throw BillingRefusal.Conflict("idempotency-key-reused",
                "This Idempotency-Key was used for another request. Use a new key for a new request, or send the first request unchanged.");
        }

        return JsonSerializer.Deserialize<TAnswer>(row.GetString(1), Json)!;
    }
}
