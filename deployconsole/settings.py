"""Settings, from environment variables only; docs/reference/settings.md explains each."""

from pathlib import Path

import dj_database_url
from kombu import Queue

from deployconsole.environment import flag, number, required, text, words

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = flag("DEBUG")
SECRET_KEY = required("SECRET_KEY", "$(openssl rand -hex 32)")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
HTTPS = flag("HTTPS", default=True)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.events",
    "apps.accounts",
    "apps.workflows",
    "apps.inventory",
    "apps.images",
    "apps.deployments",
    "apps.api",
    "apps.console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "deployconsole.compression.Compressed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.console.middleware.ContentSecurityPolicy",
    "apps.accounts.middleware.SignInRequired",
]

ROOT_URLCONF = "deployconsole.urls"
WSGI_APPLICATION = "deployconsole.wsgi.application"
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
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        required("DATABASE_URL", "postgres://user:password@db.example.com/deployconsole"),
        conn_max_age=600,
        conn_health_checks=True,
    )
}
# Statements here are short: where PostgreSQL guesses otherwise, compiling them costs more than they do
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = required("REDIS_URL", "redis://redis.example.com:6379/0")
CACHES = {"default": {"BACKEND": "deployconsole.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}}

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "console:home"
LOGOUT_REDIRECT_URL = "accounts:sign-in"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS and flag("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144  # bytes; no form or API body of ours comes near it

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or flag("PLAIN_STATIC")
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or flag("PLAIN_STATIC")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.api.authentication.TokenAuthentication",
        "apps.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.api.permissions.RolePermission"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "apps.api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "apps.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "apps.api.problems.exception_handler",
    "DEFAULT_VERSIONING_CLASS": None,
    "UNAUTHENTICATED_USER": None,
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "deployconsole",
    "DESCRIPTION": "Push immutable machine images to AWS Auto Scaling groups, watch them take over, roll them back.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,  # `fields` may leave out any
    "POSTPROCESSING_HOOKS": [],  # enums stay where they are used; names made up for them would change with every field
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 50  # seconds; a tick is meant to take a few
CELERY_TASK_TIME_LIMIT = 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# An idle worker outlives any absence of the broker. One that has a message then may end, by a fault of kombu's
# (restore_unacked without a connection): what starts workers must start them again. The sweep finds what they had.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A fleet's inventory is many long tasks at once: what runs wait for goes before them, in every worker
CELERY_TASK_QUEUES = (Queue("celery"), Queue("inventory"))
CELERY_TASK_ROUTES = {name: {"queue": "inventory"} for name in ("inventory.sync_*", "inventory.read_one_by_one")}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "queue_order_strategy": "sorted",
    # Redelivery is not relied upon (the sweep finds what is due); still, keep it prompt.
    "visibility_timeout": 180,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
}
SYNC_SECONDS = number("SYNC_SECONDS", 60)  # how often the inventory is read from AWS
LEASE_SECONDS = number("LEASE_SECONDS", 20)  # how long a worker that died keeps a run from the others
SWEEP_SECONDS = number("SWEEP_SECONDS", 0.5)  # how often due work is looked for
JANITOR_SECONDS = number("JANITOR_SECONDS", 300)  # how often is looked where AMIs are used, and cleaned up
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "workflows.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": 10}},
    "sync": {"task": "inventory.sync_all", "schedule": SYNC_SECONDS, "options": {"expires": SYNC_SECONDS}},
    "reconcile": {"task": "deployments.reconcile", "schedule": 10, "options": {"expires": 10}},
    "clean-up": {"task": "deployments.start_due_clean_ups", "schedule": 15, "options": {"expires": 15}},
    "versions": {
        "task": "inventory.sync_versions",
        "schedule": JANITOR_SECONDS,
        "options": {"expires": JANITOR_SECONDS},
    },
    "references": {
        "task": "images.note_references",
        "schedule": JANITOR_SECONDS,
        "options": {"expires": JANITOR_SECONDS},
    },
    "janitor": {"task": "images.clean_up", "schedule": JANITOR_SECONDS, "options": {"expires": JANITOR_SECONDS}},
}
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

HEALTHY_WITHIN_SECONDS = int(number("HEALTHY_WITHIN_SECONDS", 900))  # until a new group is given up, by default

# Calls to one AWS service in one account and region, of all processes together
AWS_READS_PER_SECOND = number("AWS_READS_PER_SECOND", 20)
AWS_CHANGES_PER_SECOND = number("AWS_CHANGES_PER_SECOND", 10)
AWS_POLLS_SHARED_SECONDS = min(number("AWS_POLLS_SHARED_SECONDS", 0.8), 1.0)  # what only waits may be so old

# Metrics that instances publish as custom CloudWatch metrics, each with the dimension AutoScalingGroupName.
METRICS_NAMESPACE = text("METRICS_NAMESPACE", "Service")
METRICS_PERIOD = int(number("METRICS_PERIOD", 60))  # seconds; below 60 they must be published at high resolution
METRICS_REQUESTS = text("METRICS_REQUESTS", "Requests")
METRICS_ERRORS = text("METRICS_ERRORS", "Errors")
METRICS_LATENCY = text("METRICS_LATENCY", "Latency")

# Where the commits between two images are told
GIT_CLONES = text("GIT_CLONES")  # a folder with clones; empty: none are read
GITHUB_URL = text("GITHUB_URL", "https://github.com")
GITHUB_API_URL = text("GITHUB_API_URL", "https://api.github.com")
GITHUB_TOKEN = text("GITHUB_TOKEN")
GITLAB_URL = text("GITLAB_URL", "https://gitlab.com")
GITLAB_TOKEN = text("GITLAB_TOKEN")

# Quick checks of packages
PACKAGE_CHECK_SECONDS = min(max(number("PACKAGE_CHECK_SECONDS", 40), 5), 45)  # a worker's task must end within 50
PACKAGE_CHECK_ROOTS = text("PACKAGE_CHECK_ROOTS")  # a folder with roots of other distributions; empty: there are none
PACKAGE_CHECK_NETWORK = text("PACKAGE_CHECK_NETWORK")  # of containers, to the repositories alone; empty: none are used
PACKAGE_CHECK_CGROUPS = words("PACKAGE_CHECK_CGROUPS")  # folders of control groups that take in what is checked

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "INFO")},
    "loggers": {"botocore": {"level": "WARNING"}, "httpx": {"level": "WARNING"}},
}
