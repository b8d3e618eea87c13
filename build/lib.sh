# shellcheck shell=bash
# What the commands in this folder share: set-up, builds, and progress that a person can follow. Sourced, not run.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
# No build server of ours outlives a command.
export DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# What must not outlive this shell, however it ends.
ticker=
compiler_server=
tidy_up() {
  [[ -z $ticker ]] || kill "$ticker" 2>/dev/null || true
  [[ -z $compiler_server ]] || end_compiler_server
}
trap tidy_up EXIT
trap 'exit 130' INT TERM

# start_ticker — says every 10 s that work goes on, until stop_ticker.
start_ticker() {
  local started=$SECONDS
  (
    trap 'kill "$pause" 2>/dev/null; exit' TERM
    while kill -0 $$ 2>/dev/null; do
      sleep 10 &
      pause=$!
      wait "$pause"
      say "  … $((SECONDS - started)) s"
    done
  ) &
  ticker=$!
}

stop_ticker() {
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  ticker=
}

# step TEXT COMMAND… — runs the command with its output in a log, and shows the log's end when the command fails.
step() {
  local text=$1 started=$SECONDS log status=0
  shift
  log=$(mktemp)
  say "· $text"
  start_ticker
  "$@" </dev/null >"$log" 2>&1 || status=$?
  stop_ticker
  if ((status)); then
    tail -n 60 "$log" >&2
    say "  failed after $((SECONDS - started)) s" >&2
  else
    say "  done in $((SECONDS - started)) s"
  fi
  rm -f "$log"
  return "$status"
}

ensure_dotnet() {
  command -v dotnet >/dev/null ||
    fail "The .NET SDK is missing: install the version that global.json names (https://dotnet.microsoft.com/download) and put dotnet on the PATH."
  # Where the programs that we build find the runtime, wherever the SDK stands.
  DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
  export DOTNET_ROOT
  dotnet --version >/dev/null 2>&1 ||
    fail "No .NET SDK here fits global.json ($(dotnet --list-sdks 2>/dev/null | tr '\n' ' ')): install the version that it names (https://dotnet.microsoft.com/download)."
}

# apt_command — how apt-get may be run here without being asked anything; fails when it may not.
apt_command() {
  command -v apt-get >/dev/null || return 1
  if [[ $(id -u) == 0 ]]; then
    echo "env DEBIAN_FRONTEND=noninteractive"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    echo "sudo -n env DEBIAN_FRONTEND=noninteractive"
  else
    return 1
  fi
}

# apt_install PACKAGE… — installs Debian packages; only to be called when apt_command succeeds.
apt_install() {
  local -a as
  read -ra as <<<"$(apt_command)"
  # Lists that cannot be refreshed may still do.
  "${as[@]}" apt-get -o DPkg::Lock::Timeout=120 update -q || true
  "${as[@]}" apt-get -o DPkg::Lock::Timeout=120 install -q -y --no-install-recommends "$@"
}

