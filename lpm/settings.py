"""All settings, from the environment. docs/settings.md says what each variable does.

A bad or missing value stops the start with a sentence that names the variable.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from lpm.lib import logs
from lpm.lib.languages import SOURCE, offered

BASE_DIR = Path(__file__).resolve().parent.parent
MODES = ("demo", "development", "production")
DEMO_SECRET = "a demonstration keeps no secrets"  # noqa: S105 (refused in production)
THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. docs/settings.md says what it is for.")
    return value


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def flag(name: str, default: bool) -> bool:
    value = text(name, "true" if default else "false").lower()
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value == "true"


def names(name: str, default: str | None = None) -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def server(name: str, schemes: set[str]) -> str:
    url = text(name)
    if urlsplit(url).scheme not in schemes or not urlsplit(url).hostname:
        raise ImproperlyConfigured(f"{name} must be an address such as {min(schemes)}://user:password@host/name.")
    return url


def mail_server(url: str) -> dict[str, object]:
    """The settings of Django for smtp://user:password@host:port (STARTTLS) or smtps://… (TLS from the start)."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("LPM_EMAIL_URL must be an address such as smtp://user:password@host:587.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and not is_local(parts.hostname),
        "EMAIL_TIMEOUT": 10,
    }


def provider(name: str) -> dict[str, object]:
    """An OpenID Connect provider, from LPM_OIDC_<NAME>_…; ``google`` and ``microsoft`` know their own address."""
    start = f"LPM_OIDC_{name.upper()}_"
    tenant = text(f"{start}TENANT") if name == "microsoft" else ""
    known = {"google": "https://accounts.google.com", "microsoft": f"https://login.microsoftonline.com/{tenant}/v2.0"}
    issuer = text(f"{start}ISSUER", known.get(name))
    if PRODUCTION and not issuer.startswith("https://"):
        raise ImproperlyConfigured(f"{start}ISSUER must begin with https://.")
    return {
        "provider_id": name,
        "name": text(f"{start}NAME", {"google": "Google", "microsoft": "Microsoft"}.get(name)),
        "client_id": text(f"{start}CLIENT_ID"),
        "secret": text(f"{start}CLIENT_SECRET"),
        "settings": {
            "server_url": issuer,
            "domains": [domain.lower() for domain in names(f"{start}DOMAINS")],
            "tenant": tenant,
            "vouches_for_email": flag(f"{start}VOUCHES_FOR_EMAIL", name == "microsoft"),
        },
    }


def is_local(host: str) -> bool:
    return host.lower() in THIS_MACHINE or host.lower().endswith(".localhost")


MODE = text("LPM_MODE", "production")
if MODE not in MODES:
    raise ImproperlyConfigured(f"LPM_MODE must be one of {', '.join(MODES)}, not {MODE!r}.")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"  # one-click sign-in as the demo people; its route does not exist otherwise
DEBUG = MODE == "development"

if DEMO and (text("SECRET_KEY", "") or text("S3_BUCKET", "") or flag("LPM_HTTPS", False)):
    raise ImproperlyConfigured(
        "LPM_MODE=demo lets anybody sign in as anybody, so that it refuses what only production needs: "
        "SECRET_KEY, S3_BUCKET and LPM_HTTPS=true."
    )

SECRET_KEY = text("SECRET_KEY", None if PRODUCTION else DEMO_SECRET)
if PRODUCTION and (len(SECRET_KEY) < 50 or SECRET_KEY == DEMO_SECRET):
    raise ImproperlyConfigured("SECRET_KEY must be at least 50 random characters in production.")
ALLOWED_HOSTS = names("ALLOWED_HOSTS", None if PRODUCTION else ",".join(THIS_MACHINE))
if not PRODUCTION and (far := [host for host in ALLOWED_HOSTS if not is_local(host)]):
    raise ImproperlyConfigured(
        f"ALLOWED_HOSTS names {far[0]}, but LPM_MODE={MODE} is for one person at one machine, open to whoever reaches "
        f"it: only {', '.join(THIS_MACHINE)} and names that end in .localhost."
    )
