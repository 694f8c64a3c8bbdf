"""What an instance may do to the machine: nothing that its unprivileged user could not."""

from __future__ import annotations

import http.client
import os
import pwd
import urllib.error
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.localcloud.fleet.preload import NAMES
from apps.localcloud.fleet.tree import copy_tree, walkable
from tests.localcloud.fleets import Told, image

_LINES = ("Uid", "Gid", "Groups", "NoNewPrivs")
STATUS = f"[line.split()[1:] for line in open('/proc/self/status') if line.startswith({_LINES})]"
CURIOUS = """
import contextlib, os
with contextlib.suppress(PermissionError):
    print(open("/proc/self/environ").read())
with contextlib.suppress(PermissionError):
    print(open(f"/proc/{os.getppid()}/environ").read())
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    told = Told(tmp_path_factory.mktemp("fleet"))
    told.boot("i-1", image(tmp_path_factory.mktemp("images") / "ami"), "id -u > who; id -G > groups")
    told.up("i-1")
    yield told
    told.fleet.close()


def _expected() -> tuple[int, int]:
    nobody = pwd.getpwnam("nobody")
    return (nobody.pw_uid, nobody.pw_gid) if os.geteuid() == 0 else (os.getuid(), os.getgid())


def test_the_service_runs_as_nobody_when_started_by_root_and_else_as_we_do(told: Told) -> None:
    uids, gids, groups, no_new_privileges = literal_eval(told.ask("i-1", STATUS))
    uid, gid = _expected()
    assert uids == [str(uid)] * 4
    assert gids == [str(gid)] * 4
    assert no_new_privileges == ["1"]
    assert os.geteuid() != 0 or groups == []


def test_so_does_user_data(told: Told) -> None:
    uid, gid = _expected()
    assert told.ask("i-1", "open('who').read().strip()") == str(uid)
    assert os.geteuid() != 0 or told.ask("i-1", "open('groups').read().strip()") == str(gid)


def test_the_copy_belongs_to_that_user_and_is_closed_to_others(told: Told) -> None:
    mode, uid = literal_eval(told.ask("i-1", "(os.stat('.').st_mode & 0o777, os.stat('service.py').st_uid)"))
    assert (mode, uid) == (0o700, _expected()[0])


@pytest.mark.parametrize("call", ["os.setuid(0)", "os.seteuid(0)", "os.setgid(0)", "os.setgroups([0])"])
def test_no_way_leads_to_root(told: Told, call: str) -> None:
    with pytest.raises((http.client.RemoteDisconnected, urllib.error.URLError)):
        told.ask("i-1", call)  # it raises, and the connection is closed without an answer
    assert literal_eval(told.ask("i-1", "os.getresuid()")) == (_expected()[0],) * 3


def test_the_masters_environment_cannot_be_read(told: Told) -> None:
    assert "SECRET_KEY" in os.environ
    told.boot("i-curious", image(told.work / "curious", CURIOUS))
    assert told.ended("i-curious") == 0
    assert "SECRET_KEY" not in told.console("i-curious")


def test_limits_hold(told: Told) -> None:
    code = "[__import__('resource').getrlimit(k)[1] for k in (4, 7, 9)]"  # core, open files, address space on Linux
    core, files, space = literal_eval(told.ask("i-1", code))
    assert (core, space) == (0, 1 << 30)
    assert 256 <= files <= 4096


def test_the_standard_library_can_be_imported_wherever_the_interpreter_lies(told: Told) -> None:
    names = " ".join(NAMES.split())
    code = f"[n for n in {names.split()!r} if not __import__('importlib').import_module(n)]"
    assert told.ask("i-1", code) == "[]"
    assert told.ask("i-1", "'ä.example'.encode('idna')") == str("ä.example".encode("idna"))
    assert told.ask("i-1", "__import__('ssl').create_default_context().verify_mode.name") == "CERT_REQUIRED"
    assert told.ask("i-1", "__import__('asyncio').run(__import__('asyncio').sleep(0, 'slept'))") == "slept"


def test_nothing_of_ours_can_be_imported(told: Told) -> None:
    code = "[n for n in ('django', 'boto3', 'moto', 'uvloop') if __import__('importlib.util').util.find_spec(n)]"
    assert told.ask("i-1", code) == "[]"


def test_trees_lie_where_that_user_can_enter(told: Told) -> None:
    tree = Path(told.ask("i-1", "os.getcwd()"))
    assert os.geteuid() != 0 or walkable(tree.parent)
    assert told.ask("i-1", "os.environ['HOME']") == str(tree)


def test_a_temporary_place_is_gone_after_close(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    told = Told(closed / "work")
    try:
        told.boot("i-1", image(tmp_path / "ami"))
        told.up("i-1")
        tree = Path(told.ask("i-1", "os.getcwd()"))
        assert (os.geteuid() == 0) == (closed not in tree.parents)
    finally:
        told.fleet.close()
    assert not tree.parent.exists()


def test_a_link_in_a_tree_is_copied_as_a_link(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "folder").mkdir(parents=True)
    (source / "passwd").symlink_to("/etc/passwd")
    (source / "etc").symlink_to("/etc")
    (source / "folder/file").write_text("x")
    (source / "folder/file").chmod(0o4755)
    copy_tree(source, tmp_path / "copy")
    assert (tmp_path / "copy/passwd").is_symlink()
    assert (tmp_path / "copy/etc").is_symlink()
    assert (tmp_path / "copy/folder/file").stat().st_mode & 0o7777 == 0o755
