"""Django's settings of a panel: of its folder, and safe by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from matcher.panel.place import POSTGRESQL, Home

HERE = Path(__file__).parent
HOME = Home.of_environment()
SET = HOME.set

SECRET_KEY = HOME.secret()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *SET.hosts]
INTERNAL = not SET.hosts  # only this machine reaches it, so without TLS

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_tasks_db",
    "csp",
    "matcher.panel.apps.Panel",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "matcher.panel.drafts.Drafts",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "matcher.panel.middleware.Sessions",
    "matcher.panel.middleware.OwnNames",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "matcher.panel.middleware.Headers",
]
ROOT_URLCONF = "matcher.panel.urls"
WSGI_APPLICATION = "matcher.panel.wsgi.application"

_CONTEXT = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "csp.context_processors.nonce",
    "matcher.panel.html.context",
]
TEMPLATES: list[dict[str, Any]] = [
    {  # stands first, so that our template of a name wins over allauth's
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "matcher.panel.html.environment",
            "context_processors": _CONTEXT,
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "django_templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _CONTEXT},
    },
]


def _databases() -> dict[str, Any]:
    where = HOME.database
    if not where:
        options = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME.sqlite,
            "OPTIONS": options,
            "CONN_MAX_AGE": None,
        }
    if where.startswith("service="):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "OPTIONS": {"service": where.removeprefix("service=")},
            "CONN_MAX_AGE": 600,
        }
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(where)
    names = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        **{ours: str(parts[theirs]) for theirs, ours in names.items() if theirs in parts},
    }


assert not HOME.database or HOME.database.startswith(POSTGRESQL)
DATABASES = {"default": _databases()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "panel_cache"}
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

AUTH_USER_MODEL = "panel.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "matcher.panel.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = SET.council
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = INTERNAL  # http://localhost, which browsers trust
USERSESSIONS_TRACK_ACTIVITY = False  # it would ask the database three times a page; the trail tells
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ALLAUTH_TRUSTED_PROXY_COUNT = SET.proxies

SESSION_COOKIE_AGE = SET.idle_minutes * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not INTERNAL
SESSION_COOKIE_NAME = "sessionid" if INTERNAL else "__Host-sessionid"
CSRF_FAILURE_VIEW = "matcher.panel.drafts.csrf_failed"
CSRF_COOKIE_NAME = "csrftoken" if INTERNAL else "__Host-csrftoken"
SECURE_SSL_REDIRECT = not INTERNAL
SECURE_HSTS_SECONDS = 0 if INTERNAL else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not INTERNAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SET.proxies else None
# What check --deploy asks for where there is TLS; on this machine alone there is none.
WITHOUT_TLS = ["security.W004", "security.W008", "security.W012", "security.W016"]
SILENCED_SYSTEM_CHECKS = WITHOUT_TLS if INTERNAL else []
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # ids stand in addresses
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ROOT = None
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "ids": {
            "()": "matcher.panel.logs.WithoutValues",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ids"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # Who was refused stands in the trail; the address of a page may be a one-time link.
        "django.request": {"level": "ERROR"},
        # What a stranger names this machine is a stranger's text.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
