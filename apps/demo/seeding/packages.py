"""The wheels of the demo's repository: the samples' packages, and the libraries that they need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from apps.demo.packages import index
from apps.demo.packages.wheels import Wheel
from apps.demo.seeding import plan
from apps.demo.seeding.base_service import GROUP
from apps.demo.seeding.packaged import LIBRARIES, PACKAGED, SERVER, SERVERS, Packaged
from apps.demo.seeding.plan import GOOD
from apps.localcloud import sample

_RUN = '''"""{summary}"""

from pathlib import Path

from serving.main import run


def serve() -> None:
    """Until the instance is stopped."""
    run(Path(__file__).parent)
'''


def publish(repository: Path) -> None:
    """Writes every package into the repository's folder."""
    index.fill(repository, every())


def every() -> Iterator[Wheel]:
    serving = {f"serving/{path.name}": path.read_bytes() for path in sorted(sample.SERVING.glob("*.py"))}
    for version in SERVERS:
        yield Wheel(SERVER, version, "The server that the shop's services are built upon.", serving)
    for name, versions in LIBRARIES.items():
        for version in versions:
            yield _library(name, version)
    for application in plan.APPLICATIONS:
        for build in PACKAGED[application.name]:
            yield _service(application.name, application.description, build)


def _library(name: str, version: str) -> Wheel:
    summary = f"What the shop's services share of {name.removeprefix('shop-')}."
    text = f'"""{summary}"""\n\nVERSION = "{version}"\n'
    return Wheel(name, version, summary, {f"{name.replace('-', '_')}.py": text.encode()})


def _service(name: str, summary: str, build: Packaged) -> Wheel:
    faults = {} if build.kind == GOOD else sample.FAULTS[build.kind]
    release = sample.release(name, build.version, faults)
    return Wheel(
        name,
        build.version,
        summary,
        {f"{name}/__init__.py": _RUN.format(summary=summary).encode(), f"{name}/release.json": release.encode()},
        build.requires,
        {GROUP: f"{name} = {name}:serve"},
        {f"etc/{name}.conf": build.settings.encode()},
    )
