"""The settings as static tools (mypy, makemigrations) read them: no server is needed."""

import os

os.environ.setdefault("DATABASE_URL", "postgres:///deployconsole")
os.environ.setdefault("REDIS_URL", "redis://localhost")
os.environ.setdefault("SECRET_KEY", "for static tools only, which read no session: 0123456789")

from deployconsole.settings import *  # noqa: F403
