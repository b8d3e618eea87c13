namespace Guance.Billing.Settlement.Domain;

/// <summary>What a cloud subscription owes was stated at the close of a day: what came on top since it was stated before, and all of it.</summary>
internal sealed record CloudChargeStated(CloudInstanceKey Instance, DateOnly Day, DateTimeOffset DayEndsAt, Money Amount, Money Total, DateTimeOffset At);

/// <summary>The charges of one cloud subscription. No state is kept of them: each fact tells the whole.</summary>
internal sealed record CloudCharges
{
    public required string Id { get; init; }

    /// <summary>The stream's key.</summary>
    public static string Key(CloudInstanceKey instance) => $"charges_{instance.Provider}_{instance.InstanceId}";
}
