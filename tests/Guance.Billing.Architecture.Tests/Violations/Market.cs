namespace Violations.Market;

internal sealed record KnowsSiteCode(Guance.Billing.SharedKernel.SiteCode Site);

internal sealed record KnowsSimulator(Simulator.Fine Fine);

internal sealed record Fine(string Value);
