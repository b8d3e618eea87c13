using System.Globalization;
using System.Net;
using System.Text;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>The page at <c>/</c>: what was bought and what became of it, with links to the JSON. No script, nothing from outside.</summary>
internal static class IndexPage
{
    private const int RowsMax = 200;

    public static string Write(Market market, SimulatorOptions options)
    {
        var instances = market.Instances();
        var rows = new StringBuilder();
        foreach (var i in instances.Reverse().Take(RowsMax))
        {
            var id = i.InstanceId is null ? "" : $"<a href=\"/sim/calls?instanceId={Uri.EscapeDataString(i.InstanceId)}\">{Text(i.InstanceId)}</a>";
            rows.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Text(i.OrderId)}</td><td>{id}</td><td>{Text(i.CustomerName)}<br><small>{Text(i.CustomerId)}</small></td><td>{Text(i.Product)}</td><td>{Text(i.Status)}</td><td>{Text(i.Note)}</td></tr>\n");
        }
        return $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Marketplace simulator</title>
            <style>body {"{"} font: 16px/1.5 system-ui, sans-serif; margin: 2rem; {"}"} table {"{"} border-collapse: collapse; {"}"} td, th {"{"} border: 1px solid #888; padding: .3rem .6rem; text-align: left; {"}"}</style>
            </head><body>
            <h1>Marketplace simulator</h1>
            <p>Now {market.Now.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, billing in {Text(options.Currency)}. It calls {Text(options.SellerCallbackUrl)}.</p>
            <p>JSON: <a href="/sim/orders">orders</a> · <a href="/sim/instances">instances</a> · <a href="/sim/calls">calls</a> ·
            <a href="/sim/usage">usage</a> · <a href="/sim/violations">violations</a> · <a href="/sim/faults">faults</a> · <a href="/sim/clock">clock</a></p>
            <table><caption>{instances.Count.ToString(CultureInfo.InvariantCulture)} instances, newest first</caption>
            <thead><tr><th>Order</th><th>Instance</th><th>Customer</th><th>Product</th><th>Status</th><th>Note</th></tr></thead>
            <tbody>
            {rows}</tbody></table>
            </body></html>
            """;
    }

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");
}
