# Laravel: its database component with its own migrator, from Debian's php-laravel-framework.
install() {
  php -r 'exit(is_file("/usr/share/php/Illuminate/autoload.php") && extension_loaded("pdo_sqlite") && extension_loaded("pdo_pgsql") ? 0 : 1);' ||
    { echo "needs apt-get install php-cli php-laravel-framework php-sqlite3 php-pgsql"; return 1; }
}
laravel() { php -d error_reporting='E_ALL & ~E_DEPRECATED' -d display_errors=stderr "$here/laravel/$1"; }
on_sqlite() { touch "$work/app.sqlite"; DATABASE=sqlite:$work/app.sqlite "$@"; }
on_postgresql() { local url=$1; shift; DATABASE=$url "$@"; }
make_schema() { laravel migrate.php; }
fill() { laravel fill.php; }
read_all() { laravel read_all.php; }
write() { laravel write.php; }
