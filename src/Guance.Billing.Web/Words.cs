using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Web;

/// <summary>The words of the pages in one language. A new word has to be given in both, or it does not compile.</summary>
internal sealed record Words
{
    public required string Code { get; init; }
    public required string OtherLanguage { get; init; }
    public required string BillingCenter { get; init; }
    public required string SignIn { get; init; }
    public required string SignOut { get; init; }
    public required string Username { get; init; }
    public required string Password { get; init; }
    public required string SignInFailed { get; init; }
    public required string TooOften { get; init; }
    public required string WorkspaceManagement { get; init; }
    public required string Search { get; init; }
    public required string AllSites { get; init; }
    public required string AllStates { get; init; }
    public required string AllMethods { get; init; }
    public required string Workspace { get; init; }
    public required string Site { get; init; }
    public required string State { get; init; }
    public required string Method { get; init; }
    public required string SettledSince { get; init; }
    public required string NextChange { get; init; }
    public required string NowPossible { get; init; }
    public required string BufferUntil { get; init; }
    public required string SiteCatchesUp { get; init; }
    public required string NothingFound { get; init; }
    public required string NoWorkspaces { get; init; }
    public required string ClearFilters { get; init; }
    public required string FirstPage { get; init; }
    public required string NextPage { get; init; }
    public required string Loading { get; init; }
    public required string Failed { get; init; }
    public required string TryAgain { get; init; }
    public required string LightOrDark { get; init; }
    public required string TimesIn { get; init; }
    public required IReadOnlyDictionary<LockState, string> States { get; init; }
    public required IReadOnlyDictionary<LockReason, string> Reasons { get; init; }
    public required IReadOnlyDictionary<string, string> Methods { get; init; }

    public static Words En { get; } = new()
    {
        Code = "en",
        OtherLanguage = "中文",
        BillingCenter = "Billing Center",
        SignIn = "Sign in",
        SignOut = "Sign out",
        Username = "Username",
        Password = "Password",
        SignInFailed = "Username and password don't belong together. After five wrong passwords an account waits 15 minutes.",
        TooOften = "Too many tries. Wait a minute, then try again.",
        WorkspaceManagement = "Workspace Management",
        Search = "Name or ID",
        AllSites = "All sites",
        AllStates = "All states",
        AllMethods = "All settlement methods",
        Workspace = "Workspace",
        Site = "Site",
        State = "State",
        Method = "Settlement method",
        SettledSince = "Settled so since",
        NextChange = "Next change possible",
        NowPossible = "now",
        BufferUntil = "Usable until",
        SiteCatchesUp = "The site has not applied the latest change yet.",
        NothingFound = "No workspace is like that.",
        NoWorkspaces = "No workspace is settled by this account yet. Register one at a site with this account as its Billing Center account.",
        ClearFilters = "Show all",
        FirstPage = "First page",
        NextPage = "Next page",
        Loading = "Loading",
        Failed = "This could not be read just now.",
        TryAgain = "Try again",
        LightOrDark = "Light or dark",
        TimesIn = "Times in",
        States = new Dictionary<LockState, string> { [LockState.Normal] = "Normal", [LockState.Locked] = "Locked", [LockState.Expired] = "Expired", [LockState.Dissolved] = "Dissolved" },
        Reasons = new Dictionary<LockReason, string>
        {
            [LockReason.SubscriptionClosed] = "purchase closed", [LockReason.SubscriptionFrozen] = "purchase frozen", [LockReason.Arrears] = "arrears", [LockReason.Operator] = "locked by an operator",
        },
        Methods = new Dictionary<string, string>(StringComparer.Ordinal) { ["billing-center"] = "Billing Center Settlement", ["huawei-cloud"] = "Huawei Cloud Account Settlement" },
    };

    public static Words Zh { get; } = new()
    {
        Code = "zh",
        OtherLanguage = "English",
        BillingCenter = "费用中心",
        SignIn = "登录",
        SignOut = "退出登录",
        Username = "用户名",
        Password = "密码",
        SignInFailed = "用户名或密码不正确。连续输错五次后，账号需等待 15 分钟。",
        TooOften = "尝试次数过多，请一分钟后再试。",
        WorkspaceManagement = "工作空间管理",
        Search = "名称或 ID",
        AllSites = "全部站点",
        AllStates = "全部状态",
        AllMethods = "全部结算方式",
        Workspace = "工作空间",
        Site = "站点",
        State = "状态",
        Method = "结算方式",
        SettledSince = "当前方式起始时间",
        NextChange = "下次可变更时间",
        NowPossible = "现在",
        BufferUntil = "可用至",
        SiteCatchesUp = "站点尚未应用最新的变更。",
        NothingFound = "没有符合条件的工作空间。",
        NoWorkspaces = "该账号尚未结算任何工作空间。请在站点注册工作空间，并绑定此费用中心账号。",
        ClearFilters = "显示全部",
        FirstPage = "首页",
        NextPage = "下一页",
        Loading = "加载中",
        Failed = "暂时无法读取。",
        TryAgain = "重试",
        LightOrDark = "浅色或深色",
        TimesIn = "时区",
        States = new Dictionary<LockState, string> { [LockState.Normal] = "正常", [LockState.Locked] = "已锁定", [LockState.Expired] = "已过期", [LockState.Dissolved] = "已解散" },
        Reasons = new Dictionary<LockReason, string>
        {
            [LockReason.SubscriptionClosed] = "资源已关闭", [LockReason.SubscriptionFrozen] = "资源已冻结", [LockReason.Arrears] = "欠费", [LockReason.Operator] = "管理员锁定",
        },
        Methods = new Dictionary<string, string>(StringComparer.Ordinal) { ["billing-center"] = "费用中心结算", ["huawei-cloud"] = "华为云账号结算" },
    };

    public static Words Of(string? code) => code == Zh.Code ? Zh : En;

    /// <summary>What the reader has chosen, else the first that the browser asks for.</summary>
    public static Words Of(HttpRequest request) => Of(
        request.Cookies[LanguageEndpoint.CookieName] is { Length: > 0 } chosen ? chosen
        : request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1).Select(language => language.Value.ToString().Split('-')[0])
            .FirstOrDefault(code => code == Zh.Code || code == En.Code));
}

/// <summary>Choose the language of the pages.</summary>
internal static class LanguageEndpoint
{
    public const string CookieName = "guance_language";
    private static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/language/{code}", (string code, string? back, HttpResponse response) =>
        {
            response.Cookies.Append(CookieName, Words.Of(code).Code, new() { MaxAge = Kept, SameSite = SameSiteMode.Lax, HttpOnly = true, IsEssential = true });
            // Within these pages alone.
            return TypedResults.LocalRedirect(back is ['/', not ('/' or '\\'), ..] ? back : "/");
        })
        .ForAnyone()
        .ExcludeFromDescription();
}
