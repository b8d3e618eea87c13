namespace Violations.Market.Simulator;

internal sealed record KnowsLibrary(Market.Fine Fine);

internal sealed record Fine(string Value);
