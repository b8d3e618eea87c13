using System.Runtime.CompilerServices;

// What a project must not do: see ProjectFileTests.
[assembly: InternalsVisibleTo("Violations.Stranger")]
