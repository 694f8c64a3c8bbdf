"""What a builder does, run by the system's shell in a folder: what it says, and what it leaves behind."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from apps.images.builder import MOST_BYTES, compose, read, read_report
from tests.images.machine import KEPT, NONCE, SECRET, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_it_installs_tells_what_is_inside_and_leaves_nothing_of_the_machine_in_the_image(machine: Machine) -> None:
    printed, _ = machine.bake('echo "$PACKAGE $VERSION from $REPOSITORY"; echo new >"$ROOT/etc/new.conf"')
    assert (printed.ok, printed.failed, printed.step) == (True, "", "manifest")
    assert printed.log == "app 1.0 from here"
    assert printed.log_cut == 0
    assert printed.inside.packages == {"python:some-lib": "2.0"}
    configuration = {f"/{name}": text for name, text in KEPT.items() if name.startswith("etc/")}
    configuration |= {"/etc/machine-id": "", "/etc/new.conf": "new\n"}
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in configuration.items()}
    assert printed.inside.files == sums
    assert machine.files() == {*KEPT, "etc/machine-id", "etc/new.conf"}
    assert (machine.root / "etc/machine-id").read_text() == ""


@pytest.mark.parametrize("commands", ["true", "exit 3"])
def test_the_secret_address_is_nowhere_when_the_machine_stops(commands: str, machine: Machine) -> None:
    url = f"http://127.0.0.1:9/bakes/report?{SECRET}"
    _, console = machine.bake(f'mkdir -p "$ROOT/var/lib/cloud/instance"; {commands}', url)
    assert SECRET not in console
    if commands == "true":
        assert machine.holding(SECRET) == []
    assert not (machine.root / ".deployconsole-bake").exists()


@pytest.mark.parametrize(
    ("commands", "says"),
    [
        ("echo first; false; echo never", "first"),
        ("echo to-stderr >&2; exit 42", "to-stderr"),
        ("echo $UNSET_NAME", "parameter not set"),
        ("no-such-command", "not found"),
    ],
)
def test_a_command_that_fails_is_told_in_its_own_words(commands: str, says: str, machine: Machine) -> None:
    printed, _ = machine.bake(commands)
    assert (printed.ok, printed.failed) == (False, "install")
    assert printed.status not in ("", "0")
    assert says in printed.says
    assert says in printed.log
    assert "never" not in printed.log
    assert printed.inside.packages == {}


def test_it_tells_what_it_does_while_it_does_it(machine: Machine) -> None:
    _, console = machine.bake("echo installing one; echo installing two")
    until = console[: console.index("installing two")]
    printed = read(until, NONCE)
    assert (printed.began, printed.step, printed.ok, printed.log) == (True, "install", False, "installing one")


def test_only_its_own_nonce_counts(machine: Machine) -> None:
    _, console = machine.bake("true")
    other = read(console, "f" * 32)
    assert (other.began, other.ok, other.inside.packages) == (False, False, {})


def test_a_console_of_which_the_beginning_is_lost_tells_how_much(machine: Machine) -> None:
    for number in range(400):
        (machine.root / f"etc/{number:03d}.conf").write_text(f"{number}\n")
    printed, console = machine.bake('i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done')
    assert (printed.log_cut, printed.inside.lost) == (0, 0)
    assert printed.log.endswith("line 2999")
    assert len(printed.inside.files) == 404
    cut = read(console[-12_000:].replace("\n", "\r\n"), NONCE)
    assert cut.ok
    assert cut.log_cut > 0 or len(cut.log) == len(printed.log)
    assert cut.inside.lost > 0
    assert cut.inside.packages == printed.inside.packages, "what matters most is told last"
    assert set(cut.inside.files) < set(printed.inside.files)


def test_a_piece_that_is_damaged_counts_as_lost_and_nothing_else_is(machine: Machine) -> None:
    _, console = machine.bake("true")
    start = console.index(" manifest H4") + 30
    damaged = read(f"{console[:start]}AAAA{console[start + 4 :]}", NONCE)
    assert (damaged.ok, damaged.inside.lost) == (True, 1)


def test_configuration_is_what_the_recipe_names(machine: Machine) -> None:
    printed, _ = machine.bake("true", configuration="/srv/app /etc/app.conf /none")
    assert set(printed.inside.files) == {
        "/etc/app.conf",
        "/srv/app/main.py",
        "/srv/app/Some_Lib-2.0.dist-info/METADATA",
    }


class Bucket(BaseHTTPRequestHandler):
    taken: dict[str, bytes] = {}

    def do_PUT(self) -> None:
        self.taken[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        del args


@pytest.fixture
def bucket() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Bucket) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("curl", [True, False])
def test_with_a_bucket_the_whole_report_goes_there_and_not_on_the_console(
    curl: bool, machine: Machine, bucket: ThreadingHTTPServer
) -> None:
    if not curl:  # then python3 does it
        for tool in Path("/usr/bin").iterdir():
            if tool.name not in ("curl", "shutdown"):
                (machine.bin / tool.name).symlink_to(tool)
        machine.path = ""
    path = f"/bakes/{NONCE}.gz?{SECRET}&curl={curl}"
    printed, console = machine.bake("echo installing", f"http://127.0.0.1:{bucket.server_address[1]}{path}")
    assert (printed.ok, printed.sent, printed.inside.files) == (True, True, {})
    assert " manifest " not in console
    log, inside = read_report(Bucket.taken[path])
    assert log == "installing"
    assert inside.packages == {"python:some-lib": "2.0"}
    assert "/etc/app.conf" in inside.files


def test_a_report_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="header"):
        read_report(b"<html>")
    with pytest.raises(ValueError, match="cut off"):
        read_report(gzip.compress(b"p deb:a 1\n" * 1000)[:40])


def test_what_is_asked_for_cannot_break_out_of_the_script(machine: Machine) -> None:
    recipe = {"provisioner": "script", "repository": "'; touch /broken #", "options": {"commands": 'echo "$VERSION\'"'}}
    script = compose(recipe, "a'b\nrm -rf /", "1'; exit 5", NONCE)
    assert len(script.encode()) < MOST_BYTES
    title = script.splitlines()[1]
    assert title.startswith("# Bakes a'b rm -rf / 1'; exit 5")
    checked = subprocess.run(["/bin/sh", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
