using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;

namespace Guance.Billing.Settlement;

/// <summary>
/// Makes codes and tokens from what they are for, under a key of this deployment: the same request gives the same secret, so a retry
/// mails and links nothing new, and nobody without the key can make or guess one. The key lies in the database, protected by the
/// deployment's data protection keys.
/// </summary>
internal sealed class Secrets(NpgsqlDataSource dataSource, IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("Guance.Billing.Settlement.Secrets");
    private byte[]? key;

    /// <summary>Six decimal digits.</summary>
    public async Task<string> CodeAsync(IReadOnlyList<string> parts, CancellationToken ct)
    {
        var number = BinaryPrimitives.ReadUInt64BigEndian(await DeriveAsync(["code", .. parts], ct));
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }

    /// <summary>256 bits, safe in an address.</summary>
    public async Task<string> TokenAsync(IReadOnlyList<string> parts, CancellationToken ct) =>
        Base64Url.EncodeToString(await DeriveAsync(["token", .. parts], ct));

    /// <summary>What is kept of a secret. Keyed, since six digits alone would be tried out in no time.</summary>
    public async Task<string> HashAsync(IReadOnlyList<string> parts, CancellationToken ct) =>
        Convert.ToHexStringLower(await DeriveAsync(["hash", .. parts], ct));

    private async Task<byte[]> DeriveAsync(string[] parts, CancellationToken ct)
    {
        var name = string.Concat(parts.Select(part => $"{part.Length}:{part}"));
        return HMACSHA256.HashData(await KeyAsync(ct), Encoding.UTF8.GetBytes(name));
    }

    /// <summary>Whoever reads it at the same time reads the same.</summary>
    private async Task<byte[]> KeyAsync(CancellationToken ct) => key ??= protector.Unprotect(Convert.FromBase64String(await ReadAsync(ct)));

    private async Task<string> ReadAsync(CancellationToken ct)
    {
        // Whoever comes first makes the key; all nodes then read the one that stands.
        await using var insert = dataSource.CreateCommand("insert into settlement.secret (id, protected_key) values (1, $1) on conflict do nothing");
        insert.Parameters.Add(new() { Value = Convert.ToBase64String(protector.Protect(RandomNumberGenerator.GetBytes(32))) });
        await insert.ExecuteNonQueryAsync(ct);
        await using var read = dataSource.CreateCommand("select protected_key from settlement.secret where id = 1");
        return (string)(await read.ExecuteScalarAsync(ct))!;
    }
}
