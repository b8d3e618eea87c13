namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>What goes wrong on purpose. Shares are probabilities from 0 to 1, drawn for each call or record.</summary>
internal sealed record Faults
{
    /// <summary>Share of calls that are sent twice, at the same time, each with its own nonce, timestamp and businessId.</summary>
    public double Duplicate { get; init; }

    /// <summary>Share of calls that are signed now and delivered late, so that later ones overtake them.</summary>
    public double Reorder { get; init; }

    /// <summary>The most that a reordered call is late.</summary>
    public int ReorderMaxMs { get; init; } = 2000;

    /// <summary>Share of the seller's answers that are dropped: the call was processed, the market believes it failed.</summary>
    public double LoseAnswer { get; init; }

    /// <summary>Share of the market's own answers to usage pushes that never reach the seller though the records were taken.</summary>
    public double LosePushAnswer { get; init; }

    /// <summary>Share of usage records that are rejected whatever they say.</summary>
    public double RejectRecords { get; init; }

    /// <summary>The verdict code of such records (protocol §5.2).</summary>
    public string RejectCode { get; init; } = "013";

    /// <summary>Rejected records are not named in the push's answer, only at /sim/usage (protocol §5.2, timing 6).</summary>
    public bool HideAbnormal { get; init; }

    /// <summary>A push that holds a record of this instance is refused whole, with MKT.9001.</summary>
    public string? RefuseInstance { get; init; }

    /// <summary>The market is away: order query and usage push answer 503, nothing is called.</summary>
    public bool Down { get; init; }

    /// <summary>Delay, in real time, before each call is sent and each request of the seller is answered.</summary>
    public int DelayMs { get; init; }

    /// <summary>Seed of the dice; null: random.</summary>
    public int? Seed { get; init; }
}

/// <summary>The body of <c>POST /sim/faults</c>: fields that are given replace the current ones.</summary>
internal sealed record FaultsRequest(double? Duplicate, double? Reorder, int? ReorderMaxMs, double? LoseAnswer, double? LosePushAnswer,
    double? RejectRecords, string? RejectCode, bool? HideAbnormal, string? RefuseInstance, bool? Down, int? DelayMs, int? Seed, bool? Reset)
{
    public Faults ApplyTo(Faults current)
    {
        foreach (var (name, share) in new[] { ("duplicate", Duplicate), ("reorder", Reorder), ("loseAnswer", LoseAnswer),
            ("losePushAnswer", LosePushAnswer), ("rejectRecords", RejectRecords) })
        {
            if (share is not (null or (>= 0 and <= 1)))
                throw Refusal.BadRequest("fault-out-of-range", $"{name} is a share: give a number from 0 to 1.");
        }
        foreach (var (name, ms) in new[] { ("delayMs", DelayMs), ("reorderMaxMs", ReorderMaxMs) })
        {
            if (ms is not (null or (>= 0 and <= 30_000)))
                throw Refusal.BadRequest("fault-out-of-range", $"{name} is in milliseconds: give a number from 0 to 30000.");
        }
        if (RejectCode is not null && !UsageVerdicts.Known(RejectCode))
            throw Refusal.BadRequest("fault-out-of-range", "rejectCode must be a verdict code of the protocol, 001 to 013.");
        var from = Reset == true ? new Faults() : current;
        return new Faults
        {
            Duplicate = Duplicate ?? from.Duplicate,
            Reorder = Reorder ?? from.Reorder,
            ReorderMaxMs = ReorderMaxMs ?? from.ReorderMaxMs,
            LoseAnswer = LoseAnswer ?? from.LoseAnswer,
            LosePushAnswer = LosePushAnswer ?? from.LosePushAnswer,
            RejectRecords = RejectRecords ?? from.RejectRecords,
            RejectCode = RejectCode ?? from.RejectCode,
            HideAbnormal = HideAbnormal ?? from.HideAbnormal,
            RefuseInstance = RefuseInstance ?? from.RefuseInstance,
            Down = Down ?? from.Down,
            DelayMs = DelayMs ?? from.DelayMs,
            Seed = Seed ?? from.Seed,
        };
    }
}
