namespace Guance.Billing.SharedKernel;

/// <summary>What a password must be, at sites and in the Billing Center alike (rules §2).</summary>
public static class PasswordRule
{
    /// <summary>What it says to people.</summary>
    public const string Sentence = "A password has 8 to 32 characters, of three kinds at least: small letters, capitals, digits, others.";

    /// <summary>8-32 characters, none a control character, of at least three of: small letters, capitals, digits, others.</summary>
    /// <param name="password">The password.</param>
    public static bool IsMetBy(string? password) => password is { Length: >= 8 and <= 32 } && !password.Any(char.IsControl)
        && (password.Any(char.IsLower) ? 1 : 0) + (password.Any(char.IsUpper) ? 1 : 0) + (password.Any(char.IsDigit) ? 1 : 0)
            + (password.Any(c => !char.IsLower(c) && !char.IsUpper(c) && !char.IsDigit(c)) ? 1 : 0) >= 3;

    /// <summary>What somebody is told who has signed in and gives another password than the account's.</summary>
    public static BillingRefusal Wrong() =>
        BillingRefusal.InvalidField("password", "password-wrong", "That is not the account's password. After five wrong passwords an account waits 15 minutes.");
}
