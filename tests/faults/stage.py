"""The console as it is installed: worker processes and a scheduler, with servers and a cloud of their own.

Each worker reaches the cloud through a proxy of its own, so that it is known which process made a call.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from apps.demo.embedded import Postgres, Redis
from apps.localcloud import launch
from apps.localcloud.launch import RunningCloud
from tests.faults.proxy import Answer, Proxy, Request

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
AT_ONCE = 4  # runs that may be struck at once, each with a worker that is killed, stopped or held up
WORKERS = AT_ONCE + 1  # so that some worker can take over at any time
REVIVED_EVERY = 0.5  # seconds
ADDRESS = "127.9.{}.{}"  # of the proxies and the web process: any loopback address that nothing else uses

Meet = Callable[["Worker", Request, Callable[[], bytes]], Answer]


@dataclass
class Worker:
    """A worker process and its way to the cloud; it is started again when it was killed, or ended by itself."""

    number: int
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    cwd: Path = ROOT
    process: subprocess.Popen[bytes] | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    _wanted: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self) -> None:
        with self._lock, self.log.open("ab") as log:
            self._wanted = True
            self.process = subprocess.Popen(
                self.command, cwd=self.cwd, env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def revive(self) -> None:
        """Starts it again if it ended by itself, as what supervises workers does."""
        with self._lock:
            if self._wanted and self.process and self.process.poll() is not None:
                self.start()

    def signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and a new process in its place."""
        with self._lock:
            self.end()
            self.start()

    def end(self) -> None:
        """For good."""
        with self._lock:
            self._wanted = False
            if self.process and self.process.poll() is None:
                self.process.kill()
                self.process.wait()


class Stage:
    """Everything that runs. `meet` is asked about each request of a worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres, self.redis = Postgres(folder / "pg"), Redis(folder / "redis")
        self.meet: Meet = lambda _worker, _request, send: send()
        self.workers: list[Worker] = []
        self._proxies: list[Proxy] = []
        self._beats: list[subprocess.Popen[bytes]] = []
        self._over = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor", daemon=True)
        self.cloud: RunningCloud

    def start_servers(self) -> None:
        """Database, broker and cloud; this process's own environment leads to them."""
        self.postgres.start()
        self.redis.start()
        self.cloud = launch.start(self.folder / "cloud", boot_seconds=0.2, health_check_divisor=10)
        os.environ.update(self._environment(self.cloud.endpoint))

    def start_workers(self) -> None:
        for number in range(WORKERS):
            proxy = self._proxy(number)
            self.workers.append(self.worker(number, self._environment(proxy.endpoint)))
            self.workers[-1].start()
        self.beat()
        self._supervisor.start()

    def _supervise(self) -> None:
        """Celery ends a worker that had a message when its broker went; who installs it has it started again."""
        while not self._over.wait(REVIVED_EVERY):
            for worker in list(self.workers):
                worker.revive()

    def worker(self, number: int, environment: Mapping[str, str], cwd: Path = ROOT, *before: str) -> Worker:
        command = [*(before or (str(BIN / "celery"),)), "--app", "deployconsole", "worker", "--pool", "solo"]
        command += ["--loglevel", "INFO", "--without-gossip", "--without-mingle", "-n", f"stage{number}-{os.getpid()}"]
        return Worker(number, command, environment, self.folder / f"worker{number}.log", cwd)

    def beat(self) -> subprocess.Popen[bytes]:
        """Starts a scheduler; any number may run."""
        state = self.folder / f"beat{len(self._beats)}"
        command = [str(BIN / "celery"), "--app", "deployconsole", "beat", "--loglevel", "WARNING", "--pidfile", ""]
        with (self.folder / "beat.log").open("ab") as log:
            started = subprocess.Popen(
                [*command, "--schedule", str(state)], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._beats.append(started)
        return started

    @contextlib.contextmanager
    def web(self) -> Iterator[str]:
        """A web process at the URL that is given; killed at the end, with the processes that it started."""
        where = f"{self._address(WORKERS)}:8000"
        command = [str(BIN / "gunicorn"), "deployconsole.wsgi:application", "--bind", where, "--no-control-socket"]
        with (self.folder / "web.log").open("ab") as log:
            started = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield f"http://{where}/"
        finally:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()

    def stop(self) -> None:
        """Ends all that was started."""
        self._over.set()
        if self._supervisor.is_alive():
            self._supervisor.join()
        for worker in self.workers:
            worker.end()
        for beat in self._beats:
            beat.send_signal(signal.SIGKILL)
            beat.wait()
        for proxy in self._proxies:
            proxy.stop()
        if hasattr(self, "cloud"):
            self.cloud.stop()
        self.redis.stop()
        self.postgres.stop()

    def _address(self, number: int) -> str:
        return ADDRESS.format(os.getpid() % 250 + 1, number + 1)

    def _proxy(self, number: int) -> Proxy:
        address = self._address(number)
        made = Proxy(self.cloud.endpoint, address, lambda request, send: self.meet(self.workers[number], request, send))
        self._proxies.append(made)
        return made

    def _environment(self, endpoint: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DJANGO_"))}
        return kept | {
            "DATABASE_URL": self.postgres.create("stage"),
            "REDIS_URL": self.redis.url,
            "SECRET_KEY": "only-for-the-stage-" + "x" * 50,
            "HTTPS": "0",
            "PLAIN_STATIC": "1",
            "SYNC_SECONDS": "600",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": self.cloud.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.cloud.secret_access_key,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
