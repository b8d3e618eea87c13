using Guance.Billing.Platform.Http;

namespace Guance.Billing.Sites;

/// <summary>How a site asks the Billing Center and waits for the answer (the <i>ask</i> of the site link).</summary>
public interface IBillingCenter
{
    /// <summary>
    /// Asks. Safe to repeat: the same ask with the same content is done once and answered alike, so after any failure it is simply
    /// asked again.
    /// </summary>
    /// <exception cref="BillingRefusal">The Billing Center refused; its code and sentence, as they are.</exception>
    /// <exception cref="PeerUnreachableException">No answer in time, or none at all: it may or may not have been done.</exception>
    Task<TAnswer> AskAsync<TAsk, TAnswer>(TAsk ask, CancellationToken ct)
        where TAsk : IAsk<TAnswer>;
}

/// <summary>A peer gave no answer: it is down, the network is cut, or it failed.</summary>
/// <param name="message">What was tried.</param>
/// <param name="innerException">The cause.</param>
public sealed class PeerUnreachableException(string message, Exception? innerException = null) : Exception(message, innerException), IOutage;
