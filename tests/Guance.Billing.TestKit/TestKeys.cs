using System.Security.Cryptography;

namespace Guance.Billing.TestKit;

/// <summary>A key pair of this test run with which access tokens are signed and checked.</summary>
public static class TestKeys
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>PEM (PKCS#8).</summary>
    public static string PrivateKey { get; } = Key.ExportPkcs8PrivateKeyPem();

    /// <summary>PEM (SubjectPublicKeyInfo).</summary>
    public static string PublicKey { get; } = Key.ExportSubjectPublicKeyInfoPem();
}
