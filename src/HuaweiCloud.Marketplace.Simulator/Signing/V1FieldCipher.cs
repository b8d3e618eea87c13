using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace.Simulator.Signing;

/// <summary>
/// The field encryption of V1.0 (protocol §8.3): 16 characters of iv, then Base64 of AES-CBC. The key is what Java's SHA1PRNG
/// yields when it is seeded with the access key.
/// </summary>
internal static class V1FieldCipher
{
    private const string IvAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int IvLength = 16;

    /// <summary>The encrypted text; <paramref name="keyBytes"/> is 32 for encryptType 1, 16 for type 2.</summary>
    public static string Encrypt(string accessKey, string plain, int keyBytes, string? iv = null)
    {
        iv ??= RandomNumberGenerator.GetString(IvAlphabet, IvLength);
        using var aes = Aes.Create();
        aes.Key = DeriveKey(accessKey, keyBytes);
        return iv + Convert.ToBase64String(aes.EncryptCbc(Encoding.UTF8.GetBytes(plain), Encoding.ASCII.GetBytes(iv)));
    }

    /// <summary>The plain text; null when the value is no ciphertext of this key.</summary>
    public static string? Decrypt(string accessKey, string value, int keyBytes)
    {
        if (value.Length <= IvLength)
            return null;
        try
        {
            using var aes = Aes.Create();
            aes.Key = DeriveKey(accessKey, keyBytes);
            return Encoding.UTF8.GetString(aes.DecryptCbc(Convert.FromBase64String(value[IvLength..]), Encoding.ASCII.GetBytes(value[..IvLength])));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The first <paramref name="keyBytes"/> bytes of SHA1PRNG seeded with the access key.</summary>
    public static byte[] DeriveKey(string accessKey, int keyBytes)
    {
#pragma warning disable CA5350 // The protocol's generator is built on SHA-1.
        var state = SHA1.HashData(Encoding.UTF8.GetBytes(accessKey));
        var key = new List<byte>();
        while (key.Count < keyBytes)
        {
            var output = SHA1.HashData(state);
            key.AddRange(output);
            Advance(state, output);
        }
#pragma warning restore CA5350
        return [.. key.Take(keyBytes)];
    }

    /// <summary>state = state + output + 1, signed bytes with carry, index 0 first; a state left unchanged gets its first byte raised.</summary>
    private static void Advance(byte[] state, byte[] output)
    {
        var last = 1;
        var changed = false;
        for (var i = 0; i < state.Length; i++)
        {
            var sum = (sbyte)state[i] + (sbyte)output[i] + last;
            var next = unchecked((byte)sum);
            changed |= state[i] != next;
            state[i] = next;
            last = sum >> 8;
        }
        if (!changed)
            state[0]++;
    }
}
