using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>The V2.0 names of the operations (protocol §2); V1.0 calls are written from the same.</summary>
internal static class Activities
{
    public const string NewInstance = "newInstance";
    public const string QueryInstance = "queryInstance";
    public const string RefreshInstance = "refreshInstance";
    public const string UpdateInstanceStatus = "updateInstanceStatus";
    public const string ReleaseInstance = "releaseInstance";
    public const string UpgradeInstance = "upgradeInstance";
    public const string ChangeInstanceCheck = "changeInstanceCheck";
}

/// <summary>A call that is to be made until the seller acknowledges it or its window is over. Guarded by the market's lock.</summary>
internal sealed class Call
{
    public required string Activity { get; init; }

    /// <summary>Null for a test call.</summary>
    public Subscription? Subscription { get; init; }

    /// <summary>The order that the call is about, if any.</summary>
    public Order? Order { get; init; }

    /// <summary>The activity's own fields under their V2.0 names, businessId and testFlag excepted.</summary>
    public required IReadOnlyDictionary<string, object> Fields { get; init; }
    public bool IsV1 { get; init; }
    public bool IsTest { get; init; }

    /// <summary>A second copy of a call, sent once.</summary>
    public bool IsDuplicate { get; init; }

    /// <summary>A call of the buyer's console, sent once.</summary>
    public bool IsOnce { get; init; }

    /// <summary>The order in which calls were asked for; a duplicate has its original's.</summary>
    public required long Sequence { get; init; }
    public required DateTimeOffset FirstMadeAt { get; init; }

    public long Id { get; set; }
    public int Attempt { get; set; }
    public DateTimeOffset DueAt { get; set; }
    public bool InFlight { get; set; }
    public bool Reordered { get; set; }

    /// <summary>When the attempt was signed, however late it is delivered; 0 while it is not. Nonce and businessId are drawn with it.</summary>
    public long TimestampMs { get; set; }
    public string Nonce { get; set; } = "";
    public string BusinessId { get; set; } = "";

    /// <summary>Completes with the first attempt, so that a control request can tell how it went.</summary>
    public TaskCompletionSource<CallView> FirstAnswer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? Field(string name) => Fields.TryGetValue(name, out var value) ? value as string : null;
}

internal enum BodySign
{
    Missing,
    Wrong,
    Verified,
}

/// <summary>What came back from the seller for one attempt, and what was sent.</summary>
internal sealed record Answer
{
    public required string Method { get; init; }
    public required string QueryString { get; init; }
    public required string? RequestBody { get; init; }
    public required DateTimeOffset SentAt { get; init; }
    public required DateTimeOffset AnsweredAt { get; init; }
    public required TimeSpan Took { get; init; }

    /// <summary>Null when no answer came; then <see cref="Error"/> says why.</summary>
    public int? HttpStatus { get; init; }
    public string? Error { get; init; }
    public string? ContentType { get; init; }
    public string? Body { get; init; }
    public BodySign BodySign { get; init; }

    /// <summary>The header's name as it came; V1.0 insists on its case.</summary>
    public string? BodySignHeaderName { get; init; }

    /// <summary>The body, when it is a JSON object; for V1.0 with the encrypted fields in plain text.</summary>
    public JsonElement? Json { get; init; }

    public string? ResultCode => Text("resultCode");

    public string? Text(string name) =>
        Json is { } json && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public bool IsJsonMedia => ContentType?.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The information of one instance in a queryInstance answer.</summary>
    public JsonElement? Info(string instanceId)
    {
        if (Json is not { } json || !json.TryGetProperty("info", out var info) || info.ValueKind != JsonValueKind.Array)
            return null;
        foreach (var item in info.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("instanceId", out var id)
                && id.ValueKind == JsonValueKind.String && id.ValueEquals(instanceId))
                return item;
        }
        return null;
    }
}

/// <summary>One attempt as <c>GET /sim/calls</c> shows it.</summary>
internal sealed record CallView(long Id, string Activity, string Version, string? InstanceId, string? OrderId, string? OrderLineId, int Attempt,
    bool TestFlag, bool Duplicate, bool Reordered, DateTimeOffset SignedAt, DateTimeOffset SentAt, DateTimeOffset AnsweredAt, double DurationMs,
    string Method, string QueryString, string? RequestBody, int? HttpStatus, string? ContentType, string? AnswerBody, string? BodySign,
    bool BodySignVerified, bool AnswerLost, string Outcome, string? ResultCode, string? Error, DateTimeOffset? NextAttemptAt);

/// <summary>A breach of the protocol by the seller.</summary>
internal sealed record Violation(DateTimeOffset At, string Kind, string Sentence, long CallId, string Activity, string? OrderLineId, string? InstanceId);
