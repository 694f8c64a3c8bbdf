"""What the fleet's tests share: small images, and a fleet that notes what it is told."""

from __future__ import annotations

import socket
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from apps.localcloud.fleet import ForkFleet
from apps.localcloud.interfaces import InstanceSpec
from tests.localcloud.targets import address, eventually

SERVICE = '''"""Answers every request with what the image's code makes of it."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(eval(self.headers["Code"])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


print("service starts", flush=False)
server = ThreadingHTTPServer((os.environ["SERVICE_ADDRESS"], int(os.environ["SERVICE_PORT"])), Handler)
server.serve_forever()
'''


def image(folder: Path, service: str = SERVICE, **files: str) -> Path:
    """An image tree in `folder`."""
    folder.mkdir(parents=True)
    for name, text in {"service.py": service, **files}.items():
        (folder / name).write_text(text)
    return folder


@dataclass
class Told:
    """A fleet, and what it told."""

    work: Path
    running: list[str] = field(default_factory=list)
    exits: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fleet = ForkFleet(self.work, self.running.append, self.exits.__setitem__)

    def boot(self, name: str, tree: Path, user_data: str = "", *, boot_seconds: float = 0.0, **environment: str) -> str:
        """Starts an instance and answers its address."""
        where = self.addresses[name] = address()
        self.fleet.start(InstanceSpec(name, where, tree, user_data, environment, boot_seconds))
        return where

    def up(self, name: str) -> None:
        """Waits until the instance listens."""
        eventually(lambda: name in self.running or name in self.exits)
        assert name in self.running, self.console(name)
        eventually(lambda: listens(self.addresses[name]))

    def ended(self, name: str) -> int:
        """Waits for the instance's end and answers its status."""
        eventually(lambda: name in self.exits)
        return self.exits[name]

    def console(self, name: str) -> str:
        """The instance's console."""
        return self.fleet.console_output(name).decode()

    def ask(self, name: str, code: str) -> str:
        """Has the instance evaluate a Python expression."""
        request = urllib.request.Request(f"http://{self.addresses[name]}:8080/", headers={"Code": code})
        with urllib.request.urlopen(request, timeout=5) as response:
            return str(response.read().decode())


def listens(where: str) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex((where, 8080)) == 0
