"""The throwaway root: in memory, with the programs of a real one to read, and gone with the process that made it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from apps.images.sandbox import linux

PLACES = tuple(map(Path, ("/mnt", "/media", "/srv", "/opt")))  # to mount it at, seen so by nobody else
USUAL = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")  # beside /usr: links into it, or folders
FOLDERS = ("etc", "usr", "var/lib", "var/log", "var/cache", "dev", "proc", "run", "root", "home", "srv", "opt", "mnt")
OPEN = ("tmp", "var/tmp", "dev/shm")
DEVICES = ("null", "zero", "full", "random", "urandom")
# What programs need of /etc, and none of what a machine keeps for itself
OF_ETC = """
    adduser.conf alternatives apt/keyrings apt/trusted.gpg.d bash.bashrc ca-certificates ca-certificates.conf
    crypto-policies debconf.conf debian_version deluser.conf dnf dpkg group inputrc ld.so.cache ld.so.conf
    ld.so.conf.d localtime login.defs magic mime.types nsswitch.conf os-release pam.conf pam.d passwd pki
    protocols python3 python3.11 redhat-release rpc rpm security services shells skel ssl system-release
    terminfo timezone xattr.conf
"""
FEW = 64  # files in one folder of a package manager's records that are copied, for it opens them to write
MODE = 0o777
FOR_ALL = stat.S_IROTH | stat.S_IXOTH  # a folder that everybody may look into
HARMLESS = linux.NO_SUID | linux.NO_DEVICES


@dataclass(frozen=True)
class Root:
    """`base` is the root of the same distribution; `whole`: all of it can be written to; `records`: of packages."""

    base: Path
    whole: bool
    records: tuple[str, ...]
    most: int  # bytes that may be written
    inodes: int
    hosts: str
    pip: bytes

    @property
    def size(self) -> str:
        """How much may be written, as tmpfs has it."""
        most = self.most // 3 if self.whole else self.most  # the root, /usr, and what the package manager knows
        return f"mode=755,size={most},nr_inodes={self.inodes}"


def build(root: Root) -> None:
    """Makes it the root of this process, in a namespace of mounts of its own. Raises OSError."""
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    new = _place(root.base)
    linux.mount("tmpfs", new, "tmpfs", HARMLESS, root.size)
    for folder in (*FOLDERS, *OPEN):
        (new / folder).mkdir(parents=True, exist_ok=True)
    for folder in OPEN:
        (new / folder).chmod(0o1777)
    _programs(root, new)
    _settings(root, new)
    _devices(new / "dev")
    linux.mount("proc", new / "proc", "proc", HARMLESS | linux.NO_EXEC)
    (new / ".old").mkdir()
    linux.pivot(new, new / ".old")
    linux.unmount(Path("/.old"))
    Path("/.old").rmdir()


def _place(base: Path) -> Path:
    """A folder to mount it at, that does not hide what it is made of."""
    for place in PLACES:
        if place.is_dir() and not base.is_relative_to(place):
            return place
    raise OSError(f"no folder to mount at; one of {', '.join(map(str, PLACES))} is needed")


def _programs(root: Root, new: Path) -> None:
    shown = ["usr"]
    for name in USUAL:
        if (root.base / name).is_symlink():
            (new / name).symlink_to((root.base / name).readlink())
        elif (root.base / name).is_dir():
            shown.append(name)
    for name in shown:
        (new / name).mkdir(exist_ok=True)
        if root.whole:
            _layer(root, root.base / name, new / name)
        else:
            linux.bind(root.base / name, new / name, linux.READ_ONLY | HARMLESS)
    for path in root.records:
        source, target = root.base / path.lstrip("/"), new / path.lstrip("/")
        if source.is_dir() and not source.is_symlink():
            target.mkdir(parents=True, exist_ok=True)
            _layer(root, source, target, copied=FEW)


def _layer(root: Root, lower: Path, target: Path, copied: int = 0) -> None:
    """Shows `lower` at `target`, writable: what is written is in memory.

    Its folders are made there beforehand, for nobody may copy up one whose owner this namespace does not know. Files of
    folders with no more than `copied` of them are copied, too.
    """
    linux.mount("tmpfs", target, "tmpfs", HARMLESS, root.size)
    up, work = target / "up", target / "work"
    up.mkdir()
    work.mkdir()
    _folders(lower, up, copied)
    linux.mount("overlay", target, "overlay", HARMLESS, f"lowerdir={lower},upperdir={up},workdir={work},userxattr")


def _folders(source: Path, target: Path, copied: int) -> None:
    waiting = [(str(source), str(target))]
    while waiting:
        here, there = waiting.pop()
        try:
            with os.scandir(here) as found:
                entries = list(found)
        except OSError:
            continue  # not for this process to read, nor for what is checked
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                Path(there, entry.name).mkdir()
                waiting.append((entry.path, f"{there}/{entry.name}"))
            elif len(entries) <= copied:
                copy(Path(entry.path), Path(there, entry.name))


def copy(source: Path, target: Path) -> None:
    """A file, a link or a tree, as far as everybody may read it: what only the worker may is there, and empty."""
    mode = source.lstat().st_mode
    if stat.S_ISLNK(mode):
        target.symlink_to(source.readlink())
    elif stat.S_ISDIR(mode):
        target.mkdir(parents=True, exist_ok=True)
        for each in _inside(source) if mode & FOR_ALL == FOR_ALL else ():
            copy(each, target / each.name)
    elif stat.S_ISREG(mode):
        target.write_bytes(_content(source) if mode & stat.S_IROTH else b"")
        target.chmod(stat.S_IMODE(mode) & MODE)


def _inside(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return ()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _settings(root: Root, new: Path) -> None:
    for name in OF_ETC.split():
        source, target = root.base / "etc" / name, new / "etc" / name
        if os.path.lexists(source):
            target.parent.mkdir(parents=True, exist_ok=True)
            copy(source, target)
    for folder in ("apt/apt.conf.d", "apt/preferences.d", "apt/sources.list.d"):
        (new / "etc" / folder).mkdir(parents=True, exist_ok=True)
    written = {
        "etc/apt/apt.conf.d/99check": 'APT::Sandbox::User "root";\n',  # no other user may be known here
        "etc/hosts": root.hosts,
        "etc/hostname": "check\n",
        "etc/resolv.conf": "",
    }
    for name, text in written.items():
        (new / name).write_text(text)
    if root.pip:
        (new / "pip.whl").write_bytes(root.pip)


def _devices(folder: Path) -> None:
    for name in DEVICES:
        (folder / name).touch()
        linux.bind(Path("/dev", name), folder / name)
    (folder / "fd").symlink_to("/proc/self/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        (folder / name).symlink_to(f"/proc/self/fd/{number}")
