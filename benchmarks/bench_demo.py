"""From `make demo` to the first screen: the first time, and again after Ctrl-C, when it goes on where it stopped.

The floor of both is the console's own start, with a database that is ready: its web process until the sign-in page
answers. Installing is not in it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks import goals

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 180.0
SECOND_GOAL = 10.0  # seconds


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="dc-bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user, for root
        floor = web_alone(Path(folder) / "floor")
        first, stopping = demo(Path(folder) / "var")
        second, _ = demo(Path(folder) / "var")
    print(f"the web process alone      {floor:6.1f} s")
    print(f"first start                {first:6.1f} s   {first / floor:4.1f} x the floor")
    print(f"Ctrl-C until all is ended  {stopping:6.1f} s")
    goal = goals.at_most("second start of the demo", second, SECOND_GOAL, "s")
    print(f"second start               {second:6.1f} s   {second / floor:4.1f} x the floor; {goal}")
    goals.end()


def demo(folder: Path) -> tuple[float, float]:
    """Seconds until it is ready, and until it has stopped."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "apps.demo", "--folder", str(folder), "--port", "0"]
    with (folder / "screen").open("wb") as screen:
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, stdout=screen, stderr=screen)
    try:
        while not (folder / "demo.json").exists():
            assert process.poll() is None, (folder / "screen").read_text()
            assert time.monotonic() - began < READY_WITHIN, (folder / "screen").read_text()
            time.sleep(0.05)
        ready = time.monotonic() - began
    finally:
        stopping = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(60)
    return ready, time.monotonic() - stopping


def web_alone(folder: Path) -> float:
    """Seconds from the start of the web process to its first answer, its servers and tables being there."""
    from apps.demo.embedded import Postgres, Redis
    from apps.demo.surroundings import Secrets, console, plain

    folder.mkdir()
    folder.chmod(0o755)
    postgres, redis = Postgres(folder / "pg").start(), Redis(folder / "redis").start()
    try:
        settings = plain() | console(postgres.create("floor"), redis.url, Secrets())
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=settings, check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        gunicorn = str(Path(sys.executable).parent / "gunicorn")
        command = [gunicorn, "deployconsole.wsgi:application", "--bind", f"127.0.0.1:{port}", "--preload"]
        began = time.monotonic()
        process = subprocess.Popen(
            [*command, "--no-control-socket"],
            cwd=ROOT,
            env=settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while not answers(f"http://127.0.0.1:{port}/accounts/sign-in/"):
                assert time.monotonic() - began < READY_WITHIN
                time.sleep(0.02)
            return time.monotonic() - began
        finally:
            os.kill(process.pid, signal.SIGTERM)
            process.wait(30)
    finally:
        redis.stop()
        postgres.stop()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
