"""An AWS that answers what a test tells it to, over real HTTP on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class Scripted:
    """Answers the next prepared answer to each request; the last one for ever. Remembers what was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        self.asked: list[dict[str, str]] = []
        self.lock = threading.Lock()

    def answer(self, status: int, body: str) -> None:
        self.answers.append((status, body))

    def error(self, status: int, code: str, message: str = "because") -> None:
        """An error as Auto Scaling and EC2's query protocol words it."""
        body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        self.answer(status, body)

    def groups(self, *names: str, token: str = "") -> None:
        members = "".join(_GROUP.format(name=name) for name in names)
        more = f"<NextToken>{token}</NextToken>" if token else ""
        self.answer(
            200,
            "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>"
            f"{members}</AutoScalingGroups>{more}</DescribeAutoScalingGroupsResult>"
            "</DescribeAutoScalingGroupsResponse>",
        )

    def role(self, minutes: float) -> None:
        """Credentials of an assumed role that expire after so many minutes."""
        expires = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.answer(
            200,
            "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId>"
            "<Arn>arn:aws:sts::123456789012:assumed-role/console/deployconsole</Arn></AssumedRoleUser><Credentials>"
            f"<AccessKeyId>role-key</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            f"<Expiration>{expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        )

    def take(self, body: str) -> tuple[int, str]:
        with self.lock:
            self.asked.append({key: values[0] for key, values in parse_qs(body).items()})
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


_GROUP = (
    "<member><AutoScalingGroupName>{name}</AutoScalingGroupName><MinSize>0</MinSize><MaxSize>1</MaxSize>"
    "<DesiredCapacity>0</DesiredCapacity><CreatedTime>2026-11-20T10:00:00Z</CreatedTime></member>"
)


@contextmanager
def serving() -> Iterator[tuple[Scripted, str]]:
    """The script and the endpoint's URL."""
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, text = script.take(self.rfile.read(int(self.headers["Content-Length"])).decode())
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "text/xml")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Says nothing: the test's own output matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield script, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