# The same places as ServerBinaries.cs looks at.
find_postgres() {
  local folder
  local -a places
  if [[ -n ${PG_BIN:-} ]]; then
    places=("$PG_BIN")
  else
    IFS=: read -ra places <<<"$PATH"
    places+=(/usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin /usr/pgsql-*/bin
      /usr/libexec/postgresql*/bin /Library/PostgreSQL/*/bin /usr/local/pgsql/bin /usr/local/bin /usr/bin)
  fi
  for folder in "${places[@]}"; do
    [[ -x $folder/postgres && -x $folder/initdb && -x $folder/pg_ctl ]] || continue
    # A folder of the path may hold links to some of the programs: all of them are where the links lead.
    postgres_bin=$(readlink -f "$folder/postgres")
    postgres_bin=${postgres_bin%/*}
    return 0
  done
  return 1
}

install_postgres() {
  local -a as
  read -ra as <<<"$(apt_command)"
  # First what manages clusters, so that it can be told to make none: no server that nobody asked for stays behind on this machine.
  apt_install postgresql-common
  "${as[@]}" sed -i -E 's/^#?[[:space:]]*create_main_cluster[[:space:]]*=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
  apt_install postgresql
}

# ensure_postgres VARIABLE — PostgreSQL's server programs are here, or the named variable points to a server that runs elsewhere.
ensure_postgres() {
  [[ -z ${!1:-} ]] || return 0
  find_postgres && return 0
  [[ -z ${PG_BIN:-} ]] || fail "PG_BIN is $PG_BIN, which does not hold postgres, initdb and pg_ctl: correct it, or unset it to search the usual places."
  apt_command >/dev/null ||
    fail "PostgreSQL is missing, and this user may not install it: run 'sudo apt-get install postgresql' (or your system's like), or name its folder in PG_BIN, or set $1 to a server that runs."
  step "Installing PostgreSQL (once)" install_postgres ||
    fail "PostgreSQL could not be installed: see above; install it by hand, or name its folder in PG_BIN, or set $1 to a server that runs."
  find_postgres || fail "PostgreSQL was installed, but its server programs are not where they are looked for: name their folder in PG_BIN."
}

# ensure_chromium — the browser of the tests of pages is here: the one that CHROMIUM names, or the system's Chromium without a window, which took half the time
# of the one with, in four tests. Fonts with Chinese come with it.
ensure_chromium() { ensure_installed CHROMIUM chromium-headless-shell chromium-headless-shell fonts-noto-cjk; }

# start_lightly — .NET programs that are started and killed all the time do without what pays in long runs alone: half of the system's time for them, about a tenth of all.
start_lightly() { export DOTNET_EnableWriteXorExecute=0 DOTNET_TieredPGO=0; }

# ensure_promtool — Prometheus's own checker of alerts: the one that PROMTOOL names, one on the path, or one that is unpacked under .data/. No server is installed for it.
ensure_promtool() { ensure_unpacked PROMTOOL promtool prometheus; }

# ensure_patroni — Patroni, which keeps PostgreSQL's machines, and etcd, by which they agree: those that PATRONI and ETCD name, or the system's. etcd is unpacked, so that no server is left running.
ensure_patroni() {
  ensure_unpacked ETCD etcd etcd-server
  ensure_installed PATRONI patroni patroni
}

# ensure_installed VARIABLE PROGRAM PACKAGE… — the program that the variable names is there, or the system's, which is installed from its Debian packages if it is missing.
ensure_installed() {
  local variable=$1 program=$2 name=${2^}
  shift 2
  [[ ! -x ${!variable:-/usr/bin/$program} ]] || return 0
  [[ -z ${!variable:-} ]] || fail "$variable is ${!variable}, which is no program: correct it, or unset it to use /usr/bin/$program."
  apt_command >/dev/null ||
    fail "$name is missing, and this user may not install it: run 'sudo apt-get install $*', or name its program in $variable."
  step "Installing $name (once)" apt_install "$@" ||
    fail "$name could not be installed: see above; install it by hand, or name its program in $variable."
}

# ensure_unpacked VARIABLE PROGRAM PACKAGE — sets the variable to the program: unless it is set, one on the path, or one that is unpacked under .data/ from its Debian package.
ensure_unpacked() {
  local -n program=$1
  [[ -z ${program:-} ]] || return 0
  program=$(command -v "$2" || true)
  [[ -n $program ]] || program=$ROOT/.data/tools/usr/bin/$2
  export "${!program}"
  [[ ! -x $program ]] || return 0
  step "Unpacking $2 (once)" unpack "$3" "$program" ||
    fail "$2 is missing and could not be unpacked: see above; install $3, or name its $2 in $1."
}

# unpack PACKAGE PROGRAM — takes a program out of a Debian package that is not installed.
unpack() {
  local folder status=0
  local -a as
  read -ra as <<<"$(apt_command)"
  folder=$(mktemp -d)
  ((${#as[@]} == 0)) || "${as[@]}" apt-get -o DPkg::Lock::Timeout=120 update -q || true
  (cd "$folder" && apt-get download "$1" && dpkg -x "$1"_*.deb unpacked) && mkdir -p "${2%/*}" && mv "$folder/unpacked/usr/bin/${2##*/}" "$2" || status=$?
  rm -rf "$folder"
  return "$status"
}

# build PROJECT-OR-SOLUTION… — builds in Release. One compiler server of our own serves all projects, and is ended after.
build() {
  local target status=0
  compiler_server=guance-$$
  for target in "$@"; do
    dotnet build "$target" -c Release -v q -nologo -nodeReuse:false -p:SharedCompilationId="$compiler_server" || { status=$?; break; }
  done
  end_compiler_server
  return "$status"
}

end_compiler_server() {
  local version folder
  version=$(dotnet --version)
  folder=$(dotnet --list-sdks | sed -n "s/^$version \[\(.*\)\]$/\1/p")
  dotnet "$folder/$version/Roslyn/bincore/VBCSCompiler.dll" "-pipename:$compiler_server" -shutdown >/dev/null 2>&1 || true
  compiler_server=
}

# run_world VERB ARGUMENT… — the world's program, built when a source is newer than the last build, in place of this shell.
run_world() {
  local project=src/Guance.Billing.World name=Guance.Billing.World
  local program=artifacts/bin/$name/release/$name stamp=artifacts/world.built
  ensure_dotnet
  ensure_postgres ConnectionStrings__Billing
  if [[ ! -x $program || ! -e $stamp || -n $(find src modules ./*.sln Directory.*.props global.json .editorconfig BannedSymbols.txt -newer "$stamp" -print -quit 2>/dev/null) ]]; then
    mkdir -p artifacts
    # As old as the start of the build, so that what changes meanwhile is built next time.
    touch "$stamp.new"
    step "Building (about two minutes the first time, seconds later)" build "$project" || fail "The build failed: see above."
    mv "$stamp.new" "$stamp"
  fi
  exec "$program" "$@"
}
