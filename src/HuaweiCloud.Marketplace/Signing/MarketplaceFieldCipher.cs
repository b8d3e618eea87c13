using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace;

/// <summary>How V1.0 fields are encrypted (<c>encryptType</c>, protocol §8.1).</summary>
public enum MarketplaceEncryptType
{
    /// <summary><c>1</c>: AES-256, CBC, PKCS#5; the default.</summary>
    Aes256 = 1,

    /// <summary><c>2</c>: AES-128, CBC, PKCS#5.</summary>
    Aes128 = 2,
}

/// <summary>Encryption of single fields, V1.0 only: user name and password towards the marketplace, mobile number and e-mail address from
/// it (protocol §8.3, S30). The wire's own choice of cipher; TLS is what protects the call.</summary>
public static class MarketplaceFieldCipher
{
    private const int IvLength = 16;
    private const string IvAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Encrypts with a random iv.</summary>
    /// <returns>16 characters of iv, then Base64.</returns>
    public static string Encrypt(string accessKey, string plain, MarketplaceEncryptType type) =>
        Encrypt(accessKey, plain, type, RandomNumberGenerator.GetString(IvAlphabet, IvLength));

    /// <summary>Decrypts a field.</summary>
    /// <returns>The plain text, or null when the key, the type or the text is not right.</returns>
    public static string? TryDecrypt(string accessKey, string cipher, MarketplaceEncryptType type)
    {
        ArgumentNullException.ThrowIfNull(cipher);
        if (cipher.Length <= IvLength || !Ascii.IsValid(cipher)) return null;
        var bytes = new byte[cipher.Length];
        // A '+' that decoding of the query turned into a space is taken as the '+' it was.
        if (!Convert.TryFromBase64String(cipher[IvLength..].Replace(' ', '+'), bytes, out var length) || length == 0) return null;
        using var aes = Aes.Create();
        aes.Key = DeriveKey(accessKey, type);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true)
                .GetString(aes.DecryptCbc(bytes.AsSpan(0, length), Encoding.ASCII.GetBytes(cipher[..IvLength])));
        }
        catch (Exception e) when (e is CryptographicException or DecoderFallbackException)
        {
            return null;
        }
    }

    internal static string Encrypt(string accessKey, string plain, MarketplaceEncryptType type, string iv)
    {
        using var aes = Aes.Create();
        aes.Key = DeriveKey(accessKey, type);
        return iv + Convert.ToBase64String(aes.EncryptCbc(Encoding.UTF8.GetBytes(plain), Encoding.ASCII.GetBytes(iv)));
    }

    /// <summary>The first bytes of Java's <c>SHA1PRNG</c> seeded with the access key: what the official sample's key generator makes of it.</summary>
    internal static byte[] DeriveKey(string accessKey, MarketplaceEncryptType type) =>
        Sha1Prng(Encoding.UTF8.GetBytes(accessKey), type == MarketplaceEncryptType.Aes256 ? 32 : 16);

#pragma warning disable CA5350 // SHA-1 is what the generator that both sides must agree on is made of
    private static byte[] Sha1Prng(byte[] seed, int count)
    {
        var state = SHA1.HashData(seed);
        var output = new List<byte>(count);
        while (output.Count < count)
        {
            var block = SHA1.HashData(state);
            output.AddRange(block.Take(count - output.Count));
            Advance(state, block);
        }

        return [.. output];
    }
#pragma warning restore CA5350

    // state := state + block + 1 over signed bytes, index 0 the lowest, the carry an arithmetic shift: as the Java class does.
    private static void Advance(byte[] state, byte[] block)
    {
        var carry = 1;
        var changed = false;
        for (var i = 0; i < state.Length; i++)
        {
            var sum = (sbyte)state[i] + (sbyte)block[i] + carry;
            changed |= state[i] != unchecked((byte)sum);
            state[i] = unchecked((byte)sum);
            carry = sum >> 8;
        }

        if (!changed) unchecked { state[0]++; }
    }
}
