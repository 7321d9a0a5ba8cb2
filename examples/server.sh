# Sourced: starts a private PostgreSQL, names it in PGADMIN_URL, and stops it when the script ends.
: "${EXAMPLES_WORK:=${TMPDIR:-/tmp}/outgrow-examples}"
: "${OUTGROW:=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/target/release/outgrow}"
[[ -x $OUTGROW ]] || { echo "no program at $OUTGROW: run cargo build --release, or set OUTGROW" >&2; exit 2; }
mkdir -p "$EXAMPLES_WORK"

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
bin=${bin:-$(dirname "$(command -v initdb)")}
export PATH=$bin:$PATH
data=$(mktemp -d)
port=${EXAMPLES_PORT:-55491}
as_server=()
if [[ $(id -u) == 0 ]]; then
  chown nobody "$data"
  as_server=(runuser -u nobody --)
fi
stop_server() {
  (cd / && "${as_server[@]}" pg_ctl -D "$data/cluster" -m fast stop >/dev/null 2>&1)
  rm -rf "$data"
}
trap stop_server EXIT
(cd / && "${as_server[@]}" initdb -D "$data/cluster" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null) || exit 2
(cd / && "${as_server[@]}" pg_ctl -D "$data/cluster" -l "$data/log" -w -o "-p $port -k $data -c fsync=off" start >/dev/null) || { cat "$data/log" >&2; exit 2; }
export PGADMIN_URL=postgresql://postgres@127.0.0.1:$port/postgres

# Makes an empty database and prints its URL.
new_database() {
  psql -qX "$PGADMIN_URL" -c "create database \"$1\"" >/dev/null && echo "${PGADMIN_URL%/*}/$1"
}

# Says whether two files are equal.
same() {
  if diff -q "$2" "$3" >/dev/null; then
    echo "PASS $1: $(wc -l < "$2") lines are equal"
  else
    echo "FAIL $1"
    diff "$2" "$3" | head -n 10
    return 1
  fi
}
