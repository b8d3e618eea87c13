# Runs one PostgreSQL server for as long as standard input stays open, as the user that owns the folder.
# Arguments: folder with the server's binaries, folder with its data, text of postgresql.conf, initdb's extra options,
#            "keep" or "delete" (what to do with the folder after the stop), "keep" or "fresh" (what to do with the data before the start),
#            and for a standby the port and the folder of the server that it begins as a copy of, else nothing.
# Says on standard output: "progress <text>", "ready <process id>". Exit codes: 0 stopped, 3 the port is taken, else see standard error.
set -eu
umask 077
# Ctrl-C and a closing terminal reach the parent; this shell lives on to stop the server once the parent has gone.
trap '' INT TERM HUP QUIT

bin=$1 folder=$2 conf=$3 initdb_options=$4 after=$5 before=$6 primary=$7
data=$folder/data
cd "$folder"

# A process id may have been given to something else since the file was written.
is_server() {
  kill -0 "$1" 2>/dev/null || return 1
  if [ -d /proc/self ]; then
    command=$(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null) || return 1
  else
    command=$(ps -p "$1" -o args=) || return 1
  fi
  case $command in *postgres*"$data"*) return 0 ;; *) return 1 ;; esac
}

server_id() { head -n 1 "$data/postmaster.pid" 2>/dev/null || true; }

# Stops that one server and no successor of it: clients are cut off and all is written; at once when that takes over 30 s.
stop() {
  tenths=0
  kill -INT "$1" 2>/dev/null || return 0
  while [ "$(server_id)" = "$1" ] && is_server "$1"; do
    tenths=$((tenths + 1))
    [ "$tenths" -ne 300 ] || kill -QUIT "$1" 2>/dev/null || true
    [ "$tenths" -lt 400 ] || { echo "the server (process $1) does not stop" >&2; return 1; }
    sleep 0.1
  done
}

left=$(server_id)
if [ -n "$left" ]; then
  if is_server "$left"; then
    echo "progress Stopping the PostgreSQL server that an earlier run left behind (process $left)"
    stop "$left"
  else
    rm -f "$data/postmaster.pid"
  fi
fi

[ "$before" = keep ] || rm -rf "$data"
[ -z "$primary" ] || cp "${primary#* }/password" password
[ -s password ] || od -A n -N 24 -t x1 /dev/urandom | tr -d ' \n' >password

if [ ! -e "$data/PG_VERSION" ] && [ -n "$primary" ]; then
  echo "progress Copying the PostgreSQL server on port ${primary%% *}"
  rm -rf data.new
  PGPASSWORD=$(cat password) "$bin/pg_basebackup" -D "$folder/data.new" -d "host=127.0.0.1 port=${primary%% *} user=billing" --checkpoint=fast --write-recovery-conf >pg_basebackup.log 2>&1 ||
    { tail -n 20 pg_basebackup.log >&2; exit 1; }
  mv data.new "$data"
elif [ ! -e "$data/PG_VERSION" ]; then
  echo "progress Creating an empty PostgreSQL cluster"
  create() {
    # Under another name until complete, so that an interrupted creation is never taken for data.
    rm -rf data.new
    # shellcheck disable=SC2086 # options are several words
    "$bin/initdb" -D "$folder/data.new" -U billing --auth=scram-sha-256 --pwfile=password --encoding=UTF8 --locale="$1" $initdb_options >initdb.log 2>&1
  }
  create C.UTF-8 || create C || { tail -n 20 initdb.log >&2; exit 1; }
  mv data.new "$data"
fi

printf '%s\n' "$conf" >"$data/postgresql.conf"
printf '%s\n' 'host all,replication all 127.0.0.1/32 scram-sha-256' >"$data/pg_hba.conf"
[ ! -e server.log ] || mv -f server.log server.previous.log

# pg_ctl gives the server a session of its own, out of Ctrl-C's reach, and waits through recovery.
tries=0
until "$bin/pg_ctl" start --silent --wait --timeout=300 -D "$data" -l server.log >pg_ctl.log 2>&1; do
  ! grep -q 'could not bind' server.log 2>/dev/null || exit 3
  tries=$((tries + 1))
  # The children of a killed server may need a moment to notice.
  if [ "$tries" -ge 50 ] || ! grep -q 'is still in use' server.log 2>/dev/null; then
    cat pg_ctl.log server.log 2>/dev/null | tail -n 20 >&2
    exit 1
  fi
  rm -f server.log
  sleep 0.2
done

id=$(server_id)
echo "ready $id"
while read -r _; do :; done
stop "$id"
[ "$after" = keep ] || { cd /; rm -rf "$folder"; }
