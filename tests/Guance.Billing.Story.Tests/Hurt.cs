namespace Guance.Billing.Story.Tests;

/// <summary>Hurts a world at random moments, one hurt after the other; in the end all of it stands again.</summary>
internal sealed class Hurt(AFragileWorld world, Random random)
{
    private readonly SortedDictionary<string, int> counts = new(StringComparer.Ordinal);

    /// <summary>Processes and database servers killed so far.</summary>
    public int Kills { get; private set; }

    /// <summary>Hurts until so many kills were done in all, and the work is over or goes on; what goes wrong in the work ends it.</summary>
    public async Task UntilAsync(int kills, Task meanwhile)
    {
        while (Kills < kills)
        {
            await LetGoOnAsync(2000);
            if (meanwhile.IsFaulted)
            {
                await meanwhile;
            }

            await OnceAsync();
        }
    }

    public async Task KillAllAsync()
    {
        await world.KillAsync(world.Nodes);
        Count("deployments", world.Nodes.Count);
    }

    public override string ToString() => $"{Kills} kills ({string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))})";

    private Task OnceAsync() => random.Next(100) switch
    {
        < 45 => KillAsync(ANode()),
        < 55 => KillAsync([.. world.Nodes.OrderBy(_ => random.Next()).Take(2)]),
        < 65 => KillWhileStartingAsync(ANode()),
        < 80 => CrashPostgresAsync(),
        < 95 => TroubleAsync(),
        _ => FillDiskAsync(),
    };

    private async Task KillAsync(params Node[] nodes)
    {
        await world.KillAsync(nodes);
        Count("deployments", nodes.Length);
        await world.StartAsync(nodes);
    }

    private async Task KillWhileStartingAsync(Node node)
    {
        await world.KillAsync(node);
        var starting = world.StartAsync(node);
        await LetGoOnAsync(4000);
        await world.KillAsync(node);
        await starting.ContinueWith(_ => { }, TaskScheduler.Default);
        Count("deployments", 2);
        await world.StartAsync(node);
    }

    private async Task CrashPostgresAsync()
    {
        var signal = random.Next(2) == 0 ? "QUIT" : "KILL";
        await world.Servers.CrashAsync(signal);
        Count("database servers", 1);
    }

    private async Task TroubleAsync()
    {
        var link = world.LinkTo(AName());
        var trouble = (Trouble)random.Next(1, Enum.GetValues<Trouble>().Length);
        link.Suffer(trouble);
        await LetGoOnAsync(4000);
        link.Suffer(Trouble.None);
        Count($"links {trouble.ToString().ToLowerInvariant()}", 1, isKill: false);
    }

    /// <summary>As PostgreSQL tells of a disk on which a table cannot grow: a real one would be everybody's on this machine.</summary>
    private async Task FillDiskAsync()
    {
        await using var database = world.DatabaseOf(AFragileWorld.Names[random.Next(1, AFragileWorld.Names.Count)]);
        await ExecuteAsync(
            """
            create or replace function public.disk_full() returns trigger language plpgsql as
                $$ begin raise exception using errcode = '53100', message = 'could not extend file "base/1/1": No space left on device'; end $$;
            create trigger disk_full before insert on workspaces.usage_pending for each statement execute function public.disk_full();
            """);
        await LetGoOnAsync(3000);
        await ExecuteAsync("drop trigger disk_full on workspaces.usage_pending");
        Count("full disks", 1, isKill: false);

        async Task ExecuteAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    private Node ANode() => world.Nodes[random.Next(world.Nodes.Count)];

    private string AName() => AFragileWorld.Names[random.Next(AFragileWorld.Names.Count)];

    /// <summary>A moment that nobody can foresee is what this is about.</summary>
    private Task LetGoOnAsync(int msMax) => Task.Delay(random.Next(50, msMax));

    private void Count(string what, int number, bool isKill = true)
    {
        counts[what] = counts.GetValueOrDefault(what) + number;
        Kills += isKill ? number : 0;
    }
}