CSRF_TRUSTED_ORIGINS = names("CSRF_TRUSTED_ORIGINS", "")
DATA_DIR = Path(text("LPM_DATA_DIR", str(BASE_DIR / ".data"))).expanduser().resolve()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials",
    "pgtrigger",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "lpm.audit",
    "lpm.people",
    "lpm.notices",
    "curriculum",
    "students.mastery",
    "students.threads",
    "students.letters",
    "students.home",
    "lpm.home",
    "lpm.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lpm.home.middleware.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "lpm.home.middleware.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lpm.people.middleware.SignInMiddleware",
    "lpm.people.middleware.PersonMiddleware",
    "lpm.home.middleware.NavigationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "lpm.urls"
WSGI_APPLICATION = "lpm.wsgi.application"
AUTH_USER_MODEL = "people.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # a constraint on Lower("username") says it, where Django does not look
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "lpm.home.templatetags.cairn"],
        },
    }
]


def database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    pool_size = number("LPM_DATABASE_POOL", 0)
    options: dict[str, object] = {"application_name": "lpm", "connect_timeout": 5}
    if flag("LPM_DATABASE_PREPARE", True):
        options["prepare_threshold"] = 2  # of what lpm.lib.statements asks; nothing else is prepared
    if pool_size:
        # Tried again every second or two: after an outage of any length the first request finds a connection.
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 3, "reconnect_timeout": 2}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": database(server("DATABASE_URL", {"postgresql", "postgres"}))}
REDIS_URL = server("REDIS_URL", {"redis", "rediss"})

CACHES = {
    "default": {
        "BACKEND": "lpm.lib.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "lpm",
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 24 * 60 * 60  # the most; SignInMiddleware ends them when PeopleSettings say so
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # classrooms share computers
SESSION_COOKIE_HTTPONLY = True
AUTHENTICATION_BACKENDS = ["lpm.people.adapters.PersonBackend"]
LOGIN_URL = "home:sign-in"
LOGIN_REDIRECT_URL = "home:home"
LOGOUT_REDIRECT_URL = "home:sign-in"
PASSWORD_RESET_TIMEOUT = 60 * 60
ACCOUNT_ADAPTER = "lpm.people.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "lpm.people.forms.sign_in.RequestCodeForm",
    "reset_password": "lpm.people.forms.sign_in.ResetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # nobody signs up; allauth wants the fields of its sign-in there
ACCOUNT_UNIQUE_EMAIL = False  # parents share one, and somebody may belong to two districts
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "none"  # the school gave us the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # forms/sign_in.py writes to them
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 5 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_RATE_LIMITS = False  # lpm.lib.limits counts instead: those of allauth let nobody in while Valkey is away
MFA_RATE_LIMITS = False
MFA_ADAPTER = "lpm.people.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "login_webauthn": "lpm.people.forms.sign_in.LoginPasskeyForm",
    "authenticate_webauthn": "lpm.people.forms.sign_in.StepPasskeyForm",
    "reauthenticate_webauthn": "lpm.people.forms.sign_in.AgainPasskeyForm",
    "add_webauthn": "lpm.people.forms.sign_in.AddPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Cairn"
MFA_TOTP_TOLERANCE = 1  # clocks of telephones
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SOCIALACCOUNT_ADAPTER = "lpm.people.adapters.ProviderAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form would need each address on the provider's way in our form-action
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": [provider(name) for name in names("LPM_OIDC_PROVIDERS", "")], "OAUTH_PKCE_ENABLED": True}
}
ALLAUTH_TRUSTED_PROXY_COUNT = number("LPM_TRUSTED_PROXIES", 0)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "given_name", "family_name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # an outage of any length is waited for
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2, "socket_timeout": 10}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep imports": {"task": "home.sweep_imports", "schedule": 60.0},
    "sweep roster drops": {"task": "home.sweep_drops", "schedule": 600.0},
    "settle settings": {"task": "people.settle_settings", "schedule": 3600.0},
    "sweep frameworks": {"task": "mastery.sweep_frameworks", "schedule": 60.0},
    "sweep trials": {"task": "mastery.sweep_trials", "schedule": 60.0},
    "sweep changes of levels": {"task": "mastery.sweep_changes", "schedule": 60.0},
    "publish revisions": {"task": "curriculum.publish_due", "schedule": 3600.0},
    "count progress": {"task": "mastery.count_progress", "schedule": crontab(hour=6, minute=30)},  # night in America
    "close accounts of leavers": {"task": "people.close_leavers", "schedule": 3600.0},
    "write letters to families": {"task": "letters.queue_due", "schedule": 900.0},
    "send letters": {"task": "notices.sweep", "schedule": 60.0},
    "forget old notices": {"task": "notices.forget", "schedule": crontab(hour=7, minute=30)},  # night in America
    "tell of levels": {"task": "mastery.tell_levels", "schedule": 600.0},
}

