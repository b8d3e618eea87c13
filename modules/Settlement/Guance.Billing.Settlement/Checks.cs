namespace Guance.Billing.Settlement;

/// <summary>
/// An invariant of rules §9 as a query: it finds what must not be. Each row: account_id, workspace, day, subject, what, expected, found.
/// </summary>
/// <param name="Name">Stable, kebab-case.</param>
/// <param name="Repair">What the operator is to do.</param>
/// <param name="Sql">Takes <c>@from</c> and <c>@to</c>, billing days; both included.</param>
/// <param name="ReadsWholeJournals">It costs what all that ever happened costs: made when an operator asks, not after each day.</param>
internal sealed record Check(string Name, string Repair, string Sql, bool ReadsWholeJournals = false)
{
    /// <summary>Every check that a query can make; hash chains are reckoned by <c>JournalVerifier</c>, usage by <see cref="Rating"/>.</summary>
    public static IReadOnlyList<Check> All { get; } =
    [
        new("bill-is-its-lines",
            "Compare the bill with its lines and its journal entry; restore what was changed from the backup, then run the checks again.",
            """
            select coalesce(b.account_id, l.account_id) as account_id, workspace, day, '' as subject,
                case when b.total is null then 'There are lines and no bill.' else 'The bill is not the sum of its lines.' end as what, l.amount as expected, b.total as found
            from (select day, workspace, max(account_id) as account_id, sum(amount) as amount from settlement.bill_line where day between @from and @to group by day, workspace) l
            full join (select * from settlement.bill where day between @from and @to) b using (day, workspace)
            where l.amount is distinct from b.total
            """),
        new("line-is-rounded-right",
            "The line was changed after it was made: restore it from the backup, then run the checks again.",
            """
            select account_id, workspace, day, line_no::text as subject, 'A line''s amount and what it carries on are not its exact charge rounded.' as what,
                round(exact + carry_in, 2) as expected, amount as found
            from settlement.bill_line
            where day between @from and @to and (amount <> round(exact + carry_in, 2) or carry_out <> exact + carry_in - amount)
            """),
        new("line-has-the-books-price",
            "The line or the price book was changed after the line was made: restore it from the backup, then run the checks again.",
            """
            select l.account_id, l.workspace, l.day, l.line_no::text as subject, 'A line''s price is not in the price book''s version that it names.' as what,
                null::numeric as expected, l.price as found
            from settlement.bill_line l
            where l.day between @from and @to and not exists (
                select from settlement.price p
                where p.version <= l.price_version and p.item = l.item and p.retention_days = l.retention_days and p.price = l.price and p.unit_quantity = l.unit_quantity
                    and p.effective_from <= coalesce(l.adjusts_day, l.day))
            """),
        new("line-is-quantity-times-price",
            "The line was changed after it was made: restore it from the backup, then run the checks again.",
            """
            select max(account_id) as account_id, workspace, day, item || '/' || retention_days as subject, 'What an item is charged is not its quantity by its price.' as what,
                round(case when bool_or(share_denominator > 1) then max(quantity) else sum(quantity) end * max(price) / max(unit_quantity), 16) as expected, sum(exact) as found
            from settlement.bill_line
            where day between @from and @to and adjusts_day is null
            group by workspace, day, item, retention_days
            having abs(sum(exact) - round(case when bool_or(share_denominator > 1) then max(quantity) else sum(quantity) end * max(price) / max(unit_quantity), 16)) > 0.00000000000001
            """),
        new("bill-is-paid-once",
            "Compare the bill with the account's journal. A journal is never edited: restore it from the backup, then run the checks again.",
            """
            select b.account_id, b.workspace, b.day, '' as subject, 'The journal does not charge what the bill says.' as what, b.total as expected, coalesce(e.charged, 0) as found
            from settlement.bill b
            left join (
                select e.account_id, e.idempotency_key, sum(p.amount) as charged
                from settlement.journal_entry e cross join lateral unnest(e.ledgers, e.amounts) p(ledger, amount)
                where e.day between @from and @to and p.ledger = 'usage'
                group by e.account_id, e.idempotency_key) e
                on e.account_id = b.account_id and e.idempotency_key = 'bill_' || to_char(b.day, 'YYYYMMDD') || '_' || replace(b.workspace::text, '-', '')
            where b.day between @from and @to and b.total <> coalesce(e.charged, 0)
            """),
        new("carried-is-what-rounding-left",
            "What is carried was changed: set settlement.carry to the carry_out of the last line of the workspace, item, retention and payer, then run the checks again.",
            """
            select l.account_id, l.workspace, l.day, l.item || '/' || l.retention_days || '/' || l.payer as subject, 'What is carried on is not what rounding left.' as what,
                l.carry_out as expected, coalesce(c.residue, 0) as found
            from (
                select distinct on (workspace, item, retention_days, payer) * from settlement.bill_line
                where day = @to and not exists (select from settlement.day_close later where later.day > @to)
                order by workspace, item, retention_days, payer, line_no desc) l
            left join settlement.carry c using (workspace, item, retention_days, payer)
            where l.carry_out <> coalesce(c.residue, 0)
            """),
        new("one-payer-at-every-instant",
            "Rebuild the workspace's snapshot from its events (stop the nodes, run 'Guance.Billing.Host rebuild', start them), then run the checks again.",
            """
            select d.account_key as account_id, right(d.id, 32)::uuid as workspace, null::date as day, s.from_at::text as subject, 'There are instants with no payer or two.' as what,
                null::numeric as expected, null::numeric as found
            from settlement.mt_doc_workspacesettlement d
            cross join lateral (
                select from_at, to_at, lead(from_at) over (order by from_at) as next_at from settlement.payer_spans(d.data -> 'payers')) s
            where s.to_at is distinct from coalesce(s.next_at, 'infinity')
            """),
        new("nothing-accrues-to-a-closed-subscription",
            "The closing was noted after the day was closed, or the closing instant was changed: run the next day's close, which corrects it by a line, then run the checks again.",
            """
            select l.account_id, l.workspace, l.day, l.line_no::text as subject, 'A subscription is charged for a day that begins after it was closed.' as what,
                0::numeric as expected, l.amount as found
            from settlement.bill_line l
            join settlement.mt_doc_closing c on (c.data -> 'instance' ->> 'provider') || '/' || (c.data -> 'instance' ->> 'instanceId') = l.payer
            where l.day between @from and @to and l.payer <> 'billing-center' and l.exact > 0
                and coalesce(l.adjusts_day, l.day) > ((c.data ->> 'closedAt')::timestamptz at time zone @zone)::date
            """),
        new("credits-are-what-the-journal-left",
            "A voucher's or card's balance was changed: set it to what its postings in the account's journal come to, then run the checks again.",
            """
            with active as (select distinct account_id from settlement.journal_entry where day between @from and @to),
            credit as (
                select account_id, 'voucher:' || id as ledger, balance from settlement.voucher join active using (account_id)
                union all
                select account_id, 'card:' || id, balance from settlement.prepaid_card join active using (account_id))
            select c.account_id, null::uuid as workspace, null::date as day, c.ledger as subject, 'A credit''s balance is not the sum of its postings.' as what,
                coalesce(p.amount, 0) as expected, c.balance as found
            from credit c
            left join (
                select e.account_id, p.ledger, sum(p.amount) as amount
                from settlement.journal_entry e cross join lateral unnest(e.ledgers, e.amounts) p(ledger, amount)
                where e.account_id in (select account_id from credit)
                group by e.account_id, p.ledger) p using (account_id, ledger)
            where c.balance <> coalesce(p.amount, 0)
            """),
        new("a-cloud-owes-what-was-charged",
            "What a cloud subscription owes was changed: set settlement.cloud_due to what its postings in the journals come to, then run the checks again.",
            """
            select p.account_id, null::uuid as workspace, null::date as day, d.payer as subject, 'What a subscription owes is not the sum of its postings.' as what,
                coalesce(p.amount, 0) as expected, d.total as found
            from settlement.cloud_due d
            left join (
                select substr(p.ledger, 7) as payer, max(e.account_id) as account_id, -sum(p.amount) as amount
                from settlement.journal_entry e cross join lateral unnest(e.ledgers, e.amounts) p(ledger, amount)
                where p.ledger like 'cloud:%' group by p.ledger) p using (payer)
            where d.total <> coalesce(p.amount, 0)
            """,
            ReadsWholeJournals: true),
    ];
}
