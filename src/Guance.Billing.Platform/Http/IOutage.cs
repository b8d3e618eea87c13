namespace Guance.Billing.Platform.Http;

/// <summary>Implemented by exceptions that mean that a needed part gave no answer: at the edge <c>503 unavailable</c>, nothing more is told.</summary>
public interface IOutage;
