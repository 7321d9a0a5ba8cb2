# Rails: Active Record with its own migrations, from Debian's ruby-rails.
install() {
  ruby -e 'require "active_record"; require "sqlite3"; require "pg"' 2>/dev/null || { echo "needs apt-get install ruby-rails ruby-sqlite3 ruby-pg"; return 1; }
}
rails() { ruby -W0 "$here/rails/$1"; }
on_sqlite() { DATABASE=sqlite3:$work/app.sqlite "$@"; }
on_postgresql() { local url=$1; shift; DATABASE=$url "$@"; }
make_schema() { rails migrate.rb; }
fill() { rails fill.rb; }
read_all() { rails read_all.rb; }
write() { rails write.rb; }
