"""Django settings: read from the environment once, with defaults that suit one machine.

Variables: DATABASE_URL, SANKUL_DATA, SANKUL_SECRET_KEY, SANKUL_HOSTS (comma-separated), SANKUL_HTTPS (1 behind TLS),
SANKUL_DEMONSTRATION (0: without it), SANKUL_DEBUG, SANKUL_S3_BUCKET (with the usual AWS_ variables), SANKUL_METRICS_TOKEN,
SANKUL_OIDC_* (issuer, client, secret, name), SANKUL_SMTP_* (host, port, user, password), SANKUL_MAIL_FROM, SANKUL_ADDRESS (where
mails lead), SANKUL_STA_OPEN (1: a trial server takes field data without tokens), SANKUL_MQTT_ENDPOINT (where
devices reach the broker), SANKUL_MQTT_NEWS_ENDPOINT (where everybody hears what is new).
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from sankul.site import postgres, secret

PACKAGE = Path(__file__).resolve().parents[1]
DATA = postgres.data_folder()
DEBUG = os.environ.get("SANKUL_DEBUG") == "1"
HTTPS = os.environ.get("SANKUL_HTTPS") == "1"
SECRET_KEY = os.environ.get("SANKUL_SECRET_KEY") or secret.secret_key()
THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
HOSTS = os.environ.get("SANKUL_HOSTS", "").split(",")
ALLOWED_HOSTS = [host.strip() for host in HOSTS if host.strip()] or [*THIS_MACHINE]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []
# The demonstration's accounts have a known password: they sign in only where no other machine can.
DEMONSTRATION = os.environ.get("SANKUL_DEMONSTRATION") != "0"
DEMONSTRATION_ACCOUNTS = DEMONSTRATION and set(ALLOWED_HOSTS) <= set(THIS_MACHINE)
# Conformance suites write without credentials: on a trial server that no other machine can reach.
STA_OPEN = os.environ.get("SANKUL_STA_OPEN") == "1"
if STA_OPEN and not set(ALLOWED_HOSTS) <= set(THIS_MACHINE):
    raise ImproperlyConfigured(
        "SANKUL_STA_OPEN=1 lets everybody write field data, so it is for trial servers only: "
        "SANKUL_HOSTS names other machines. Take one of the two away."
    )

INSTALLED_APPS = [
    "sankul.site",
    "sankul.core",
    "sankul.programme.registry",
    "sankul.programme.portfolio",
    "sankul.programme.outcomes",
    "sankul.programme.facilities",
    "sankul.programme.bookings",
    "sankul.programme.billing",
    "sankul.programme.indicators",
    "sankul.programme.evidence",
    "sankul.programme.feedback",
    "sankul.programme.panel",
    "sankul.programme.evaluation",
    "sankul.programme.reports",
    "sankul.field.streams",
    "sankul.field.alerts",
    "sankul.field.water",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "ninja",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "sankul.core.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "sankul.core.middleware.SizeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sankul.core.middleware.ActorMiddleware",
]

ROOT_URLCONF = "sankul.site.urls"
WSGI_APPLICATION = "sankul.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sankul.site.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        postgres.database_url(), conn_max_age=600, conn_health_checks=True
    )
    | {"ENGINE": "django.db.backends.postgresql", "ATOMIC_REQUESTS": False}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "files", "file_permissions_mode": 0o600},
    },
    "documents": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": DATA / "documents",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "OPTIONS": {"location": DATA / "static", "base_url": "/static/"},
    },
}
if os.environ.get("SANKUL_S3_BUCKET"):
    STORAGES["documents"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": os.environ["SANKUL_S3_BUCKET"],
            "endpoint_url": os.environ.get("SANKUL_S3_ENDPOINT"),
            "default_acl": "private",
            "querystring_auth": True,
            "file_overwrite": True,
        },
    }

# Drawings of charts are kept on disk: all processes share them, and a restart finds them again.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA / "cache",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "sankul.core.fonts.FontFinder",
    "sankul.core.charts.bundle.BundleFinder",
]

AUTH_USER_MODEL = "core.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mail is unique by a constraint on its lower case
AUTHENTICATION_BACKENDS = ["sankul.site.accounts.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "sankul.site.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by an officer, never by signing up
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
SOCIALACCOUNT_ADAPTER = "sankul.site.accounts.SocialAccountAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_PROVIDERS: dict[str, object] = {}
SIGN_IN_AT: list[str] = []
if os.environ.get("SANKUL_OIDC_ISSUER"):
    # Chromium holds form-action against the redirect to the provider too.
    SIGN_IN_AT = ["{0.scheme}://{0.netloc}".format(urlsplit(os.environ["SANKUL_OIDC_ISSUER"]))]
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": os.environ.get("SANKUL_OIDC_NAME", "Single sign-on"),
                "client_id": os.environ["SANKUL_OIDC_CLIENT"],
                "secret": os.environ["SANKUL_OIDC_SECRET"],
                "settings": {"server_url": os.environ["SANKUL_OIDC_ISSUER"]},
            }
        ]
    }
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("hi", _("Hindi"))]
LOCALE_PATHS = [PACKAGE / "site" / "locale"]
TIME_ZONE = "Asia/Kolkata"
USE_TZ = True
USE_I18N = True

SESSION_ENGINE = "sankul.core.queries.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *SIGN_IN_AT],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 * 2**20
DOCUMENT_MAX_BYTES = 25 * 2**20
REQUEST_MAX_BYTES = 60 * 2**20  # two of the largest documents, and the form around them

EMAIL_HOST = os.environ.get("SANKUL_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("SANKUL_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("SANKUL_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SANKUL_SMTP_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = DATA / "mail"
EMAIL_TIMEOUT = 20
# Mails lead to the site: a task knows no request that would tell where it is.
HERE = f"127.0.0.1:{os.environ.get('SANKUL_PORT') or 8000}"
FIRST_HOST = HERE if ALLOWED_HOSTS[0] in THIS_MACHINE else ALLOWED_HOSTS[0]
SITE_ADDRESS = os.environ.get("SANKUL_ADDRESS", "").rstrip("/") or (
    f"{'https' if HTTPS else 'http'}://{FIRST_HOST}"
)
DEFAULT_FROM_EMAIL = os.environ.get("SANKUL_MAIL_FROM", "sankul@localhost")

# Where devices reach the broker of messages, as in mqtt://field.example:1883; told by the SensorThings API.
MQTT_ENDPOINT = os.environ.get("SANKUL_MQTT_ENDPOINT", "")
# Where anybody hears what was made or changed: on a trial server by the same broker.
MQTT_NEWS_ENDPOINT = os.environ.get("SANKUL_MQTT_NEWS_ENDPOINT", "") or (
    MQTT_ENDPOINT if STA_OPEN and not os.environ.get("SANKUL_MQTT") else ""
)
METRICS_TOKEN = os.environ.get("SANKUL_METRICS_TOKEN", "")
NINJA_PAGINATION_MAX_LIMIT = 1000

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.dict_tracebacks,
        structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
        },
        "plain": {"format": "%(message)s"},
    },
    "handlers": {
        "foreign": {"class": "logging.StreamHandler", "formatter": "json"},
        "ours": {"class": "logging.StreamHandler", "formatter": "plain"},
    },
    "root": {"handlers": ["foreign"], "level": "WARNING"},
    "loggers": {"sankul": {"handlers": ["ours"], "level": "INFO", "propagate": False}},
}
