"""Image trees: copied without ever following a link that somebody's code may have laid, and handed to a user."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

_CHUNK = 1 << 20


def copy_tree(source: Path, destination: Path, owner: tuple[int, int] | None = None) -> None:
    """Copies folders, files and links (as links) to `destination`, which must not exist; other kinds are left out.

    The source may belong to a running, hostile program: every step goes by an open folder, not by a path.
    `owner` is the (user, group) the copy is given to. Raises OSError.
    """
    for path, folders, files, source_fd in os.fwalk(source, follow_symlinks=False):
        target = destination / Path(path).relative_to(source)
        target.mkdir(mode=0o755)
        links = [name for name in folders if stat.S_ISLNK(os.lstat(name, dir_fd=source_fd).st_mode)]
        for name in [*files, *links]:
            _copy_one(source_fd, name, target / name, owner)
        if owner is not None:
            os.chown(target, *owner)


def take_tree(image: Path, tree: Path, owner: tuple[int, int] | None) -> None:
    """Makes `tree` a copy of `image`, whole or not at all; one that is there already stays. Raises OSError."""
    if tree.exists():
        return
    part = _part(tree)
    shutil.rmtree(part, ignore_errors=True)
    copy_tree(image, part, owner)
    part.chmod(0o700)
    part.rename(tree)


def remove_tree(tree: Path) -> None:
    """Removes it, and what is there of one that was not finished."""
    for folder in (tree, _part(tree)):
        shutil.rmtree(folder, ignore_errors=True)


def _part(tree: Path) -> Path:
    return tree.with_name(f"{tree.name}.part")


def _copy_one(source_fd: int, name: str, target: Path, owner: tuple[int, int] | None) -> None:
    mode = os.lstat(name, dir_fd=source_fd).st_mode
    if stat.S_ISLNK(mode):
        target.symlink_to(os.readlink(name, dir_fd=source_fd))
    elif stat.S_ISREG(mode):
        _copy_file(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=source_fd), target, mode)
    else:
        return
    if owner is not None:
        os.chown(target, *owner, follow_symlinks=False)


def _copy_file(source_fd: int, target: Path, mode: int) -> None:
    with os.fdopen(source_fd, "rb") as reader:
        if not stat.S_ISREG(os.fstat(reader.fileno()).st_mode):
            return
        with target.open("xb") as writer:
            shutil.copyfileobj(reader, writer, _CHUNK)
            os.fchmod(writer.fileno(), stat.S_IMODE(mode) & 0o777)


def walkable(folder: Path) -> bool:
    """Whether any user may pass through `folder` and all above it."""
    full = folder.resolve()
    return all(one.stat().st_mode & stat.S_IXOTH for one in (full, *full.parents))


def instances_folder(work: Path) -> Path:
    """Where instances' trees go: `work/instances`, or a temporary folder where an unprivileged user could not enter.

    Raises OSError when there is no such place at all.
    """
    if os.geteuid() != 0 or walkable(work):
        folder = work / "instances"
        folder.mkdir(exist_ok=True)
    else:
        places = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 (mkdtemp makes it private)
        place = next((one for one in places if one.is_dir() and walkable(one)), None)
        if place is None:
            raise OSError(f"no folder that an unprivileged user can enter: {work} is closed, and so are {places}")
        folder = Path(tempfile.mkdtemp(prefix="localcloud-", dir=place))
    folder.chmod(0o711)
    return folder
