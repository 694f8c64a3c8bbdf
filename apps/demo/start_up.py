"""The order in which a demo comes up, and what it knows of itself once it is ready."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from apps.demo import parts, ready, surroundings
from apps.demo.embedded import Postgres, Redis
from apps.demo.house import House
from apps.demo.listener import HOST, listen
from apps.demo.options import Options
from apps.demo.record import Record, Sample
from apps.demo.screen import say
from apps.demo.surroundings import Cloud, Secrets
from apps.localcloud import launch

HEALTH_CHECKS_QUICKER = 5.0  # a target group's 5 seconds pass in one: people watch the demo
WITHIN = 120.0  # seconds for one step of the start; each takes a few


@dataclass(frozen=True)
class Servers:
    """Where the embedded servers and the embedded cloud are reached."""

    database: str
    broker: str
    cloud: Cloud


def start(house: House, options: Options, listener: socket.socket) -> Record:
    """Starts everything; returns once the console can be used. Raises RuntimeError with what went wrong."""
    hidden = Secrets()
    say("Starting PostgreSQL, Redis and the embedded cloud")
    database, broker = _servers(house)
    settings = surroundings.console(database, broker, hidden)
    migrate = parts.migrate(surroundings.plain() | settings)
    migrating = house.begin(migrate)
    cloud = _cloud(house, options)
    settings = surroundings.aws(cloud) | settings

    say("Building images, launching the sample applications")
    described = house.folders.state / "samples.json"
    seed_cloud = parts.seed_cloud(surroundings.aws(cloud), described)
    seeding = house.begin(seed_cloud)
    house.finish(migrating, migrate, WITHIN)
    house.keep(parts.web(settings, listener))
    house.keep(parts.worker(settings))
    house.finish(seeding, seed_cloud, WITHIN)
    house.keep(parts.traffic(surroundings.plain(), described, options.rate))

    say("Reading the inventory")
    token = _seed_console(house, settings, hidden)
    house.keep(parts.scheduler(settings, house.folders.state))
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    ready.wait("The console", lambda: ready.web_answers(url), house.tend)
    ready.wait("The worker", lambda: ready.worker_answers(broker), house.tend)
    samples = [Sample(**sample) for sample in json.loads(described.read_text())["samples"]]
    return Record(url, surroundings.USER, hidden.password, token, samples)


def open_listener(house: House, options: Options) -> socket.socket:
    """The console's port, held until the end. Raises listener.PortTakenError."""
    listener = listen(options.port)
    house.at_end(listener.close)
    return listener


def _servers(house: House) -> tuple[str, str]:
    for_postgres, for_redis = house.folders.servers
    postgres, redis = Postgres(for_postgres), Redis(for_redis)
    house.serve(postgres)
    house.serve(redis)
    return postgres.create("deployconsole"), redis.url


def _cloud(house: House, options: Options) -> Cloud:
    work = house.folders.state / "cloud"
    running = launch.start(work, boot_seconds=options.boot_seconds, health_check_divisor=HEALTH_CHECKS_QUICKER)
    house.shelter(running)
    (house.folders.logs / "cloud.log").symlink_to(work / "control.log")
    return Cloud(running.endpoint, running.access_key_id, running.secret_access_key)


def _seed_console(house: House, settings: Mapping[str, str], hidden: Secrets) -> str:
    """Enters what the console must know; answers the demo user's API token."""
    state = house.folders.state
    env = {**settings, "DEMO_PASSWORD": hidden.password}
    seed = parts.seed_console(env, state / "token")
    house.finish(house.begin(seed), seed, WITHIN)
    return (state / "token").read_text().strip()
