import os
from urllib.parse import urlparse

database = os.environ["DATABASE"]
if database.startswith("sqlite:"):
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database.removeprefix("sqlite:")}}
else:
    url = urlparse(database)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path[1:],
            "HOST": url.hostname,
            "PORT": url.port,
            "USER": url.username,
        }
    }
SECRET_KEY = "not a secret"
USE_TZ = True
TIME_ZONE = "Asia/Baku"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "shop"]
