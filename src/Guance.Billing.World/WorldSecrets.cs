using System.Security.Cryptography;
using System.Text.Json;

namespace Guance.Billing.World;

/// <summary>The secrets by which a world's deployments know each other: made at its first start, kept in a file that only its owner reads.</summary>
/// <param name="SigningKey">The key that signs access tokens, PEM.</param>
/// <param name="LinkSecret">What each deployment's own client secret is made from.</param>
public sealed record WorldSecrets(string SigningKey, string LinkSecret)
{
    /// <summary>The public half of <see cref="SigningKey"/>, PEM.</summary>
    public string PublicKey()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(SigningKey);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    /// <summary>A deployment's own client secret.</summary>
    public string SecretOf(string clientId) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(LinkSecret), System.Text.Encoding.UTF8.GetBytes(clientId)));

    /// <summary>Reads the file, or makes it.</summary>
    public static WorldSecrets ReadOrMake(string file)
    {
        if (File.Exists(file))
        {
            return JsonSerializer.Deserialize<WorldSecrets>(File.ReadAllText(file)) ?? throw new InvalidOperationException($"{file} is empty; delete it.");
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var made = new WorldSecrets(key.ExportPkcs8PrivateKeyPem(), RandomNumberGenerator.GetHexString(64, lowercase: true));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var onlyMine = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            onlyMine.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(file, onlyMine);
        JsonSerializer.Serialize(stream, made);
        return made;
    }
}
