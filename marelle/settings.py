"""All settings, read from the environment. docs/settings.md lists the variables.

What the authority chooses (name, colours, texts, delays) is data, edited on screens, not here.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from marelle.accounts.oidc.providers import providers_read
from marelle.core.buckets import SCHEME, bucket_read
from marelle.core.database import database_read, statement_timeout
from marelle.core.environment import Environment, WrongSetting
from marelle.files.rules import MAX_FILES

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)

# The demo: invented families, accounts whose password is public, mails readable on a page.
MARELLE_DEMO = env.flag("MARELLE_DEMO")
DEBUG = env.flag("DEBUG")

# Public on purpose, and refused outside the demo.
DEMO_SECRET_KEY = "demo-only-" + "marelle" * 8
SECRET_KEY = env.text("SECRET_KEY", DEMO_SECRET_KEY if MARELLE_DEMO else "")
if not SECRET_KEY:
    raise WrongSetting(
        "SECRET_KEY", "is missing. Give a long random one, or set MARELLE_DEMO=1 for the demo."
    )
if SECRET_KEY == DEMO_SECRET_KEY and not MARELLE_DEMO:
    raise WrongSetting("SECRET_KEY", "is the demo's, which everybody knows. Give a long random one.")

# Those before it: what they signed still counts, and nothing more is signed with them.
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")
if DEMO_SECRET_KEY in SECRET_KEY_FALLBACKS and not MARELLE_DEMO:
    raise WrongSetting("SECRET_KEY_FALLBACKS", "has the demo's secret, which everybody knows.")

# What opens the sealed columns (`core.sealed`) and files (`files.sealing`): the first writes, all read.
# Without one the portal runs, and keeps no income, no health and no file; `check` refuses it.
DEMO_SEALING_KEY = "bWFyZWxsZS1kZW1vLW9ubHktbWFyZWxsZS1kZW1vISE="
SEALING_KEYS = env.keys("SEALING_KEYS", DEMO_SEALING_KEY if MARELLE_DEMO else "")
if DEMO_SEALING_KEY in SEALING_KEYS and not MARELLE_DEMO:
    raise WrongSetting("SEALING_KEYS", "has the demo's key, which everybody knows. Give one of your own.")

# Where the portal is reached: links in mails start with it, and https there turns the cookies' locks on.
PUBLIC_URL = env.origin("PUBLIC_URL", "http://localhost:8000" if MARELLE_DEMO or DEBUG else None)
HTTPS = PUBLIC_URL.startswith("https://")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]") if MARELLE_DEMO or DEBUG else ()
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", (urlsplit(PUBLIC_URL).hostname or "", *LOCAL_HOSTS))
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", (PUBLIC_URL,))

# Who is told of a weakness, at /.well-known/security.txt; without one the portal has no such page.
SECURITY_CONTACT = env.contacts("SECURITY_CONTACT")
SECURITY_POLICY = env.page("SECURITY_POLICY")

# How many reverse proxies of ours stand in front: the client's address is that far from the end of
# X-Forwarded-For, and nothing before it is believed.
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", 0, minimum=0, maximum=5)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.whole("HSTS_SECONDS", 31_536_000 if HTTPS else 0, minimum=0, maximum=63_072_000)
# Sites below the portal's host may be the authority's own: not ours to decide for.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "marelle.core.sessions"
# Of who is not in yet; of who is, `places.lives` says.
SESSION_COOKIE_AGE = 12 * 3600
# By these names a browser takes a cookie over https alone, and `__Host-` from this very host: a site of the
# same domain cannot put its own in place of ours.
COOKIE_HOST, COOKIE_BELOW = ("__Host-", "__Secure-") if HTTPS else ("", "")
SESSION_COOKIE_NAME = f"{COOKIE_HOST}marelle"
CSRF_COOKIE_NAME = f"{COOKIE_HOST}csrftoken"
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "marelle.ui.messages.SaidStorage"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "marelle.ui.views.csrf_failure"

# What opens the figures of `/sante/metriques`, and the two others of `/sante/` from elsewhere than here.
MONITORING_TOKEN = env.token("MONITORING_TOKEN")

# Beside the code in a checkout alone: where it is installed, that is taken away with each version.
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var" if (BASE_DIR / "pyproject.toml").exists() else None)
_default_database = DATA_DIR / ("demo.sqlite3" if MARELLE_DEMO else "marelle.sqlite3")
DATABASES = {"default": database_read(env, f"sqlite:///{_default_database}")}
# A pooler (PgBouncer) gives each transaction another connection: what one program sets there, others get.
DATABASE_POOLER = env.flag("DATABASE_POOLER")
# Of web processes alone (`wsgi.py`): a migration or a backup takes as long as it takes.
STATEMENT_TIMEOUT = statement_timeout(env)
# What families and structures send. One database each: the demo's own, even beside a real one's.
FILES_DIR = env.folder("FILES_DIR", DATA_DIR / ("demo-files" if MARELLE_DEMO else "files"))
# In its place, a bucket of a store that speaks S3 (`files.buckets`); None: they are in the folder.
_storage = env.text("STORAGE_URL", "")
STORAGE = bucket_read("STORAGE_URL", _storage) if _storage else None
if STORAGE and MARELLE_DEMO:
    raise WrongSetting("STORAGE_URL", "is not for the demo, which throws its files away: it has FILES_DIR.")
# Where `python -m marelle backup` keeps the portal, to whose public key, and how many of the last.
BACKUP_TO = env.text("BACKUP_TO", "")
BACKUP_BUCKET = bucket_read("BACKUP_TO", BACKUP_TO) if BACKUP_TO.startswith(SCHEME) else None
BACKUP_RECIPIENT = env.text("BACKUP_RECIPIENT", "")
BACKUP_KEEP = env.whole("BACKUP_KEEP", 30, minimum=1, maximum=10_000)
# Where the lists of the next day are put: a folder that another machine reads.
EVENING_TO = env.text("EVENING_TO", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "marelle.core",
    "marelle.journal",
    "marelle.cases",
    "marelle.mail",
    "marelle.files",
    "marelle.robots",
    "marelle.accounts",
    "marelle.places",
    "marelle.families",
    "marelle.activities",
    "marelle.papers",
    "marelle.messaging",
    "marelle.relay",
    "marelle.pricing",
    "marelle.enrolments",
    "marelle.bookings",
    "marelle.billing",
    "marelle.attendance",
    "marelle.meals",
    "marelle.campaigns",
    "marelle.flows",
    "marelle.definitions",
    "marelle.ui",
    "marelle.portal",
    "marelle.agents",
    "marelle.backups",
    *(["marelle.demo"] if MARELLE_DEMO else []),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
]

MIDDLEWARE = [
    "marelle.core.request_id.RequestIdMiddleware",
    "marelle.portal.machines.middleware.MachinesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "marelle.flows.actor.middleware.PrivatePagesMiddleware",
    "marelle.ui.middleware.WrittenMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "marelle.portal.access.middleware.AuthenticationMiddleware",
    "marelle.portal.access.middleware.LoginRequiredMiddleware",
    "marelle.portal.access.middleware.RefusedMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "marelle.flows.actor.middleware.ActorMiddleware",
    "marelle.portal.access.guests.GuestMiddleware",
    "marelle.portal.access.middleware.SecondRequiredMiddleware",
    "marelle.ui.middleware.NotYoursMiddleware",
    "marelle.portal.gone.HomeGoneMiddleware",
    "marelle.portal.keyless.KeylessMiddleware",
    "marelle.portal.held.HeldMiddleware",
    "marelle.portal.access.middleware.BusyMiddleware",
    "marelle.portal.access.middleware.DeviceMiddleware",
    "marelle.ui.middleware.MethodNotAllowedMiddleware",
]

# Nothing inline, nothing from another host: every script and style is a file of ours. No page may be framed:
# only a file, by one of ours, beside the decision on it (`files.serving`).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

ROOT_URLCONF = "marelle.urls"
WSGI_APPLICATION = "marelle.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "marelle.shell.context.shell",
            ],
        },
    }
]

FORM_RENDERER = "marelle.ui.renderer.WidgetRenderer"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["marelle.flows.actor.actors.AccountBackend"]
# Failures allowed within the minutes given, on one account and from one network address.
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_ADDRESS = 50
ATTEMPTS_MINUTES = 15
# Hashes per try of « Je ne suis pas un robot » in the visitor's browser: about a second on a small phone.
ROBOT_ROUNDS = 60
# FranceConnect, ProConnect, the issuer of a town: each is off until the environment gives it.
IDENTITY_PROVIDERS = providers_read(env)
# The State's API Particulier, asked for quotients (`families.caf`); None: nobody is.
API_PARTICULIER = env.particulier()
LOGIN_URL = "/connexion/"
LOGIN_REDIRECT_URL = "/tableau-de-bord/"
# Requests that one process of gunicorn answers at once.
WEB_THREADS = env.whole("WEB_THREADS", 8, minimum=1, maximum=64)
# So many requests answered at once on a machine open the waiting room by themselves; 0: none do.
WAITING_ROOM_LOAD = env.whole("WAITING_ROOM_LOAD", 0, minimum=0, maximum=4096)
# Several machines count its numbers together, by the database.
WAITING_ROOM_SHARED = env.flag("WAITING_ROOM_SHARED")
if WAITING_ROOM_SHARED and DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    raise WrongSetting("WAITING_ROOM_SHARED", "is for several machines, and DATABASE_URL is SQLite.")
PASSWORD_HASHERS = [
    "marelle.accounts.hashing.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validation = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_validation}.UserAttributeSimilarityValidator",
        # Django compares letters without their order: at its own 0.7 many innocent phrases fail.
        "OPTIONS": {"user_attributes": ("identifier", "email", "display_name"), "max_similarity": 0.85},
    },
    {"NAME": f"{_validation}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_validation}.CommonPasswordValidator"},
    {"NAME": "marelle.accounts.context_words.ContextWordsValidator"},
    {"NAME": "marelle.accounts.breached.BreachedPasswordValidator"},
]
# Of Django's twenty thousand common passwords, two hundred are as long as ours have to be.
BREACHED_PASSWORDS = env.path("BREACHED_PASSWORDS")

# Who looks for viruses in what is sent (`files.clamd`); None: nobody does.
CLAMD = env.scanner("CLAMD")

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Outside whatever a web server serves, and encrypted.
    "private": {
        "BACKEND": "marelle.files.buckets.SealedBucket" if STORAGE else "marelle.files.sealing.SealedStorage",
        "OPTIONS": {"bucket": STORAGE}
        if STORAGE
        else {"location": FILES_DIR, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# A month of all the children of a family is some 1 300 fields; past this Django answers 400 by itself.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 25_000
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_FILES
FILE_UPLOAD_HANDLERS = [
    "marelle.files.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Every mail goes through the outbox; without a server it stays there, to be read.
_mail = env.mail_server("MAIL_URL")
MAIL_IS_SENT = _mail is not None
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"ne-pas-repondre@{urlsplit(PUBLIC_URL).hostname}")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail else 'dummy'}.EmailBackend"
if _mail is not None:
    EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.encryption == "tls", _mail.encryption == "starttls"
    EMAIL_TIMEOUT = 20

# Background work in the web processes (see serving.py), or in `python -m marelle worker` of its own.
EMBEDDED_WORKER = env.flag("EMBEDDED_WORKER", default=DATABASES["default"]["ENGINE"].endswith("sqlite3"))

# Who is told of errors at once: by mail, at an address that speaks Sentry's language, or by the log alone.
ERRORS_TO = env.addresses("ERRORS_TO") if MAIL_IS_SENT else ()
ERRORS_SENTRY = env.sentry("ERRORS_SENTRY")

LOG_FORMAT = env.choice("LOG_FORMAT", "line", ("line", "json"))
LOG_LINE = "{asctime} {levelname} {name}: {message}"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "marelle.core.logs.OneLine",
            "format": LOG_LINE,
            "style": "{",
        },
        "json": {"class": "marelle.core.logs.Json"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "errors": {"class": "marelle.core.errors.ErrorMails", "formatter": "line", "to": ERRORS_TO},
    },
    "loggers": {"pikepdf": {"level": "WARNING"}},
    "root": {
        "handlers": ["stderr", *(["errors"] if ERRORS_TO else [])],
        "level": env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
}

# What `python -m marelle check` would say and that is decided above on purpose.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
