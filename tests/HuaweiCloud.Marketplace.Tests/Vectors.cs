using System.Text;

namespace HuaweiCloud.Marketplace.Tests;

/// <summary>The protocol page's sample call (§3), and its key.</summary>
internal static class Vectors
{
    public const string Key = "test-access-key-0001";
    public const string Timestamp = "1680508066618";
    public const string Nonce = "50D83FDECAED6CCD8EF597F2A577950527928BA287D04E6036E92B2806FD17DA";
    public const string Body =
        """{"activity":"newInstance","businessId":"87b94795-0603-4e24-8ae5-69420d60e3c8","orderId":"CS2211181819B4LVS","orderLineId":"CS2211181819B4LVS-000001","testFlag":"1"}""";
    public const string Signature = "C506F4221EC15F98C40B8A5D5065D8B815A2C5596CF4421382088B5652565458";

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>"a=1&amp;b=2" as parameters.</summary>
    public static Dictionary<string, string> Parameters(string text) =>
        text.Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
