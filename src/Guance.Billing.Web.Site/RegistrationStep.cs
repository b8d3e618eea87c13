using Microsoft.AspNetCore.Components;

namespace Guance.Billing.Web.Site;

/// <summary>A step of the registration: a form whose inputs stay as they are when it is refused.</summary>
public abstract class RegistrationStep : OpenPage
{
    /// <summary>Raised when the step is done: the registration may look otherwise now.</summary>
    [Parameter]
    public EventCallback<RegistrationId> Done { get; set; }

    /// <summary>The fields of the form.</summary>
    protected abstract IReadOnlyList<string> Fields { get; }

    /// <summary>What was refused about one of the fields; null where nothing was, or not about a field.</summary>
    private protected RefusedField? Refused =>
        Failure is { } text && (FailureField ?? FieldOf(FailureCode)) is { } name && Fields.Contains(name) ? new(name, text) : null;

    /// <summary>What was refused about the whole form.</summary>
    protected string? RefusedAtAll => Refused is null ? Failure : null;

    /// <summary>The field that a refusal is about which does not say so itself.</summary>
    protected virtual string? FieldOf(string? code) => SiteRefusals.Field(code);

    /// <summary>Sends the form.</summary>
    protected async Task SendAsync(Func<Task<RegistrationId>> send)
    {
        RegistrationId id = default;
        // Pressed twice, a form is sent once.
        if (!IsBusy && await TryAsync(async () => id = await send()))
        {
            await Done.InvokeAsync(id);
        }
    }
}
