"""A console to talk to: a real HTTP server on loopback that answers as a test tells it and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from apps.cli.main import main


@dataclass
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: object


@dataclass
class Answer:
    body: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_up: bool = False  # close the connection without an answer


@dataclass
class Pretended:
    """The pretended console: the last answer to a path is repeated for ever."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    _answers: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)

    def answers(self, method: str, path: str, *answers: Answer) -> None:
        self._answers[method, path] = list(answers)

    def next(self, method: str, path: str) -> Answer:
        waiting = self._answers.get((method, path), [])
        if not waiting:
            return Answer({"title": "Not Found", "detail": f"no answer to {method} {path}", "status": 404}, 404)
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def posted(self) -> list[object]:
        return [asked.body for asked in self.asked if asked.method == "POST"]


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Pretended]:
    pretended = Pretended()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(size)
            body = json.loads(raw) if raw else None
            pretended.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            answer = pretended.next(self.command, self.path.removeprefix("/api/v1/"))
            if answer.hang_up:
                self.close_connection = True
                return
            content = b"" if answer.status == 304 else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815  # the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    pretended.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("DEPLOYCONSOLE_URL", pretended.url)
    monkeypatch.setenv("DEPLOYCONSOLE_TOKEN", "dc_secret")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("apps.cli.client.PAUSES", (0.01,) * 5)
    monkeypatch.setattr("apps.cli.watch.EVERY", 0.01)
    yield pretended
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Ended:
    status: int
    out: str
    err: str


class Shell:
    """Runs commands in this process, as the installed program does."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        shown = self._capture.readouterr()
        code = ended.value.code
        return Ended(int(code) if code is not None else 0, shown.out, shown.err)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def deployment(state: str = "running", **members: object) -> dict[str, object]:
    """A deployment as `deployments/{id}/` tells it."""
    return {
        "id": 87,
        "kind": "push",
        "state": state,
        "cluster": "api-prod",
        "environment": "prod",
        "region": "us-east-1",
        "strategy": "red-black",
        "from_version": "4.1.9",
        "to_version": "4.2.0",
        "image": "ami-1",
        "waiting_for": "",
        "outcome": "",
        "steps": [],
        **members,
    }
