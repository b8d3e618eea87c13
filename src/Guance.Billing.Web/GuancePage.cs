using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Http;
using MediatR;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Guance.Billing.Web;

/// <summary>A page for somebody who has signed in, others being led to the sign-in and back; or one for anybody.</summary>
public abstract class GuancePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource gone = new();

    // The token is taken once: what goes on a little after the page was left may still ask for it.
    protected GuancePage() => Gone = gone.Token;

    /// <summary>Who reads it.</summary>
    [CascadingParameter]
    public Reader Reader { get; set; } = null!;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private Questions Questions { get; set; } = null!;

    [Inject]
    private PagesModule Pages { get; set; } = null!;

    /// <summary>Goes to other pages.</summary>
    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    /// <summary>For whom the page is; <see cref="CallerKind.Anonymous"/> for anybody.</summary>
    protected abstract CallerKind For { get; }

    /// <summary>Who has signed in.</summary>
    protected Caller Caller { get; private set; } = Caller.Nobody;

    /// <summary>What went wrong last and what to do, in the reader's language; null when nothing did.</summary>
    protected string? Failure { get; set; }

    /// <summary>The code of the refusal that <see cref="Failure"/> says.</summary>
    protected string? FailureCode { get; private set; }

    /// <summary>The field that the refusal is about.</summary>
    protected string? FailureField { get; private set; }

    /// <summary>Whether a command or a query is under way: buttons wait for it.</summary>
    protected bool IsBusy { get; private set; }

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Gone { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected sealed override async Task OnInitializedAsync()
    {
        Caller = Caller.Of((await Authentication).User);
        if (For is not CallerKind.Anonymous && Caller.Kind != For)
        {
            Navigation.NavigateTo($"{SignInPath}?back={Uri.EscapeDataString(new Uri(Navigation.Uri).PathAndQuery)}", forceLoad: true);
            return;
        }

        await TryAsync(LoadAsync);
    }

    /// <summary>Where one signs in to see it.</summary>
    protected virtual string SignInPath => "/sign-in";

    /// <summary>Reads what the page shows at first.</summary>
    protected virtual Task LoadAsync() => Task.CompletedTask;

    /// <summary>Sends a query or a command.</summary>
    protected Task<TAnswer> AskAsync<TAnswer>(IRequest<TAnswer> request) => Questions.SendAsync(request, Gone);

    /// <summary>What a refusal says and how to help it, in the reader's language.</summary>
    protected string Sentence(BillingRefusal refusal) => Pages.Sentence(refusal, Reader);

    /// <summary>Does something and says what went wrong with it; answers whether all went well.</summary>
    protected async Task<bool> TryAsync(Func<Task> work)
    {
        (IsBusy, Failure, FailureCode, FailureField) = (true, null, null, null);
        try
        {
            await work();
            return true;
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception failure) when (Refusals.Of(failure) is { } refusal)
        {
            (Failure, FailureCode, FailureField) = (Sentence(refusal), refusal.Code, refusal.Details.GetValueOrDefault("field") as string);
            return false;
        }
        finally
        {
            IsBusy = false;
        }
    }

    /// <summary>Reads again every so often while <paramref name="isDue"/> says so and the page is there.</summary>
    protected async Task KeepReadingAsync(TimeSpan every, Func<bool> isDue, Func<Task> read)
    {
        using var timer = new PeriodicTimer(every);
        try
        {
            while (await timer.WaitForNextTickAsync(Gone))
            {
                if (isDue() && !IsBusy)
                {
                    await TryAsync(read);
                    await InvokeAsync(StateHasChanged);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            gone.Cancel();
            gone.Dispose();
        }
    }
}
