"""Repositories of packages, made by hand and served on loopback."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        del args


class _Closed(_Quiet):
    """Lets nobody in but `robot` with the password `secret`."""

    def do_GET(self) -> None:
        if self.headers.get("Authorization") == f"Basic {base64.b64encode(b'robot:secret').decode()}":
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Basic realm=packages")
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextlib.contextmanager
def served(folder: Path, *, closed: bool = False) -> Iterator[str]:
    """The address at which a folder can be read; `closed`: by `robot` with the password `secret` alone."""
    handler = partial(_Closed if closed else _Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def wheel(folder: Path, name: str, version: str, files: Mapping[str, str], requires: str = "") -> None:
    """Adds a wheel to an index in a folder, as pip reads it below `simple/`."""
    place = folder / "simple" / name
    place.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    whole = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    sums = {path: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()) for path, text in whole.items()}
    lines = [f"{path},sha256={sums[path].decode().rstrip('=')},{len(text.encode())}" for path, text in whole.items()]
    with zipfile.ZipFile(place / f"{name}-{version}-py3-none-any.whl", "w") as packed:
        for path, text in whole.items():
            packed.writestr(path, text)
        packed.writestr(f"{info}/RECORD", "\n".join([*lines, f"{info}/RECORD,,", ""]))
    links = "".join(f'<a href="{each.name}">{each.name}</a>\n' for each in sorted(place.glob("*.whl")))
    (place / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")


def deb(
    folder: Path, name: str, version: str, files: Mapping[str, str], scripts: Mapping[str, str] | None = None
) -> None:
    """Adds a Debian package to a flat repository in a folder."""
    tree = folder.parent / f"{name}-{version}"
    control = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody\nDescription: for tests\n"
    told = {f"DEBIAN/{script}": f"#!/bin/sh\n{text}\n" for script, text in (scripts or {}).items()}
    for path, text in {**files, "DEBIAN/control": control, **told}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
        (tree / path).chmod(0o755 if path in told else 0o644)
    (tree / "DEBIAN").chmod(0o755)
    folder.mkdir(exist_ok=True)
    packed = folder / f"{name}_{version}_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", str(tree), str(packed)], check=True, capture_output=True)
    entry = (
        f"{control}Filename: ./{packed.name}\nSize: {packed.stat().st_size}\nSHA256: {_sum(packed.read_bytes())}\n\n"
    )
    with (folder / "Packages").open("a") as index:
        index.write(entry)
    whole = (folder / "Packages").read_bytes()
    (folder / "Release").write_text(f"Suite: stable\nSHA256:\n {_sum(whole)} {len(whole)} Packages\n")


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def rpm(folder: Path, name: str, version: str, files: Mapping[str, str], post: str = "", provides: str = "") -> None:
    """Adds an RPM package to a repository in a folder; `post` is Lua, for which no shell is needed in the root."""
    tree = folder.parent / f"{name}-{version}-rpm"
    tree.mkdir(parents=True)
    folder.mkdir(exist_ok=True)
    made = "\n".join(
        f"install -D -m {755 if path.startswith('usr/bin/') else 644} /dev/null %{{buildroot}}/{path}\n"
        f"printf %s '{text}' >%{{buildroot}}/{path}"
        for path, text in files.items()
    )
    after = f"%post -p <lua>\n{post}\n" if post else ""
    listed = "\n".join(f"/{path}" for path in files)
    more = f"Provides: {provides}\n" if provides else ""
    (tree / "made.spec").write_text(
        f"Name: {name}\nVersion: {version}\nRelease: 1\nSummary: for tests\nLicense: none\nBuildArch: noarch\n{more}"
        f"%description\nfor tests\n%install\n{made}\n{after}%files\n{listed}\n"
    )
    defined = ["--define", f"_topdir {tree}", "--define", f"_rpmdir {folder}"]
    subprocess.run(["rpmbuild", "-bb", *defined, str(tree / "made.spec")], check=True, capture_output=True)
    subprocess.run(["createrepo_c", "-q", str(folder)], check=True, capture_output=True)


class Signer:
    """A key of its own, by which repositories and packages are signed; `key` is the file that holds its public half."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "keys"
        self.home.mkdir(mode=0o700)
        self._gpg("--quick-gen-key", "tests <tests@example.com>", "rsa2048", "sign", "never")
        self.key = folder / "tests.asc"
        self.key.write_bytes(self._gpg("--armor", "--export"))

    def sign(self, folder: Path) -> None:
        """Signs a Debian repository."""
        (folder / "InRelease").unlink(missing_ok=True)
        self._gpg("--clearsign", "--output", str(folder / "InRelease"), str(folder / "Release"))

    def sign_packages(self, folder: Path) -> None:
        """Signs the RPM packages of a repository."""
        found = [str(path) for path in folder.rglob("*.rpm")]
        given = ("_gpg_name tests@example.com", f"_gpg_path {self.home}", f"__gpg {shutil.which('gpg')}")
        defined = [word for each in given for word in ("--define", each)]
        done = subprocess.run(["rpmsign", *defined, "--addsign", *found], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        subprocess.run(["createrepo_c", "-q", str(folder)], check=True, capture_output=True)

    def stop(self) -> None:
        """Ends the agent that gpg started."""
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], check=True, capture_output=True)

    def _gpg(self, *arguments: str) -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--passphrase", "", *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout
