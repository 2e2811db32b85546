"""All settings in one file, from the environment (docs/deploy.md lists the variables).

The mode is production unless the environment has DEMO=1, DEBUG=1 or DEVELOPMENT=1 (manage.py sets the last
automatically where no SECRET_KEY is given). Production refuses to start without its keys, and no other mode starts with
them.
"""

import os
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.keys import demand_keys, development_keys, modes_of, refuse_two_modes
from config.logs import formatter_of
from config.record import LEAST_MONTHS, months_of_logs
from config.steady import every

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
MODES = modes_of(os.environ)
PRODUCTION = not (TESTING or MODES)

# Keys: PERSONAL_DATA_KEYS are comma-separated secrets; the first seals, all open. Put a new one in front; remove an old
# one when `manage.py rotate_keys --check` says that it opens nothing any more.
refuse_two_modes(MODES, os.environ)
keys = demand_keys(os.environ, also=("ALLOWED_HOSTS",)) if PRODUCTION else development_keys(VAR_DIR / "keys.json")
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
    "config.metrics.Measured",
    "config.headers.CompressedPages",
    "django.middleware.security.SecurityMiddleware",
    "config.headers.PagePolicy",
    "accountability.web.middleware.ProbeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.later.SafeStart",
    "accountability.web.middleware.ArrivalMiddleware",
    "config.limits.RightClock",
    "config.limits.Limits",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accountability.web.middleware.NulMiddleware",
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
# How long one statement may take; pages set it (config/wsgi.py), commands such as migrate may take their time.
STATEMENT_TIMEOUT = env.float("STATEMENT_TIMEOUT", default=0)
# What each connection to PostgreSQL begins with, times in ms. Compiling a statement takes longer than a desk's lists do
# without it, so the JIT is off. A page off its place costs little more on today's disks: indexes are read in order.
OF_A_CONNECTION = {
    "jit": "off", "random_page_cost": "1.1",
    "lock_timeout": str(int(LOCK_TIMEOUT * 1000)),
    "statement_timeout": str(int(STATEMENT_TIMEOUT * 1000)),
}  # fmt: skip
# A database that can't be reached, or whose machine is gone, is given up within seconds.
ALIVE = {"keepalives_idle": 4, "keepalives_interval": 2, "keepalives_count": 2}
GIVEN_UP_WITHIN_SECONDS = {"connect_timeout": 2, "tcp_user_timeout": 8000, **ALIVE}
KEPT_OPEN = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
# DATABASE_URL names a PgBouncer in transaction mode. It takes no such settings from here, and gives them itself.
DATABASE_POOLED = env.bool("DATABASE_POOLED", default=False)
DATABASES: dict[str, Any] = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
# What the address says of TLS (`sslmode`) is among these.
OF_THE_ADDRESS = DATABASES["default"].get("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = OF_THE_ADDRESS | {
        "transaction_mode": "IMMEDIATE", "timeout": LOCK_TIMEOUT,
        "cached_statements": 500,  # over two hundred come again and again, more than Python keeps prepared
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }  # fmt: skip
    # Opening the file costs more than most tasks do; a kept connection to a server would fail when the server stops.
    CELERY_DB_REUSE_MAX = 100
else:
    DATABASES["default"]["OPTIONS"] = GIVEN_UP_WITHIN_SECONDS | OF_THE_ADDRESS
    if DATABASE_POOLED:
        # A cursor of the server's belongs to one of its connections, and the next statement may get another.
        DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
    else:
        # What is prepared is planned once, for whichever values.
        OF_ITS_OWN = {"plan_cache_mode": "force_generic_plan"} | OF_A_CONNECTION
        DATABASES["default"]["OPTIONS"]["options"] = " ".join(f"-c {name}={each}" for name, each in OF_ITS_OWN.items())
    DATABASES["default"] |= KEPT_OPEN
# A standby of the same database (docs/scale.md): figures are counted there while it is behind by no more than so many
# seconds. Nothing can be written by way of this address, whatever it names.
if env.str("REPLICA_URL", default=""):
    DATABASE_ROUTERS = ["config.databases.Router"]
    DATABASES["replica"] = env.db_url("REPLICA_URL") | KEPT_OPEN | {"TEST": {"MIRROR": "default"}}
    if DATABASES["replica"]["ENGINE"].endswith("postgresql"):
        READ_ONLY = OF_A_CONNECTION | {"default_transaction_read_only": "on"}
        DATABASES["replica"]["OPTIONS"] = GIVEN_UP_WITHIN_SECONDS | DATABASES["replica"].get("OPTIONS", {})
        DATABASES["replica"]["OPTIONS"]["options"] = " ".join(f"-c {name}={each}" for name, each in READ_ONLY.items())
