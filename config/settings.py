"""All settings, one file, from the environment (docs/deploy.md lists the variables).

The mode is production unless the environment says DEMO=1, DEBUG=1 or DEVELOPMENT=1 (manage.py says the last by itself
where no SECRET_KEY is given). Production refuses to start without its keys.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from config.keys import demand_keys, development_keys
from config.record import LEAST_MONTHS, months_of_logs
from config.steady import every

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
PRODUCTION = not (TESTING or DEBUG or DEMO or env.bool("DEVELOPMENT", default=False))

# Keys: PERSONAL_DATA_KEYS are secrets, comma-separated; the first seals, all open. A new one goes to the front; an old
# one may go when `manage.py rotate_keys --check` says that it opens nothing any more.
keys = (
    demand_keys(os.environ, also=("ALLOWED_HOSTS",))
    if PRODUCTION
    else development_keys(VAR_DIR / "keys.json", os.environ)
)
SECRET_KEY = keys["SECRET_KEY"]
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PERSONAL_DATA_KEYS = [key.strip() for key in keys["PERSONAL_DATA_KEYS"].split(",") if key.strip()]
BLIND_INDEX_KEY = keys["BLIND_INDEX_KEY"]
BLIND_INDEX_KEY_OLD = env.str("BLIND_INDEX_KEY_OLD", default="")
LEDGER_KEY = keys["LEDGER_KEY"]

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "config",
    "assessment",
    "complaints",
    "accountability",
    "config.apps.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "simple_history",
    "django_htmx",
    "django_filters",
    "csp",
]

MIDDLEWARE = [
    "config.headers.Headers",
    "config.headers.CompressedPages",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accountability.web.middleware.ArrivalMiddleware",
    "config.limits.Limits",
    "accountability.web.middleware.SessionMiddleware",
    "accountability.web.middleware.StepsMiddleware",
    "accountability.web.middleware.AdministratorMiddleware",
    "accountability.web.middleware.AuditingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accountability.web.middleware.NotAllowedMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accountability.web.navigation.shell",
                "config.demo.sign_in.accounts",
            ],
        },
    },
]

FORM_RENDERER = "config.controls.Renderer"

# --- database: how long an act waits for its lock is a rule of the house (4 s in pages, longer in worker and beat)
LOCK_TIMEOUT = env.float("LOCK_TIMEOUT", default=4)
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": LOCK_TIMEOUT,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # To open the file costs more than most tasks do; a server's connection would be lost when the server goes.
    CELERY_DB_REUSE_MAX = 100
else:
    DATABASES["default"]["OPTIONS"] = {"options": f"-c lock_timeout={int(LOCK_TIMEOUT * 1000)}"}
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- who is who
AUTH_USER_MODEL = "accountability.Employee"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AUTHENTICATION_BACKENDS = ["accountability.signin.backend.Backend"]
# The least; what the policy asks besides is in accountability/signin/passwords.py.
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accountability.signin.passwords.ForeseeableValidator"},
]
# The first hashes; whoever signs in with an older one is hashed anew by it.
HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"] if TESTING else HASHERS

SESSION_COOKIE_AGE = 12 * 60 * 60
# It ends before that where nobody does anything for so long (sessions.py), and pages warn beforehand.
SESSION_IDLE_SECONDS = 60 * env.int("SESSION_IDLE_MINUTES", default=120)
SESSION_WARN_SECONDS = min(5 * 60, SESSION_IDLE_SECONDS // 2)
SESSION_SAVE_EVERY_REQUEST = False

# --- cookies: no script reads one, none says more than a random number or a language; messages stay on the server
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
# Lax: who follows a link in a message arrives signed in; no other site can post in anybody's name.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- how often somebody may ask (config/limits.py); tests ask as one machine, and say where it is counted
LIMITS_COUNT = not TESTING
LIMITS_FILE = VAR_DIR / "limits.sqlite3"

# --- transport: BEHIND_PROXY says that a reverse proxy ends TLS and sets X-Forwarded-Proto and X-Forwarded-For itself
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
# How many proxies of ours stand in a row, each noting the one before it.
PROXY_HOPS = max(1, env.int("PROXY_HOPS", default=1))
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # Whether a domain goes into the browsers' lists is for whoever owns all of it to say.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # With this prefix browsers take them over TLS and from this host alone, for the whole of it.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "object-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "media-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# --- language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- static files: hashed names need collectstatic first, so only where the system is served for others
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
HASHED_STATIC = PRODUCTION or (DEMO and not TESTING)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not HASHED_STATIC
WHITENOISE_AUTOREFRESH = not HASHED_STATIC
# Its default invites every origin to read them.
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = VAR_DIR / "media"

# --- files that people hand in: sealed, outside every folder that is served
ATTACHMENTS_DIR = Path(env.str("ATTACHMENTS_DIR", default=str(VAR_DIR / "attachments")))
ATTACHMENT_MOST_BYTES = 20 * 1024 * 1024
# Files to one act, and files of one person that no act has taken yet.
ATTACHMENTS_MOST = 10
ATTACHMENT_DRAFTS_MOST = 40
UPLOAD_MOST_BYTES = ATTACHMENTS_MOST * ATTACHMENT_MOST_BYTES + 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 2 * ATTACHMENTS_MOST
# What looks for viruses in a file before it is kept: a dotted path, or nothing. Where it gives no answer, no file is
# taken. `accountability.files.scanner.Clamd` asks the daemon at CLAMD ("HOST:PORT", or the path of its socket).
UPLOAD_SCANNER = env.str("UPLOAD_SCANNER", default="")
CLAMD = env.str("CLAMD", default="127.0.0.1:3310")
FILE_UPLOAD_HANDLERS = [
    "config.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- the backup runs outside; it touches this file when it is done, and the system administrator's page tells its age
BACKUP_MARK = env.str("BACKUP_MARK", default="")

# --- the record: seals outside the database (best on another machine's append-only store), logs kept a year and never
# less than half a year
SEALS_DIR = Path(env.str("SEALS_DIR", default=str(VAR_DIR / "seals")))
LOG_KEEP_LEAST = LEAST_MONTHS
LOG_KEEP_MONTHS = months_of_logs(env.str("LOG_KEEP_MONTHS", default="12"))

# --- telling people off-screen: a channel is there where it is configured; outside production mail becomes files
SITE_URL = env.str("SITE_URL", default="")
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="shouwen@localhost")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
MAIL_SERVER = env.str("EMAIL_URL", default="")
if MAIL_SERVER:
    vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 5
CHANNELS: dict[str, dict[str, str]] = {}
if MAIL_SERVER or not PRODUCTION:
    CHANNELS["email"] = {"way": "accountability.notices.channels.mail.Email"}
if env.str("SMS_GATEWAY_URL", default=""):
    CHANNELS["sms"] = {
        "way": "accountability.notices.channels.http.SmsGateway",
        "url": env.str("SMS_GATEWAY_URL"),
        "token": env.str("SMS_GATEWAY_TOKEN", default=""),
    }
if env.str("GROUP_ROBOT_URL", default=""):
    CHANNELS["robot"] = {"way": "accountability.notices.channels.http.GroupRobot", "url": env.str("GROUP_ROBOT_URL")}
# What people who haven't chosen get, by topic; the inbox gets everything.
NOTICE_CHANNELS = {
    "clock": ("sms", "email"),
    "work": ("email",),
    "limits": ("email",),
    "waiting": ("email",),
    "news": (),
}
# Asia/Shanghai; only the thirty-minute clock disturbs from the first until before the second.
QUIET_HOURS = ("22:00", "07:00")
# More messages than this to one person and channel within the window become one digest.
DIGEST_ABOVE = 3
DIGEST_WINDOW = {"clock": timedelta(minutes=2), "other": timedelta(minutes=10)}
# Failures in a row after which a channel's alarm is raised.
CHANNEL_ALARM_AFTER = 3

# --- history and tasks
SIMPLE_HISTORY_REVERT_DISABLED = True

# Without Redis the transport is in memory: `manage.py serve` runs worker and beat as threads (config/background.py).
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="memory://")
ON_ONE_MACHINE = CELERY_BROKER_URL.startswith("memory://")
if ON_ONE_MACHINE:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.2}
# Papers and exports are set, and the record is read, in a queue of their own, one at a time: they must not hold up
# the sweep.
CELERY_TASK_ROUTES = {
    "accountability.tasks.make_papers": {"queue": "papers"},
    "accountability.tasks.make_exports": {"queue": "papers"},
    "accountability.tasks.verify_record": {"queue": "papers"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Without Redis no page can wake the worker: it looks more often.
PAPERS_EVERY = 1 if ON_ONE_MACHINE else 5
# A tick that found no worker within its interval is worthless: the next one does its work too.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "accountability.tasks.sweep", "schedule": every(5), "options": {"expires": 5}},
    "send_notifications": {
        "task": "accountability.tasks.send_notifications",
        "schedule": every(5),
        "options": {"expires": 5},
    },
    "make_papers": {
        "task": "accountability.tasks.make_papers",
        "schedule": every(PAPERS_EVERY),
        "options": {"expires": PAPERS_EVERY},
    },
    # A seal is due an hour after the last one; the whole record is read once a day, at night.
    "seal": {"task": "accountability.tasks.seal", "schedule": every(300), "options": {"expires": 300}},
    "verify_record": {
        "task": "accountability.tasks.verify_record",
        "schedule": every(600),
        "options": {"expires": 600},
    },
    "make_exports": {"task": "accountability.tasks.make_exports", "schedule": every(5), "options": {"expires": 5}},
    # Every hour, so that a night without power is made up for; a run that finds nothing asks once a kind.
    "close_sign_ins": {
        "task": "accountability.tasks.close_sign_ins",
        "schedule": every(3600),
        "options": {"expires": 600},
    },
    "retain": {"task": "accountability.tasks.retain", "schedule": every(3600), "options": {"expires": 600}},
}

# --- logs: to stderr, each line harmless (config/logs.py). No mail of errors: it would carry what was sent.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.Line"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # The setter of papers tells every step.
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        # Below this they write what is sent to the database, or to a gateway.
        "django.db.backends": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
