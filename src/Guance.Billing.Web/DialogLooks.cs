using MudBlazor;

namespace Guance.Billing.Web;

/// <summary>How dialogs look.</summary>
public static class DialogLooks
{
    /// <summary>As wide as a form.</summary>
    public static DialogOptions Narrow { get; } = new() { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true };
}
