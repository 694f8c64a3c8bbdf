"""What the demo consists of, process by process: the same commands that an installation for real work runs."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from apps.demo.children import Part

Command = list[str | Path]
BIN = Path(sys.executable).parent


def migrate(env: Mapping[str, str]) -> Part:
    return Part("migrate", [sys.executable, "manage.py", "migrate", "--no-input"], env)


def web(env: Mapping[str, str], listener: socket.socket) -> Part:
    """Gunicorn on the supervisor's own listening socket; its other settings are in gunicorn.conf.py."""
    fd = listener.fileno()
    argv: Command = [BIN / "gunicorn", "deployconsole.wsgi:application", "--bind", f"fd://{fd}", "--preload"]
    return Part("web", [*argv, "--no-control-socket", "--access-logfile", "-"], env, pass_fds=(fd,))


def worker(env: Mapping[str, str]) -> Part:
    argv: Command = [BIN / "celery", "--app", "deployconsole", "worker", "--concurrency", "2", "--loglevel", "INFO"]
    return Part("worker", [*argv, "--without-gossip", "--without-mingle"], env)


def scheduler(env: Mapping[str, str], state: Path) -> Part:
    argv: Command = [BIN / "celery", "--app", "deployconsole", "beat", "--loglevel", "WARNING", "--pidfile", ""]
    return Part("scheduler", [*argv, "--schedule", state / "schedule"], env)


def seed_cloud(env: Mapping[str, str], description: Path) -> Part:
    """Builds images, networks, load balancers and groups by the AWS API; writes what it made to `description`."""
    return Part("seed-cloud", [sys.executable, "-m", "apps.demo.seeding.cloud", description], env)


def seed_console(env: Mapping[str, str], token: Path) -> Part:
    """Enters users, environments and applications into the console, and reads the inventory for the first time."""
    return Part("seed-console", [sys.executable, "-m", "apps.demo.seeding.console", token], env)


def traffic(env: Mapping[str, str], description: Path, rate: float) -> Part:
    argv: Command = [sys.executable, "-m", "apps.demo.traffic", description, "--rate", str(rate)]
    return Part("traffic", argv, env)