REPLICA_LAG = env.float("REPLICA_LAG", default=60)

# --- who is who
AUTH_USER_MODEL = "accountability.Employee"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AUTHENTICATION_BACKENDS = ["accountability.signin.backend.Backend"]
# The minimum; accountability/signin/passwords.py checks what the policy requires as well.
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
# The first one hashes new passwords; an older hash is replaced at the next sign-in.
HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"] if TESTING else HASHERS

# In the database, where only a digest of the cookie's key is kept.
SESSION_ENGINE = "accountability.signin.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
# A session ends earlier after a time without activity (accountability/signin/sessions.py), and pages warn beforehand.
SESSION_IDLE_SECONDS = 60 * env.int("SESSION_IDLE_MINUTES", default=120)
SESSION_WARN_SECONDS = min(5 * 60, SESSION_IDLE_SECONDS // 2)
SESSION_SAVE_EVERY_REQUEST = False

# --- cookies: no script reads one, each has only a random number or a language; messages stay on the server
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
# Lax: a person who follows a link in a message arrives signed in; no other site can post in their name.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# Tells a browser in which its person has signed in before (accountability/signin/browsers.py).
BROWSER_COOKIE_NAME = "browser"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- rate limits (config/limits.py); tests come from one machine, and say where requests are counted
LIMITS_COUNT = not TESTING
LIMITS_FILE = VAR_DIR / "limits.sqlite3"

# --- transport: BEHIND_PROXY says that a reverse proxy ends TLS and sets X-Forwarded-Proto and X-Forwarded-For itself
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
# Machines that are reached without TLS, because nobody else is on the way to them (a network of containers).
PLAIN_HOSTS = env.list("PLAIN_HOSTS", default=[])
# How many proxies of ours are in a row, each adding the address of the one before it.
PROXY_HOPS = max(1, env.int("PROXY_HOPS", default=1))
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(?:livez|readyz|metrics)$"]
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # Only the owner of the whole domain may decide to put it on the browsers' preload lists.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # With this prefix browsers accept them only over TLS and from this host, for all its paths.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME, BROWSER_COOKIE_NAME = "__Host-language", "__Host-browser"
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

# --- static files: hashed names need collectstatic first, so only where the system is served to others
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
# The default allows every origin to read them.
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = VAR_DIR / "media"

# --- uploaded files: sealed, outside every folder that is served
ATTACHMENTS_DIR = Path(env.str("ATTACHMENTS_DIR", default=str(VAR_DIR / "attachments")))
ATTACHMENT_MOST_BYTES = 20 * 1024 * 1024
# Files per act, and files of one person that no act has taken yet.
ATTACHMENTS_MOST = 10
ATTACHMENT_DRAFTS_MOST = 40
UPLOAD_MOST_BYTES = ATTACHMENTS_MOST * ATTACHMENT_MOST_BYTES + 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 2 * ATTACHMENTS_MOST
# The virus scanner of uploads, run before a file is stored: a dotted path, or nothing. If it gives no answer, the file
# is rejected. `accountability.files.scanner.Clamd` asks the daemon at CLAMD ("HOST:PORT", or the path of its socket).
UPLOAD_SCANNER = env.str("UPLOAD_SCANNER", default="")
CLAMD = env.str("CLAMD", default="127.0.0.1:3310")
FILE_UPLOAD_HANDLERS = [
    "config.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- after so many minutes in which nobody could be served misses wait for two people (accountability/gate/holding.py);
# 0: never, as for a demo that stood still over night
HOLD_AFTER = timedelta(minutes=max(0, env.int("HOLD_AFTER", default=0 if DEMO else 15)))

# --- the backup runs outside; it touches this file when it is done, and the system administrator's page shows its age
BACKUP_MARK = env.str("BACKUP_MARK", default="")
# The public keys that it is encrypted for; the private ones are where backups are restored, and nowhere else.
BACKUP_RECIPIENTS = env.list("BACKUP_RECIPIENTS", default=[])

# --- the record: seals outside the database (best on another machine's append-only store), logs kept a year and never
# less than half a year
SEALS_DIR = Path(env.str("SEALS_DIR", default=str(VAR_DIR / "seals")))
LOG_KEEP_LEAST = LEAST_MONTHS
LOG_KEEP_MONTHS = months_of_logs(env.str("LOG_KEEP_MONTHS", default="12"))

# --- notices off-screen: a channel exists where it is configured; outside production mail becomes files
SITE_URL = env.str("SITE_URL", default="")
# What a telephone number on a page opens.
DIAL_ADDRESS = env.str("DIAL_ADDRESS", default="") or "tel:{number}"
# The hosts (`HOST` or `HOST:PORT`) of the recordings whose addresses may be kept with a complaint, and are links there.
RECORDING_HOSTS = env.list("RECORDING_HOSTS", default=[])
# Text messages to customers and the pages behind them, the only ones without sign-in (docs/integration.md).
CUSTOMER_LINKS = env.bool("CUSTOMER_LINKS", default=False)
CUSTOMER_LINK_DAYS = env.int("CUSTOMER_LINK_DAYS", default=7)
CUSTOMER_HOTLINE = env.str("CUSTOMER_HOTLINE", default="10086")
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
        # What the gateway calls its templates, where it takes nothing else: KIND=TEMPLATE, separated by commas.
        "templates": env.str("SMS_TEMPLATES", default=""),
    }
# One robot for all (GROUP_ROBOT_URL), and those of units by a CSV file (accountability/notices/channels/robots.py).
if env.str("GROUP_ROBOT_URL", default="") or env.str("GROUP_ROBOTS", default=""):
    CHANNELS["robot"] = {
        "way": "accountability.notices.channels.robots.GroupRobots",
        "url": env.str("GROUP_ROBOT_URL", default=""),
        "kind": env.str("GROUP_ROBOT_KIND", default="") or "wecom",
        "secret": env.str("GROUP_ROBOT_SECRET", default=""),
        "table": env.str("GROUP_ROBOTS", default=""),
    }
# The default channels of people who haven't chosen, by topic; the inbox gets everything.
NOTICE_CHANNELS = {
    "clock": ("sms", "email"),
    "work": ("email",),
    "limits": ("email",),
    "waiting": ("email",),
    "news": (),
}
# Asia/Shanghai; from the first until before the second only the thirty-minute clock may disturb.
QUIET_HOURS = ("22:00", "07:00")
# More messages than this to one person and channel within the window become one digest.
DIGEST_ABOVE = 3
DIGEST_WINDOW = {"clock": timedelta(minutes=2), "other": timedelta(minutes=10)}
# Failures in a row after which a channel's alarm is raised.
CHANNEL_ALARM_AFTER = 3

# --- the interface for programs under /api/v1/ (config/api): off until it is wanted, and then with requirements/api.txt
API_ENABLED = env.bool("API_ENABLED", default=TESTING)
if API_ENABLED:
    from config.api.settings import FRAMEWORK, SCHEMA, with_api

    MIDDLEWARE = with_api(MIDDLEWARE)
    REST_FRAMEWORK, SPECTACULAR_SETTINGS = FRAMEWORK, SCHEMA

# --- one's own limits for a calendar program (docs/integration.md): off until wanted, and then until a person makes the
# address
CALENDAR_FEEDS = env.bool("CALENDAR_FEEDS", default=TESTING)

# --- events for other systems (docs/integration.md): off until wanted. EVENTS_NETWORKS are the networks, such as
# 10.20.0.0/16, that they may be sent to besides the public internet.
EVENTS_OUT = env.bool("EVENTS_OUT", default=False)
EVENTS_NETWORKS = env.list("EVENTS_NETWORKS", default=[])

# --- papers for the OA (docs/integration.md): off until it has an address or a folder; OA_KINDS narrows what goes there
OA_URL = env.str("OA_URL", default="")
OA_TOKEN = env.str("OA_TOKEN", default="")
OA_FOLDER = env.str("OA_FOLDER", default="")
OA_KINDS = env.list("OA_KINDS", default=[])

# --- the company's account by OpenID Connect (docs/integration.md): off until a provider is named, and then with
# requirements/oidc.txt
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
# Hosts (`HOST` or `HOST:PORT`) of the provider's addresses besides the issuer's own.
OIDC_HOSTS = env.list("OIDC_HOSTS", default=[])
OIDC_SCOPES = env.str("OIDC_SCOPES", default="openid profile")
# By default whoever signs in shows a password there each time, since the shifts of a desk share a browser.
OIDC_PROMPT = env.str("OIDC_PROMPT", default="login")
# The claim that holds the username; used once, when an account is linked.
OIDC_USERNAME_CLAIM = env.str("OIDC_USERNAME_CLAIM", default="preferred_username")
# What of a token says that a second factor was shown there.
OIDC_SECOND_FACTOR = env.list("OIDC_SECOND_FACTOR", default=["amr:mfa"])
# A CSV file: what claims mean here (accountability/signin/mapping.py).
OIDC_MAPPING = env.str("OIDC_MAPPING", default="")
# Whether the three administrators may come this way too.
OIDC_ADMINISTRATORS = env.bool("OIDC_ADMINISTRATORS", default=False)
# Whether passwords are for the three administrators alone.
OIDC_ONLY = env.bool("OIDC_ONLY", default=False)
if OIDC_ISSUER and find_spec("jwt") is None:
    raise ImproperlyConfigured("OIDC_ISSUER needs what requirements/oidc.txt names")

# --- the password of the company's directory by LDAP (docs/integration.md): off until it is named, and then with
# requirements/ldap.txt. `ldaps://HOST`, or `ldap://HOST` with StartTLS: nothing is said without TLS.
LDAP_URI = env.str("LDAP_URI", default="")
# A file of the authorities that may vouch for it; without it those of the system.
LDAP_CA = env.str("LDAP_CA", default="")
# The account that looks people up, which need not do more.
LDAP_BIND_DN = env.str("LDAP_BIND_DN", default="")
LDAP_BIND_PASSWORD = env.str("LDAP_BIND_PASSWORD", default="")
# Where people stand, and which entry is a username's.
LDAP_BASE = env.str("LDAP_BASE", default="")
LDAP_FILTER = env.str("LDAP_FILTER", default="") or "(&(objectClass=person)(uid={username}))"
# What an entry has for good and never gives to another: entryUUID, or objectGUID.
LDAP_IDENTITY = env.str("LDAP_IDENTITY", default="entryUUID")
# A CSV file: what attributes mean here (accountability/signin/mapping.py).
LDAP_MAPPING = env.str("LDAP_MAPPING", default="")
# Whether passwords of this system are for the three administrators alone.
LDAP_ONLY = env.bool("LDAP_ONLY", default=False)
if LDAP_URI:
    AUTHENTICATION_BACKENDS.append("accountability.signin.ldap_backend.LdapBackend")
    if find_spec("ldap3") is None:
        raise ImproperlyConfigured("LDAP_URI needs what requirements/ldap.txt names")

# --- `/metrics` is there for a monitor that knows the token (config/metrics.py)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- history and tasks
SIMPLE_HISTORY_REVERT_DISABLED = True

# Without Redis the transport is in memory: `manage.py serve` runs worker and beat as threads (config/background.py).
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="memory://")
ON_ONE_MACHINE = CELERY_BROKER_URL.startswith("memory://")
# A broker that hangs must not hang a page: it only wakes the tasks, which come by themselves too.
BROKER_TIMEOUT = 2
CELERY_BROKER_CONNECTION_TIMEOUT = BROKER_TIMEOUT
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float] = (
    {"polling_interval": 0.2}
    if ON_ONE_MACHINE
    else {"socket_timeout": BROKER_TIMEOUT, "socket_connect_timeout": BROKER_TIMEOUT}
)
# The sweep has workers of its own. After an outage it works for minutes, and its next ticks beside it: notices of the
# thirty minutes don't wait for that. Papers and exports are made, and the record is verified, one at a time.
CELERY_TASK_ROUTES = {
    "accountability.tasks.send_notifications": {"queue": "notices"},
    "accountability.tasks.make_papers": {"queue": "papers"},
    "accountability.tasks.make_exports": {"queue": "papers"},
    "accountability.tasks.verify_record": {"queue": "papers"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Without Redis no page can wake the worker: it polls more often.
PAPERS_EVERY = 1 if ON_ONE_MACHINE else 5
# What goes to other systems has a worker of its own: a name that doesn't resolve, or a receiver that hangs, delays
# nothing else.
SENT_OUT = {"send_events": EVENTS_OUT, "hand_over_papers": bool(OA_URL or OA_FOLDER)}
# Seconds between two ticks of a task. One that no worker takes within them, or within ten minutes, expires: the next
# one does its work too.
TICKS = {
    "sweep": 5, "send_notifications": 5, "make_papers": PAPERS_EVERY, "make_exports": 5,
    # A seal is due an hour after the last one; the whole record is verified once a day, at night.
    "seal": 300, "verify_record": 600,
    # Every hour, so that a night without power is made up for; a run that finds nothing makes one query per kind.
    "close_sign_ins": 3600, "retain": 3600,
    **({"close_left_sign_ins": 300} if LDAP_URI else {}), **{name: 5 for name, is_on in SENT_OUT.items() if is_on},
}  # fmt: skip
CELERY_BEAT_SCHEDULE = {
    name: {"task": f"accountability.tasks.{name}", "schedule": every(ticks), "options": {"expires": min(ticks, 600)}}
    for name, ticks in TICKS.items()
}
CELERY_TASK_ROUTES |= {f"accountability.tasks.{name}": {"queue": "events"} for name, is_on in SENT_OUT.items() if is_on}

# --- logs: to stderr, each line harmless, for people or as JSON (config/logs.py). No error mails: they would contain
# what was sent.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"chosen": {"()": formatter_of(os.environ, usual="line" if TESTING else None)}},
    "handlers": {"console": {"class": "config.logs.Sparing", "formatter": "chosen"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # The library that makes papers logs every step.
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        # Below this level they log what is sent to the database, or to a gateway.
        "django.db.backends": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
