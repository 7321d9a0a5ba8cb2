# Django: `on_sqlite` and `on_postgresql URL` run a step on one of the two.
install() {
  [[ -x $work/venv/bin/python ]] || python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q --disable-pip-version-check 'django>=5.1,<5.3' psycopg2-binary
}
django() { PYTHONPATH=$here/django PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=shop.settings "$work/venv/bin/python" "$@"; }
on_sqlite() { DATABASE=sqlite:$work/app.sqlite "$@"; }
on_postgresql() { local url=$1; shift; DATABASE=$url "$@"; }
make_schema() { django -m django migrate -v 0; }
fill() { django "$here/django/fill.py"; }
read_all() { django "$here/django/read_all.py"; }
write() { django "$here/django/write.py"; }
