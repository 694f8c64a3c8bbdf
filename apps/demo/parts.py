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


def seed_cloud(env: Mapping[str, str], description: Path, packages: Path) -> Part:
    """Builds packages, images, networks, load balancers and groups by the AWS API.

    Writes the packages into the folder `packages`, and what it made in the cloud to `description`.
    """
    return Part("seed-cloud", [sys.executable, "-m", "apps.demo.seeding.cloud", description, packages], env)


def seed_console(env: Mapping[str, str], token: Path, description: Path, repository: str) -> Part:
    """Enters users, environments, applications and builds into the console, and reads the inventory for the first time.

    `description` is what `seed_cloud` wrote, `repository` the URL of its packages.
    """
    argv: Command = [sys.executable, "-m", "apps.demo.seeding.console", token, description, repository]
    return Part("seed-console", argv, env)


def packages(env: Mapping[str, str], folder: Path, listener: socket.socket) -> Part:
    """The package repository, on a listening socket of the supervisor's."""
    fd = listener.fileno()
    argv: Command = [sys.executable, "-m", "apps.demo.packages", folder, "--fd", str(fd)]
    return Part("packages", argv, env, pass_fds=(fd,))


def traffic(env: Mapping[str, str], description: Path, rate: float) -> Part:
    argv: Command = [sys.executable, "-m", "apps.demo.traffic", description, "--rate", str(rate)]
    return Part("traffic", argv, env)
