"""The pages by which pip finds a package's files: a "simple" index (PEP 503), written beside the wheels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from html import escape
from pathlib import Path

from apps.demo.packages import wheels
from apps.demo.packages.wheels import Wheel

SIMPLE = "simple"  # the index's folder in the repository
_PAGE = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
    "<body>\n{links}</body></html>\n"
)


def fill(repository: Path, packages: Iterable[Wheel]) -> None:
    """Writes all wheels and the index into the folder: `simple/NAME/`, each with its page and its files."""
    files: dict[str, list[Path]] = {}
    for package in packages:
        written = wheels.write(package, repository / SIMPLE / package.name)
        files.setdefault(package.name, []).append(written)
    for name, paths in files.items():
        links = {f"{path.name}#sha256={_sha256(path)}": path.name for path in paths}
        (repository / SIMPLE / name / "index.html").write_text(_page(name, links))
    (repository / SIMPLE / "index.html").write_text(_page("Packages", {f"{name}/": name for name in files}))


def _page(title: str, links: dict[str, str]) -> str:
    anchors = "".join(f'<a href="{escape(address)}">{escape(text)}</a><br>\n' for address, text in links.items())
    return _PAGE.format(title=escape(title), links=anchors)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
