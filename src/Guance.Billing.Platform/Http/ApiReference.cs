using System.Globalization;
using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
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
        options.CreateSchemaReferenceId = json => OpenApiOptions.CreateDefaultSchemaReferenceId(json) is { } id && !IsText(json.Type) ? NameOf(json.Type, id) : null;
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document, deployment);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            Describe(operation, context.Description.ActionDescriptor.EndpointMetadata, context.Document!);
            DescribeDownload(operation, context.Description.RelativePath ?? "");
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

    /// <summary>Ids and codes are strings wherever they stand, and nothing that a reader would look up.</summary>
    private static bool IsText(Type type) => Implements(type, typeof(ITypedId<>)) || Implements(type, typeof(ICode<>));

    private static bool Implements(Type type, Type generic) =>
        (Nullable.GetUnderlyingType(type) ?? type).GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == generic);

    /// <summary>What is declared inside something, as a body is in its endpoint, is named after it: there are many bodies.</summary>
    private static string NameOf(Type type, string id)
    {
        var named = type.IsArray || type.IsGenericType ? null : type.DeclaringType;
        return named is null ? id : named.Name.Replace("Endpoints", "", StringComparison.Ordinal).Replace("Endpoint", "", StringComparison.Ordinal) + id;
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
        document.AddComponent("Problem", ProblemSchema());
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
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference("Problem", document) },
            },
        };
    }

    /// <summary>What is streamed says itself what it is only when it is asked for.</summary>
    private static void DescribeDownload(OpenApiOperation operation, string path)
    {
        var mediaType = Path.GetExtension(path) switch { ".csv" => "text/csv", ".pdf" => "application/pdf", _ => null };
        if (mediaType is not null && operation.Responses?.GetValueOrDefault("200") is OpenApiResponse answer)
        {
            answer.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [mediaType] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } },
            };
        }
    }

    private static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "An error: a stable code for programs, a sentence that says what to do for people, and what the logs know it by.",
        Required = new HashSet<string>(StringComparer.Ordinal) { "status", "title", "detail", "code", "traceId" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["detail"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                // What the client's exception says.
                Extensions = new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal) { ["x-ms-primary-error-message"] = new JsonNodeExtension(true) },
            },
            ["code"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String },
        },
    };

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
        var text = Nullable.GetUnderlyingType(type) is null ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
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
        else if (Implements(type, typeof(ITypedId<>)))
        {
            var prefix = (string)type.GetProperty(nameof(ITypedId<WorkspaceId>.Prefix))!.GetValue(null)!;
            schema.Type = text;
            schema.Pattern = $"^{prefix}[0-9a-f]{{32}}$";
        }
        else if (Implements(type, typeof(ICode<>)))
        {
            schema.Type = text;
        }
        else if (schema.Type is { } kinds && kinds.HasFlag(JsonSchemaType.String) && (kinds.HasFlag(JsonSchemaType.Integer) || kinds.HasFlag(JsonSchemaType.Number)))
        {
            // A number that comes as a string is read, too, but none is written so.
            schema.Type = kinds & ~JsonSchemaType.String;
            schema.Pattern = null;
            schema.Format = type == typeof(decimal) ? "decimal" : schema.Format;
        }
        else if (schema is { Type: JsonSchemaType.Array, Items: null } && type.GetGenericArguments() is [var element] && IsText(element))
        {
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String };
        }
    }
}
