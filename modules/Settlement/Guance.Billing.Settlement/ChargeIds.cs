using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Guance.Billing.Settlement;

/// <summary>Ids of bills and of their lines are made of their keys; workspaces stand in bulk tables as the UUID in their id.</summary>
internal static class ChargeIds
{
    private const string DayForm = "yyyyMMdd";

    public static Guid Uuid(this WorkspaceId workspace) => Guid.ParseExact(workspace.Value[WorkspaceId.Prefix.Length..], "N");

    public static WorkspaceId Workspace(Guid uuid) => WorkspaceId.Of(WorkspaceId.Prefix + uuid.ToString("N"));

    public static string Bill(DateOnly day, Guid workspace) => $"bill_{Text(day)}_{workspace:N}";

    public static string Line(DateOnly day, Guid workspace, int lineNumber) => string.Create(CultureInfo.InvariantCulture, $"line_{Text(day)}_{workspace:N}_{lineNumber}");

    public static bool TryParseLine(string id, [NotNullWhen(true)] out (DateOnly Day, Guid Workspace, int LineNumber)? line)
    {
        line = id.Split('_') is ["line", var day, var workspace, var number]
            && DateOnly.TryParseExact(day, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && Guid.TryParseExact(workspace, "N", out var uuid)
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var lineNumber)
            ? (date, uuid, lineNumber)
            : null;
        return line is not null;
    }

    private static string Text(DateOnly day) => day.ToString(DayForm, CultureInfo.InvariantCulture);
}
