namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>A control request that cannot be done, with a stable code and a sentence that says what to do.</summary>
internal sealed class Refusal(int status, string code, string sentence) : Exception(sentence)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public static Refusal BadRequest(string code, string sentence) => new(StatusCodes.Status400BadRequest, code, sentence);

    public static Refusal NotFound(string code, string sentence) => new(StatusCodes.Status404NotFound, code, sentence);

    public static Refusal Conflict(string code, string sentence) => new(StatusCodes.Status409Conflict, code, sentence);
}
