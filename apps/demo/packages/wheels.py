"""Writing a wheel: a zip file of modules and of what installers must know (PEP 427). The same input, the same bytes."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MADE = (2026, 11, 1, 0, 0, 0)  # each member's date, so that a hash says whether anything differs
_WHEEL = "Wheel-Version: 1.0\nGenerator: deployconsole-demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass(frozen=True)
class Wheel:
    """A package of pure Python; `files` are paths inside it, `requires` is as Requires-Dist has it."""

    name: str  # normalized: small letters, digits, hyphens
    version: str  # normalized (PEP 440): 4.3.2rc1, not 4.3.2-rc1
    summary: str
    files: Mapping[str, bytes]
    requires: tuple[str, ...] = ()
    entry_points: Mapping[str, str] = field(default_factory=dict)  # group to one `name = module:function`
    data: Mapping[str, bytes] = field(default_factory=dict)  # files beside the modules: etc/api.conf

    @property
    def file_name(self) -> str:
        return f"{self._stem}-py3-none-any.whl"

    @property
    def _stem(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"

    def members(self) -> dict[str, bytes]:
        """All that the zip file holds, by path, RECORD last."""
        told = f"{self._stem}.dist-info"
        data = {f"{self._stem}.data/data/{path}": content for path, content in self.data.items()}
        held = {**self.files, **data, f"{told}/METADATA": self._metadata(), f"{told}/WHEEL": _WHEEL.encode()}
        if self.entry_points:
            points = "".join(f"[{group}]\n{point}\n" for group, point in self.entry_points.items())
            held[f"{told}/entry_points.txt"] = points.encode()
        lines = [f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in held.items()]
        return held | {f"{told}/RECORD": "".join([*lines, f"{told}/RECORD,,\n"]).encode()}

    def _metadata(self) -> bytes:
        lines = [f"Name: {self.name}", f"Version: {self.version}", f"Summary: {self.summary}"]
        needs = [f"Requires-Dist: {each}" for each in self.requires]
        return "\n".join(["Metadata-Version: 2.1", *lines, *needs, ""]).encode()


def write(wheel: Wheel, folder: Path) -> Path:
    """Writes the wheel below `folder`, which is made as needed; answers its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wheel.file_name
    pack(path, wheel.members())
    return path


def pack(path: Path, members: Mapping[str, bytes]) -> None:
    """Writes a zip file, compressed as little as takes next to no time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, MADE), content, zipfile.ZIP_DEFLATED)


def _digest(content: bytes) -> str:
    """As RECORD has it: base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
