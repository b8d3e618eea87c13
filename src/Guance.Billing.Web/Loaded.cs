using System.Collections.Frozen;
using System.Reflection;
using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Web;

/// <summary>What pages load: from this assembly, under a path that changes with the program, so that browsers may keep it.</summary>
internal static class Loaded
{
    private const string Prefix = "assets/";

    private static readonly FrozenDictionary<string, byte[]> Files = Own.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[Prefix.Length..], Read, StringComparer.Ordinal);

    private static Assembly Own => typeof(Loaded).Assembly;

    public static string Url(string file) => $"/assets/{Own.ManifestModule.ModuleVersionId:N}/{file}";

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/assets/{version}/{file}", IResult (string file, HttpResponse response) =>
        {
            if (!Files.TryGetValue(file, out var content))
            {
                return TypedResults.NotFound();
            }

            response.Headers.CacheControl = "public, max-age=31536000, immutable";
            return TypedResults.Bytes(content, Path.GetExtension(file) is ".css" ? "text/css" : "text/javascript");
        })
        .ForAnyone()
        .ExcludeFromDescription();

    private static byte[] Read(string name)
    {
        using var resource = Own.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }
}
