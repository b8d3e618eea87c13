namespace Guance.Billing.Postgres.Tests;

public sealed class ServerBinariesTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void The_newest_installed_version_is_taken_for_empty_data()
    {
        Install("9");
        var newest = Install("16");
        Install("15");

        ServerBinaries.Choose(ServerBinaries.Candidates("", [_temporary.Path], []), dataVersion: null).ShouldBe(newest);
    }

    [Fact]
    public void The_path_comes_first_and_a_link_on_it_leads_to_the_folder_of_its_version()
    {
        Install("16");
        var real = Install("15");
        var onPath = Directory.CreateDirectory(Path.Combine(_temporary.Path, "links")).FullName;
        foreach (var program in Directory.EnumerateFiles(real))
            File.CreateSymbolicLink(Path.Combine(onPath, Path.GetFileName(program)), program);

        ServerBinaries.Choose(ServerBinaries.Candidates(onPath, [_temporary.Path], []), dataVersion: null).ShouldBe(real);
    }

    [Fact]
    public void Data_is_served_by_the_version_that_made_it()
    {
        Install("16");
        var made = Install("15");

        ServerBinaries.Choose(ServerBinaries.Candidates("", [_temporary.Path], []), dataVersion: "15").ShouldBe(made);
    }

    [Fact]
    public void Data_of_a_version_that_is_not_installed_is_refused_with_what_to_do()
    {
        Install("16");

        Should.Throw<EmbeddedPostgresException>(() => ServerBinaries.Choose(ServerBinaries.Candidates("", [_temporary.Path], []), dataVersion: "15"))
            .Message.ShouldContain("install PostgreSQL 15");
    }

    [Fact]
    public void A_link_to_what_was_removed_is_no_program()
    {
        var bin = Install("16");
        foreach (var program in Directory.GetFiles(bin))
        {
            File.Delete(program);
            File.CreateSymbolicLink(program, program + "-gone");
        }

        Should.Throw<EmbeddedPostgresException>(() => ServerBinaries.Choose([bin], dataVersion: null));
    }

    [Fact]
    public void A_machine_without_server_programs_is_told_what_to_do()
    {
        File.Delete(Path.Combine(Install("16"), "initdb"));

        Should.Throw<EmbeddedPostgresException>(() => ServerBinaries.Choose(ServerBinaries.Candidates("", [_temporary.Path], [_temporary.Path]), dataVersion: null))
            .Message.ShouldContain("ConnectionStrings__Billing");
    }

    [Fact]
    public void A_wrong_PG_BIN_is_refused_by_name() =>
        Should.Throw<EmbeddedPostgresException>(() => ServerBinaries.Find(_temporary.Path, dataVersion: null)).Message.ShouldContain(_temporary.Path);

    /// <summary>Programs that know their version, as a package would lay them out.</summary>
    private string Install(string version)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_temporary.Path, version, "bin")).FullName;
        foreach (var program in (string[])["postgres", "initdb", "pg_ctl"])
        {
            File.WriteAllText(Path.Combine(bin, program), $"#!/bin/sh\necho 'postgres (PostgreSQL) {version}.3 (Debian {version}.3-1)'\n");
            File.SetUnixFileMode(Path.Combine(bin, program), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return bin;
    }
}
