using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Web;

/// <summary>Words that are given in both languages at one place, so that none is missing in one.</summary>
/// <param name="Code"><c>en</c> or <c>zh</c>.</param>
public abstract record TwoLanguages(string Code)
{
    protected T In<T>(T english, T chinese) => Code == "zh" ? chinese : english;
}

/// <summary>The words of the frame, and those that all pages share, in one language; each is given in both, side by side.</summary>
/// <param name="Code"><c>en</c> or <c>zh</c>.</param>
public sealed record Words(string Code) : TwoLanguages(Code)
{
    public static Words En { get; } = new("en");
    public static Words Zh { get; } = new("zh");

    public string OtherLanguage => In("中文", "English");
    public string SignIn => In("Sign in", "登录");
    public string SignOut => In("Sign out", "退出登录");
    public string Username => In("Username", "用户名");
    public string Password => In("Password", "密码");
    public string PasswordRules => In("What the password needs", "密码要求");
    public string PasswordLength => In("8 to 32 characters", "8-32 个字符");
    public string PasswordKinds => In("three of these four kinds:", "至少包含以下四类中的三类：");
    public string SmallLetters => In("small letters", "小写字母");
    public string Capitals => In("capitals", "大写字母");
    public string Digits => In("digits", "数字");
    public string Others => In("other characters", "其他字符");
    public string Met => In("met", "已满足");
    public string Unmet => In("not met yet", "未满足");
    public string PasswordGood => In("The password will do.", "密码符合要求。");
    public string PasswordNotYet => In("The password does not meet the rules yet.", "密码尚未满足要求。");
    public string PasswordChanged => In("The password was changed. Sign in with the new one.", "密码已修改。请使用新密码登录。");
    public string SignInFailed => In("Username and password don't belong together. After five wrong passwords an account waits 15 minutes.", "用户名或密码不正确。连续输错五次后，账号需等待 15 分钟。");
    public string TooOften => In("Too many tries. Wait a minute, then try again.", "尝试次数过多，请一分钟后再试。");
    public string FirstPage => In("First page", "首页");
    public string NextPage => In("Next page", "下一页");
    public string Loading => In("Loading", "加载中");
    public string TryAgain => In("Try again", "重试");
    public string LightOrDark => In("Light or dark", "浅色或深色");
    public string TimesIn => In("Times in", "时区");
    public string BillingDaysIn => In("Billing days in", "计费日时区");
    public string Cancel => In("Cancel", "取消");
    public string Confirm => In("Confirm", "确定");
    public string Close => In("Close", "关闭");
    public string Menu => In("Menu", "菜单");
    public string SomethingWentWrong => In("Something went wrong here. Load the page again; nothing was half done.", "页面出错了。请重新加载；未完成的操作不会生效。");
    public string Reload => In("Load again", "重新加载");
    public string NoSuchPage => In("There is no such page.", "页面不存在。");

    public static Words Of(string? code) => code == Zh.Code ? Zh : En;

    /// <summary>What the reader has chosen, else the first that the browser asks for.</summary>
    public static Words Of(HttpRequest request) => Of(
        request.Cookies[LanguageEndpoint.CookieName] is { Length: > 0 } chosen ? chosen
        : request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1).Select(language => language.Value.ToString().Split('-')[0])
            .FirstOrDefault(code => code == Zh.Code || code == En.Code));

    /// <summary>What refusals that any command may have say in Chinese.</summary>
    internal static string? RefusalInChinese(string code) => code switch
    {
        "try-again" => "其他人同时修改了同一内容，请重试。",
        "unavailable" => "所需的服务暂时无法连接，请稍后重试。",
        "bad-request" => "输入内容无法识别，请检查后重试。",
        _ => null,
    };
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
            return TypedResults.LocalRedirect(OwnPath.Of(back));
        })
        .ForAnyone()
        .ExcludeFromDescription();
}