EMAIL_URL = text("LPM_EMAIL_URL", "")
HAS_EMAIL = bool(EMAIL_URL) or not PRODUCTION
DEFAULT_FROM_EMAIL = text("LPM_EMAIL_FROM", f"cairn@{ALLOWED_HOSTS[0].lstrip('.')}")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"  # outside production a letter is a file here
if EMAIL_URL:
    globals().update(mail_server(EMAIL_URL))
SMS_URL = text("LPM_SMS_URL", "")
if SMS_URL and urlsplit(SMS_URL).scheme not in ({"https"} if PRODUCTION else {"http", "https"}):
    raise ImproperlyConfigured("LPM_SMS_URL must be an address that begins with https://.")

REST_FRAMEWORK = {  # the rest stands in lpm.people.api.door
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Cairn",
    "VERSION": "1",
    "DESCRIPTION": "What students know, for programs. Whoever asks sees and does what their person may, no more.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

LANGUAGE_CODE = SOURCE
CATALOGUES = [("en", "English"), ("es", "Español"), ("fr", "Français")]  # into which Cairn is being translated
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGES = offered(CATALOGUES, LOCALE_PATHS[0])  # what people can choose: those of them that are whole
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
S3_BUCKET = text("S3_BUCKET", "")
STORAGES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "lpm.lib.static.StaticStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": text("S3_ENDPOINT_URL"),
            "access_key": text("S3_ACCESS_KEY"),
            "secret_key": text("S3_SECRET_KEY"),
            "signature_version": "s3v4",
            "querystring_expire": 300,
        },
    }
elif PRODUCTION and not flag("LPM_FILES_ON_DISK", False):
    raise ImproperlyConfigured(
        "S3_BUCKET is not set. Name the bucket that keeps files, or set LPM_FILES_ON_DISK=true "
        "where web and workers share LPM_DATA_DIR."
    )
WHITENOISE_USE_FINDERS = not PRODUCTION
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
ROSTER_DIR = Path(text("LPM_ROSTER_DIR", str(DATA_DIR / "rosters"))).expanduser().resolve()
ROSTER_SFTP_HOSTS = names("LPM_ROSTER_SFTP_HOSTS", "")
ROSTER_SFTP_KEY = text("LPM_ROSTER_SFTP_KEY", "")
IMPORT_MAX_BYTES = number("LPM_IMPORT_MAX_BYTES", 64 * 1024 * 1024)

HTTPS = flag("LPM_HTTPS", PRODUCTION)
ADDRESS = text("LPM_ADDRESS", f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0].lstrip('.')}").rstrip("/")
if urlsplit(ADDRESS).scheme not in {"http", "https"} or not urlsplit(ADDRESS).hostname:
    raise ImproperlyConfigured("LPM_ADDRESS must be an address such as https://cairn.example.org.")
if HTTPS and DEBUG:
    raise ImproperlyConfigured(
        "LPM_HTTPS=true is for a site that others use; LPM_MODE=development shows whoever asks how it is made."
    )
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "lpm.home.views.csrf_failure"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_LEVEL = text("LPM_LOG_LEVEL", "INFO" if PRODUCTION else "WARNING").upper()
if LOG_LEVEL not in LOG_LEVELS:
    raise ImproperlyConfigured(f"LPM_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {LOG_LEVEL!r}.")
LOG_CONTEXT: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
LOG_LINES: list[structlog.typing.Processor] = [
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    logs.drop_personal,
    structlog.processors.ExceptionRenderer(logs.without_values) if PRODUCTION else structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(default=logs.plain)
    if PRODUCTION
    else structlog.dev.ConsoleRenderer(colors=False),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"nobody": {"()": logs.NameNobody}},
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": LOG_CONTEXT,
            "processors": LOG_LINES,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["nobody"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},  # its own would print it twice
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR", "propagate": True},
        "botocore": {"level": "WARNING", "propagate": True},  # below that it writes keys and file names
        "psycopg": {"level": "WARNING", "propagate": True},
        "urllib3": {"level": "WARNING", "propagate": True},
    },
}
structlog.configure(
    processors=[*LOG_CONTEXT, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
