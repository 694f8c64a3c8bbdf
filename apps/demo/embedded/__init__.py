"""Real PostgreSQL and a real Redis-protocol server, from the system where found, else out of Python wheels."""

from apps.demo.embedded.postgres import Postgres
from apps.demo.embedded.redis import Redis

__all__ = ["Postgres", "Redis"]
