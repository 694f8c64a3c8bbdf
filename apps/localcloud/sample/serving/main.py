"""Starts the service, and ends it in peace: what is under way is finished, and nothing new is kept open."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from .handling import Handler
from .metrics import Window
from .publishing import Publisher, destination
from .release import Release, read
from .server import HEAD_LIMIT, Server

STOP_SECONDS = 10.0  # how long stopping may take
IDLE_SECONDS = 0.5  # without a request for this long, nobody sends any more


def run(folder: Path = Path(__file__).parent.parent) -> None:
    """Serves the release that lies in `folder` (beside this package), on SERVICE_ADDRESS and SERVICE_PORT."""
    asyncio.run(_serve(read(folder)))


async def _serve(release: Release) -> None:
    window = Window()
    handler = Handler(release, window)
    server = Server(handler)
    address, port = os.environ["SERVICE_ADDRESS"], int(os.environ.get("SERVICE_PORT", "8080"))
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    listener = await asyncio.start_server(server.connected, address, port, limit=HEAD_LIMIT, backlog=1024)
    print(f"{release.application} {release.version} serves on {address}:{port}", flush=True)
    to = destination()
    if to is not None:
        Publisher(to, window).start()
    await stopping.wait()
    server.stopping = True
    print(f"stopping: {handler.in_flight} requests under way", flush=True)
    await _idle(handler)
    listener.close()
    print("stopped", flush=True)


async def _idle(handler: Handler) -> None:
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end:
        if not handler.in_flight and time.monotonic() - handler.last > IDLE_SECONDS:
            return
        await asyncio.sleep(0.05)
