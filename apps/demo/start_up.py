"""The order in which a demo comes up, and what it knows of itself once it is ready."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping

from apps.demo import parts, ready, surroundings
from apps.demo.embedded import Postgres, Redis
from apps.demo.house import House
from apps.demo.listener import HOST, listen, listen_for_packages
from apps.demo.options import Options
from apps.demo.packages.index import SIMPLE
from apps.demo.record import Record, Sample
from apps.demo.screen import say
from apps.demo.surroundings import Cloud, Secrets
from apps.localcloud import launch
from apps.localcloud.launch import StartingCloud

HEALTH_CHECKS_QUICKER = 5.0  # a target group's 5 seconds pass in one: people watch the demo
SERVES_WITHIN = 20.0  # seconds for the samples of a demo that goes on; they boot in a few
WITHIN = 120.0  # seconds for one step of the start; each takes a few


def start(house: House, options: Options, listener: socket.socket) -> Record:
    """Starts everything; returns once the console can be used. Raises RuntimeError with what went wrong."""
    folders, hidden = house.folders, Secrets()
    say("Starting PostgreSQL, Redis and the embedded cloud")
    starting = _begin_cloud(house, options)
    database, broker = _servers(house)
    settings = surroundings.console(database, broker, hidden)
    migrate = parts.migrate(surroundings.plain() | settings)
    migrating = house.begin(migrate)
    cloud = _reached(house, starting)
    settings = surroundings.aws(cloud) | settings

    say("Building images, launching the sample applications")
    seed_cloud = parts.seed_cloud(surroundings.aws(cloud), folders.samples, folders.packages)
    seeding = house.begin(seed_cloud)
    house.finish(migrating, migrate, WITHIN)
    house.keep(parts.web(settings, listener))
    house.keep(parts.worker(settings))
    house.finish(seeding, seed_cloud, WITHIN)
    repository = _packages(house, cloud)
    house.keep(parts.traffic(surroundings.plain(), folders.samples, options.rate))

    say("Reading the inventory")
    _seed_console(house, settings, hidden, repository)
    hidden.write(folders.hidden)
    return _ready(house, settings, broker, listener, hidden)


def resume(house: House, options: Options, listener: socket.socket) -> Record:
    """Goes on where the last demo stopped; returns once the console can be used. Raises RuntimeError."""
    folders, hidden = house.folders, Secrets.read(house.folders.hidden)
    say("Going on where the last demo stopped (--fresh starts anew)")
    starting = _begin_cloud(house, options)
    database, broker = _servers(house)
    settings = surroundings.console(database, broker, hidden)
    if folders.ended.read_text() != surroundings.tables():
        migrate = parts.migrate(surroundings.plain() | settings)
        house.finish(house.begin(migrate), migrate, WITHIN)
    cloud = _reached(house, starting)
    settings = surroundings.aws(cloud) | settings
    folders.ended.unlink()
    house.keep(parts.web(settings, listener))
    house.keep(parts.worker(settings))
    _packages(house, cloud)
    known = _ready(house, settings, broker, listener, hidden)
    house.keep(parts.traffic(surroundings.plain(), folders.samples, options.rate))
    silent = {sample.load_balancer_url: sample.cluster for sample in known.samples}
    deadline = time.monotonic() + SERVES_WITHIN
    while silent and time.monotonic() < deadline:
        silent = {url: cluster for url, cluster in silent.items() if not ready.service_answers(url)}
        house.tend()
        time.sleep(0.1)
    for url, cluster in silent.items():
        say(f"{cluster} does not answer at {url}; it may have been so before")
    return known


def _ready(house: House, settings: Mapping[str, str], broker: str, listener: socket.socket, hidden: Secrets) -> Record:
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    ready.wait("The console", lambda: ready.web_answers(url), house.tend)
    ready.wait("The worker", lambda: ready.worker_answers(broker), house.tend)
    house.keep(parts.scheduler(settings, house.folders.state))  # last: the others are what people wait for
    samples = [Sample(**sample) for sample in json.loads(house.folders.samples.read_text())["samples"]]
    return Record(url, surroundings.USER, hidden.password, house.folders.token.read_text().strip(), samples)


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


def _begin_cloud(house: House, options: Options) -> StartingCloud:
    work = house.folders.cloud
    starting = launch.begin(
        work, boot_seconds=options.boot_seconds, health_check_divisor=HEALTH_CHECKS_QUICKER, keep=True
    )
    house.at_end(starting.stop)
    (house.folders.logs / "cloud.log").symlink_to(work / launch.LOG)
    return starting


def _reached(house: House, starting: StartingCloud) -> Cloud:
    running = starting.ready()
    house.shelter(running)
    return Cloud(running.endpoint, running.access_key_id, running.secret_access_key)


def _packages(house: House, cloud: Cloud) -> str:
    """Serves the package repository; answers its URL. Raises listener.PortTakenError."""
    listener = listen_for_packages(cloud.endpoint)
    house.at_end(listener.close)
    house.keep(parts.packages(surroundings.plain(), house.folders.packages, listener))
    host, port = listener.getsockname()
    return f"http://{host}:{port}/{SIMPLE}/"


def _seed_console(house: House, settings: Mapping[str, str], hidden: Secrets, repository: str) -> None:
    """Enters what the console must know, the demo user's API token among it."""
    folders, env = house.folders, {**settings, "DEMO_PASSWORD": hidden.password}
    seed = parts.seed_console(env, folders.token, folders.samples, repository)
    house.finish(house.begin(seed), seed, WITHIN)
