using FluentValidation;
using MediatR;

namespace Guance.Billing.Platform.Writing;

/// <summary>
/// Checks the shape of a request before anything is read or written. A rule's error code becomes the refusal's code, its property the
/// field; all fields that are wrong are named in <c>errors</c>.
/// </summary>
/// <typeparam name="TRequest">The command or query.</typeparam>
/// <typeparam name="TResponse">Its answer.</typeparam>
public sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var failures = validators.SelectMany(validator => validator.Validate(request).Errors).ToArray();
        if (failures.Length == 0)
        {
            return next();
        }

        var first = failures[0];
        throw new BillingRefusal(RefusalKind.Invalid, first.ErrorCode, first.ErrorMessage, new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["field"] = FieldName(first.PropertyName),
            ["errors"] = failures.Select(failure => new { field = FieldName(failure.PropertyName), code = failure.ErrorCode, message = failure.ErrorMessage }).ToArray(),
        });
    }

    private static string FieldName(string property)
    {
        var name = property[(property.LastIndexOf('.') + 1)..];
        return name.Length == 0 ? name : char.ToLowerInvariant(name[0]) + name[1..];
    }
}
