using System.Globalization;
using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Guance.Billing.Platform.Http;

/// <summary>
/// The OpenAPI document (<c>/openapi/v1.json</c>) and its pages (<c>/docs</c>): each operation says who may call it, whether it takes an
/// <c>Idempotency-Key</c>, and with which codes it refuses. The pages load nothing from elsewhere.
/// </summary>
internal static class ApiReference
{
    private const string CookieScheme = "cookie";
    private const string TokenScheme = "oauth2";

    public static void AddApiReference(this IServiceCollection services, Deployment deployment) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document, deployment);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            Describe(operation, context.Description.ActionDescriptor.EndpointMetadata, context.Document!);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Describe(schema, context.JsonTypeInfo.Type);
            return Task.CompletedTask;
        });
    });

    public static void MapApiReference(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapOpenApi("/openapi/{documentName}.json").ForAnyone();
        endpoints.MapScalarApiReference("/docs", options => options
                .WithTitle("Guance Billing")
                .WithOpenApiRoutePattern("/openapi/{documentName}.json")
                .DisableDefaultFonts()
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp())
            .ForAnyone()
            .WithMetadata(new ContentSecurityPolicy(
                "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
                + "base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"));
    }

    private static void Describe(OpenApiDocument document, Deployment deployment)
    {
        document.Info = new OpenApiInfo
        {
            Title = deployment.Role is DeploymentRole.BillingCenter ? "Guance Billing Center" : $"Guance site {deployment.Name}",
            Version = "v1",
            Description = "Every error is application/problem+json with a stable code and a sentence that says what to do.",
        };
        document.Servers = [new OpenApiServer { Url = deployment.PublicUrl }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [CookieScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = AccessServices.CookieName(deployment),
                Description = "The session that POST /api/session begins.",
            },
            [TokenScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.OAuth2,
                Flows = new OpenApiOAuthFlows
                {
                    ClientCredentials = new OpenApiOAuthFlow
                    {
                        TokenUrl = new Uri(deployment.BillingCenterUrl + TokenServer.Path),
                        Scopes = TokenServer.AllScopes.ToDictionary(scope => scope, scope => scope, StringComparer.Ordinal),
                    },
                },
            },
        };
    }

    private static void Describe(OpenApiOperation operation, IList<object> metadata, OpenApiDocument document)
    {
        var rule = metadata.OfType<AccessRule>().LastOrDefault();
        var codes = metadata.OfType<DeclaredRefusals>().SelectMany(declared => declared.Codes).Distinct(StringComparer.Ordinal).ToArray();
        var sentences = new List<string?> { operation.Description, rule is null ? null : Access(rule) };
        if (codes.Length > 0)
        {
            sentences.Add($"Refuses with {string.Join(", ", codes.Select(code => $"`{code}`"))}.");
        }

        operation.Description = string.Join("\n\n", sentences.Where(sentence => !string.IsNullOrEmpty(sentence)));
        operation.Security = rule is null ? [] : [.. Security(rule, document)];
        if (metadata.OfType<TakesIdempotencyKey>().Any())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = IdempotencyKeys.Header,
                In = ParameterLocation.Header,
                Description = "1 to 200 visible characters. The same key with the same request gives the first answer again.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = IdempotencyKeys.LengthMax },
            });
        }

        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "An error (application/problem+json): code, detail, traceId.",
        };
    }

    private static string Access(AccessRule rule)
    {
        var clients = rule.Scopes.Count == 0 ? "" : $"clients with the scope {string.Join(" or ", rule.Scopes.Select(scope => $"`{scope}`"))}";
        return rule.User switch
        {
            null => "For anyone.",
            CallerKind.ConsoleUser => "For signed-in console users.",
            CallerKind.BillingUser => clients.Length == 0 ? "For signed-in billing accounts." : $"For signed-in billing accounts and {clients}.",
            _ => string.Create(CultureInfo.InvariantCulture, $"For {clients}."),
        };
    }

    private static IEnumerable<OpenApiSecurityRequirement> Security(AccessRule rule, OpenApiDocument document)
    {
        if (rule.User is CallerKind.ConsoleUser or CallerKind.BillingUser)
        {
            yield return new() { [new OpenApiSecuritySchemeReference(CookieScheme, document)] = [] };
        }

        foreach (var scope in rule.Scopes)
        {
            yield return new() { [new OpenApiSecuritySchemeReference(TokenScheme, document)] = [scope] };
        }
    }

    /// <summary>What converters write, the generator cannot know.</summary>
    private static void Describe(OpenApiSchema schema, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Money))
        {
            schema.Type = JsonSchemaType.Object;
            schema.Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["amount"] = new OpenApiSchema { Type = JsonSchemaType.String },
                ["currency"] = new OpenApiSchema { Type = JsonSchemaType.String },
            };
            schema.Required = new HashSet<string>(StringComparer.Ordinal) { "amount", "currency" };
        }
        else if (type.GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITypedId<>)) is not null)
        {
            var prefix = (string)type.GetProperty(nameof(ITypedId<WorkspaceId>.Prefix))!.GetValue(null)!;
            schema.Type = JsonSchemaType.String;
            schema.Pattern = $"^{prefix}[0-9a-f]{{32}}$";
        }
        else if (type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ICode<>)))
        {
            schema.Type = JsonSchemaType.String;
        }
    }
}
