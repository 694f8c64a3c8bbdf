"""A GitHub and a GitLab on loopback: real HTTP servers that answer about a line of commits as those do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "a-token"  # the only one that is good
Answer = tuple[int, Mapping[str, str], Any]


@dataclass
class Forge:
    """A project `shop/api` with `count` commits on one line; `instead` is answered to everything while it is set."""

    count: int = 50
    url: str = ""
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # the headers of what was asked
    instead: Answer | None = None
    raw: bytes | None = None  # answered as it is, whatever it is

    def id(self, number: int) -> str:
        """The id of a commit, from 0, the oldest."""
        return f"{number:040x}"

    def number(self, commit: str) -> int | None:
        """Which one it is, by its id or at least 7 digits of it."""
        found = int(commit, 16) if len(commit) == 40 else self.count
        return found if found < self.count else None

    def message(self, number: int) -> str:
        return f"SHOP-{number}: change {number}\n\nmore"

    def between(self, before: int, after: int) -> list[int]:
        """What `after` has that `before` lacks, the oldest first."""
        return list(range(before + 1, after + 1))

    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        raise NotImplementedError


class GitHub(Forge):
    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        if headers.get("authorization", f"Bearer {TOKEN}") != f"Bearer {TOKEN}":
            return 401, {}, {"message": "Bad credentials"}
        before, _, after = path.removeprefix("/repos/shop/api/compare/").partition("...")
        old, new = self.number(before), self.number(after)
        if not path.startswith("/repos/shop/api/compare/") or old is None or new is None:
            return 404, {}, {"message": "Not Found"}
        size, page = min(int(query["per_page"]), 100), int(query["page"])
        found = self.between(old, new)
        shown = [self.commit(number) for number in found[size * (page - 1) : size * page]]
        counts = {"total_commits": len(found), "ahead_by": len(found), "behind_by": len(self.between(new, old))}
        return 200, {}, {**counts, "commits": shown, "files": []}

    def commit(self, number: int) -> dict[str, Any]:
        author = {"name": "Maria", "email": "m@example.com", "date": "2026-11-28T10:00:00Z"}
        return {
            "sha": self.id(number),
            "html_url": f"https://github.com/shop/api/commit/{self.id(number)}",
            "commit": {"author": author if number % 2 else None, "message": self.message(number)},
        }


class GitLab(Forge):
    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        if headers.get("authorization", f"Bearer {TOKEN}") != f"Bearer {TOKEN}":
            return 401, {}, {"message": "401 Unauthorized"}
        if path != "/api/v4/projects/shop%2Fapi/repository/compare":
            return 404, {}, {"message": "404 Project Not Found"}
        old, new = self.number(query["from"]), self.number(query["to"])
        if old is None or new is None:
            return 404, {}, {"message": "404 Ref Not Found"}
        return 200, {}, {"commits": [self.commit(number) for number in self.between(old, new)], "diffs": []}

    def commit(self, number: int) -> dict[str, Any]:
        return {
            "id": self.id(number),
            "message": self.message(number),
            "author_name": "Maria",
            "authored_date": "2026-11-28T10:00:00.000+00:00",
            "committed_date": f"2026-11-28T10:{number // 60:02}:{number % 60:02}.000+00:00",
            "web_url": f"https://gitlab.com/shop/api/-/commit/{self.id(number)}",
        }


@contextmanager
def serving(forge: Forge) -> Iterator[Forge]:
    """Serves it until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server calls
            forge.asked.append(self.path)
            forge.told.append(str(self.headers))
            address = urlsplit(self.path)
            query = {name: unquote(values[0]) for name, values in parse_qs(address.query).items()}
            given = {name.lower(): value for name, value in self.headers.items()}
            status, headers, body = forge.instead or forge.answer(address.path, query, given)
            content = forge.raw if forge.raw is not None else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
