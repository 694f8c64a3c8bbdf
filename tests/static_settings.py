"""The settings as static tools (mypy, makemigrations) read them: no server is needed."""

import os

os.environ.setdefault("DATABASE_URL", "postgres:///deployconsole")
os.environ.setdefault("REDIS_URL", "redis://localhost")
os.environ.setdefault("SECRET_KEY", "static")

from deployconsole.settings import *  # noqa: F403
