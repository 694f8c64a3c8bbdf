"""Where the throwaway root of a check comes from: it must be of the distribution that the base image is of."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from django.conf import settings

from apps.images.checks.base import Asked

HOST = "host"  # a recipe's word for: the base image is as the console's own machine
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}  # as Linux has it, as AWS has it


class NoRootError(Exception):
    """There is none; the text says why."""


def find(asked: Asked) -> Path:
    """The folder that the root is made of. Raises NoRootError."""
    machine = ARCHITECTURES.get(platform.machine(), platform.machine())
    if machine != asked.recipe["architecture"]:
        raise NoRootError(f"The image is for {asked.recipe['architecture']}, and the worker's machine is {machine}.")
    wanted = wanted_by(asked)
    root = _kept(wanted) or (Path("/") if wanted == HOST or _is_ours(wanted) else None)
    if root is None:
        where = (
            f"nor is there {wanted} in PACKAGE_CHECK_ROOTS"
            if settings.PACKAGE_CHECK_ROOTS
            else ("and PACKAGE_CHECK_ROOTS names no folder with others")
        )
        raise NoRootError(
            f"The base image {asked.recipe['base']} is taken for {wanted}, the worker's machine is {ours()[0]}, "
            f"{where}. The recipe's check_root says of which distribution it is."
        )
    missing = [name for name in asked.provisioner.programs if not _has(root, name)]
    if missing:
        raise NoRootError(f"The root of {wanted} has no {' and no '.join(missing)}.")
    return root


def wanted_by(asked: Asked) -> str:
    """The distribution, as debian-12."""
    return str(asked.recipe["check_root"] or asked.recipe["base"])


def ours() -> tuple[str, ...]:
    """What the distribution of this machine is called."""
    return named(Path("/")) or ("unknown",)


def named(root: Path) -> tuple[str, ...]:
    """What the distribution in a folder is called, as its os-release has it: debian-12, debian-bookworm; or nothing."""
    files = (root / place / "os-release" for place in ("usr/lib", "etc"))  # the second may lead out of it
    lines = next((file.read_text().splitlines() for file in files if file.is_file()), [])
    found = {name: value.strip("\"'") for name, _, value in (line.partition("=") for line in lines)}
    if not found.get("ID"):
        return ()
    versions = [found[each] for each in ("VERSION_ID", "VERSION_CODENAME") if found.get(each)]
    return tuple(f"{found['ID']}-{version}" for version in versions) or (found["ID"],)


def _is_ours(wanted: str) -> bool:
    return any(wanted == name or wanted.startswith(f"{name}-") for name in ours())


def _kept(wanted: str) -> Path | None:
    folder = settings.PACKAGE_CHECK_ROOTS
    found = Path(folder, wanted).resolve() if folder else None
    return found if found and (found / "usr" / "bin").is_dir() else None


def _has(root: Path, program: str) -> bool:
    folders = (root / name for name in ("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"))
    return shutil.which(program, path=os.pathsep.join(map(str, folders))) is not None
