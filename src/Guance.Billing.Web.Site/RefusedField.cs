namespace Guance.Billing.Web.Site;

/// <summary>What was refused about a field of a form.</summary>
/// <param name="Name">The field.</param>
/// <param name="Text">Why, and what to do, in the reader's language.</param>
internal sealed record RefusedField(string Name, string Text);
