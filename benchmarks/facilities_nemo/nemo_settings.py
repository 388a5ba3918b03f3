"""Settings for NEMO as its own documentation gives them for production, but for the names of this benchmark's places.

DEBUG is off, every application and middleware of its default settings is in, static files carry a version, times are of one zone,
and the log keeps warnings. Mail goes nowhere. The rest comes from
the environment: NEMO_HOME, and NEMO_NAME, _USER, _PASSWORD, _HOST and _PORT of the database.
"""

from __future__ import annotations

import os
from pathlib import Path

_home = Path(os.environ["NEMO_HOME"])


DEBUG = False
AUTH_USER_MODEL = "NEMO.User"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
WSGI_APPLICATION = "NEMO.wsgi.application"
ROOT_URLCONF = "NEMO.urls"
SECRET_KEY = "benchmark"
ALLOWED_HOSTS = ["127.0.0.1"]
SERVER_DOMAIN = "http://127.0.0.1"
LOGIN_URL = LOGIN_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = ["NEMO.views.authentication.LDAPAuthenticationBackend"]
LDAP_SERVERS: list[dict[str, str]] = []
SESSION_COOKIE_AGE = 2419200
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_AGE = None
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True

DATETIME_FORMAT = "l, F jS, Y @ g:i A"
SHORT_DATETIME_FORMAT = "m/d/Y @ g:i A"
DATE_FORMAT = "l, F jS, Y"
SHORT_DATE_FORMAT = "m/d/Y"
TIME_FORMAT = "g:i A"
MONTH_DAY_FORMAT = "l m/d"
EXPORT_DATE_FORMAT = "m_d_Y"
EXPORT_TIME_FORMAT = "h_i_s"
DATETIME_INPUT_FORMATS = ["%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M:%S"]
DATE_INPUT_FORMATS = ["%m/%d/%Y", "%Y-%m-%d"]
TIME_INPUT_FORMATS = ["%I:%M %p", "%H:%M:%S"]
USE_I18N = False
USE_TZ = True
TIME_ZONE = "Asia/Kolkata"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django.contrib.humanize",
    "NEMO.apps.kiosk",
    "NEMO.apps.area_access",
    "NEMO",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "mptt",
    "auditlog",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.BrokenLinkEmailsMiddleware",
    "NEMO.middleware.DeviceDetectionMiddleware",
    "NEMO.middleware.SessionTimeout",
    "NEMO.middleware.ImpersonateMiddleware",
    "NEMO.middleware.NEMOAuditlogMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "NEMO.context_processors.show_logout_button",
                "NEMO.context_processors.base_context",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.debug",
                "django.template.context_processors.media",
                "django.template.context_processors.static",
                "django.template.context_processors.tz",
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ("NEMO.permissions.DjangoModelPermissions",),
    "DEFAULT_FILTER_BACKENDS": ("NEMO.rest_filter_backend.NEMOFilterBackend",),
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
        "NEMO.parsers.CSVParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "NEMO.rest_pagination.NEMOPageNumberPagination",
    "PAGE_SIZE": 1000,
}

ADMINS = MANAGERS = []
NEMO_EMAIL_SUBJECT_PREFIX = "[NEMO] "
SERVER_EMAIL = DEFAULT_FROM_EMAIL = "nemo@example.org"
EMAIL_USE_DEFAULT_AND_REPLY_TO = False
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
RESERVATION_ORGANIZER = "NEMO"
RESERVATION_ORGANIZER_EMAIL = "no_reply"
USER_RESERVATION_PREFERENCES_DEFAULT = False

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **{key: os.environ[f"NEMO_{key}"] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")},
    }
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
STATIC_ROOT = str(_home / "static")
STATIC_URL = "/static/"
MEDIA_ROOT = str(_home / "media")
MEDIA_URL = "/media/"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"": {"handlers": ["console"], "level": "ERROR"}},
}

ALLOW_CONDITIONAL_URLS = True
INTERLOCKS_ENABLED = False
IDENTITY_SERVICE = {"available": False, "url": "", "domains": []}
