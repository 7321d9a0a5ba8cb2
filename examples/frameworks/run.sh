#!/usr/bin/env bash
# Moves a small project of each framework that is named (all of them unless some are), into the schema that its own
# migrations made.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../server.sh"

failed=0
(($#)) || set -- django laravel rails
for framework; do
  echo "== $framework"
  (
    set -e
    work=$EXAMPLES_WORK/$framework
    mkdir -p "$work"
    . "$here/$framework/steps.sh"
    install
    rm -f "$work"/app.sqlite*
    on_sqlite make_schema
    on_sqlite fill
    on_sqlite read_all > "$work/sqlite.txt"
    psql -qX "$PGADMIN_URL" -c "drop database if exists \"$framework\"" 2>/dev/null
    url=$(new_database "$framework")
    on_postgresql "$url" make_schema
    pg_dump -s "$url" | grep -v '^\\' > "$work/before.sql"
    cd "$work"
    cp "$here/$framework/outgrow.toml" outgrow.toml
    rm -rf .outgrow
    "$OUTGROW" migrate app.sqlite "$url"
    pg_dump -s "$url" --exclude-schema=outgrow | grep -v '^\\' > "$work/after.sql"
    same "the schema is as it was" before.sql after.sql
    on_postgresql "$url" read_all > "$work/postgresql.txt"
    same "read" sqlite.txt postgresql.txt
    on_postgresql "$url" write
  )
  # Asked apart from the steps: within a condition, none of them would stop at its first failure.
  (($? == 0)) || { echo "FAIL $framework"; failed=1; }
done
exit $failed
