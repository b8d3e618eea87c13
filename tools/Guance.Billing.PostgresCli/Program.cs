// A throw-away PostgreSQL server for scripts: prints its connection string on one line, and stops and deletes its data
// when standard input ends or on Ctrl-C. With a folder as its argument it keeps the data there, and is durable.
using System.Runtime.InteropServices;
using Guance.Billing.Postgres;

using var interrupted = new CancellationTokenSource();
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    interrupted.Cancel();
}

try
{
    await using var server = await EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions
        {
            Folder = args is [var folder] ? folder : Directory.CreateTempSubdirectory("guance-postgres-").FullName,
            Durability = args is [_] ? Durability.Full : Durability.TestOnly,
            DeleteWhenStopped = args is [],
        },
        interrupted.Token);

    Console.WriteLine(server.ServerConnectionString);
    var inputEnded = Console.OpenStandardInput().CopyToAsync(Stream.Null, interrupted.Token);
    await Task.WhenAny(inputEnded, Task.Delay(Timeout.InfiniteTimeSpan, interrupted.Token));
    return 0;
}
catch (OperationCanceledException)
{
    return 130;
}
catch (EmbeddedPostgresException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
