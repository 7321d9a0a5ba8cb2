#!/usr/bin/env bash
# Moves whole applications: examples/applications/run.sh FOLDER [f1|f2|both] [application …]
#
# FOLDER holds a folder for each application with the scripts setup.sh, populate.sh, check_sqlite.sh, mkpg.sh URL and
# check_pg.sh URL, which install it, fill it on SQLite, note its answers, let it make its own schema on PostgreSQL, and
# compare its answers there before they write through it. f1: outgrow makes the schema. f2: the application makes it.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ -d ${1:-} ]] || { sed -n 's/^# \{0,1\}//p' "$0" | head -n 6 >&2; exit 2; }
applications=$(cd "$1" && pwd)
flows=${2:-both}
shift $(($# < 2 ? $# : 2))
. "$here/../server.sh"
export APPS_WORK=${APPS_WORK:-$EXAMPLES_WORK/applications}
mkdir -p "$APPS_WORK"
[[ $flows == both ]] && flows="f1 f2"
((${#})) || set -- $(cd "$applications" && for one in */check_pg.sh; do dirname "$one"; done)

failed=0
for one in "$@"; do
  scripts=$applications/$one
  if [[ ! -s $APPS_WORK/$one/app.sqlite ]]; then
    echo "== $one: installing and filling it"
    { bash "$scripts/setup.sh" && bash "$scripts/populate.sh" && bash "$scripts/check_sqlite.sh"; } > "$APPS_WORK/$one.log" 2>&1 ||
      { echo "FAIL $one: see $APPS_WORK/$one.log"; failed=1; continue; }
  fi
  for flow in $flows; do
    echo "== $one $flow"
    url=$(new_database "${one}_$flow")
    work=$(mktemp -d)
    (
      cd "$work" || exit 1
      [[ -f $here/$one.$flow.toml ]] && cp "$here/$one.$flow.toml" outgrow.toml
      [[ -f $here/$one.$flow.sql ]] && cp "$here/$one.$flow.sql" .
      if [[ $flow == f2 ]]; then
        bash "$scripts/mkpg.sh" "$url" > "$work/mkpg.log" 2>&1 || { tail -n 5 "$work/mkpg.log"; exit 1; }
        pg_dump -s "$url" | grep -v '^\\' > "$work/before.sql"
      fi
      "$OUTGROW" migrate "$APPS_WORK/$one/app.sqlite" "$url" > "$work/migrate.txt" 2>&1
      code=$?
      grep -E '^  [0-9,]+ cells = |^Moved|^Not moved|^To decide' "$work/migrate.txt"
      ((code == 0)) || { tail -n 30 "$work/migrate.txt"; exit 1; }
      if [[ $flow == f2 ]]; then
        pg_dump -s "$url" --exclude-schema=outgrow | grep -v '^\\' > "$work/after.sql"
        same "the schema is as it was" "$work/before.sql" "$work/after.sql" || exit 1
      fi
      bash "$scripts/check_pg.sh" "$url"
    ) && rm -rf "$work" || { echo "FAIL $one $flow: see $work"; failed=1; }
  done
done
exit $failed
