using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;

namespace Guance.Billing.Platform.Access;

/// <summary>
/// The keys of access tokens, as PEM in a setting (<c>Access__SigningKey</c>, <c>Access__IssuerPublicKey</c>) or in the file that
/// <c>…File</c> names: RSA or elliptic curve. Several in one text are allowed, so that keys can be changed: tokens are signed by the
/// first, and those of all are accepted.
/// </summary>
internal static class TokenKeys
{
    private const string SigningKeySetting = "Access:SigningKey";
    private const string IssuerPublicKeySetting = "Access:IssuerPublicKey";

    /// <summary>What the Billing Center signs with.</summary>
    /// <exception cref="InvalidOperationException">It is missing or not a private key.</exception>
    public static IReadOnlyList<SecurityKey> Signing(IConfiguration configuration)
    {
        var keys = Read(configuration, SigningKeySetting);
        return keys.Count > 0 && keys.All(key => key.IsPrivate)
            ? [.. keys.Select(key => key.Key)]
            : throw new InvalidOperationException("Set Access__SigningKey, or Access__SigningKeyFile, to a private key in PEM: the Billing Center signs access tokens with it.");
    }

    /// <summary>What tokens are checked with, without asking the Billing Center, so that a site works while it is down.</summary>
    /// <exception cref="InvalidOperationException">It is missing.</exception>
    public static IReadOnlyList<SecurityKey> Issuer(IConfiguration configuration, Deployment deployment)
    {
        var keys = Read(configuration, IssuerPublicKeySetting);
        return keys.Count > 0 ? [.. keys.Select(key => key.Key)]
            : deployment.Role is DeploymentRole.BillingCenter ? Signing(configuration)
            : throw new InvalidOperationException(
                "Set Access__IssuerPublicKey, or Access__IssuerPublicKeyFile, to the public half of the Billing Center's signing key in PEM: access tokens are checked with it.");
    }

    private static List<(SecurityKey Key, bool IsPrivate)> Read(IConfiguration configuration, string setting)
    {
        var name = setting.Replace(":", "__", StringComparison.Ordinal);
        try
        {
            var text = configuration[setting] is { Length: > 0 } pem ? pem
                : configuration[setting + "File"] is { Length: > 0 } file ? File.ReadAllText(file)
                : "";
            var keys = new List<(SecurityKey Key, bool IsPrivate)>();
            for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
            {
                keys.Add((Key(rest[found.Location]), rest[found.Label].EndsWith("PRIVATE KEY", StringComparison.Ordinal)));
            }

            return keys.Count > 0 || text.Length == 0 ? keys : throw new CryptographicException("There is no PEM in it.");
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException or IOException)
        {
            throw new InvalidOperationException($"{name} cannot be read as a key in PEM: {failure.Message}", failure);
        }
    }

    private static AsymmetricSecurityKey Key(ReadOnlySpan<char> pem)
    {
        // The key's id is its thumbprint, so that both halves have the same one.
        AsymmetricSecurityKey key;
        var curve = ECDsa.Create();
        try
        {
            curve.ImportFromPem(pem);
            key = new ECDsaSecurityKey(curve);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            curve.Dispose();
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            key = new RsaSecurityKey(rsa);
        }

        key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        return key;
    }
}
