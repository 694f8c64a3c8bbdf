"""The throwaway root: what is in it, what cannot be reached from it, and that all of it ends; as root, and as not."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from apps.images.checks.ways.namespace import USER
from apps.images.sandbox import calls, linux, tree
from apps.images.sandbox.relay import Relay
from tests.images.repository import deb, served
from tests.images.throwaway import (
    COMMAND,
    MARK,
    MODES,
    NOBODY,
    Inside,
    connects,
    inside,
    listening,
    marked,
    python,
    run,
    told,
    who,
)
from tests.world import wait_for

__all__ = ["inside"]


def test_what_is_inside_is_the_distribution_and_nothing_of_the_console(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the console")
    tmp_path.chmod(0o755)
    places = f"{tmp_path}/secret {settings.BASE_DIR}/manage.py /etc/shadow {Path.home()}/.profile"
    parts = inside(
        f"env | cut -d= -f1 | sort | tr '\\n' ' '; echo; "
        f"for each in {places}; do [ -s $each ] && echo reached $each; done; "
        "ls -A /root /home /srv /opt /run; id -u; hostname"
    )
    text = parts["install"]["text"]
    environment, *rest = text.splitlines()
    assert set(environment.split()) <= {
        *("HOME", "LANG", "PATH", "PWD", "PYTHONDONTWRITEBYTECODE", "ROOT", "TMPDIR", "WORK", "_", "OLDPWD", "SHLVL")
    }
    assert "reached" not in text
    assert "0" in rest
    assert "check" in rest
    assert parts["end"]


def test_only_the_repository_is_reached_and_only_while_it_installs(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("packages")
    database = settings.DATABASES["default"]
    with (
        served(tmp_path) as repository,
        listening(socket.AF_INET, ("127.0.0.1", 0)) as other,
        listening(socket.AF_UNIX, str(tmp_path / "socket")) as path,
        listening(socket.AF_UNIX, "\0deployconsole-test") as abstract,
    ):
        tmp_path.chmod(0o755)
        port = urlsplit(repository).port
        redis = urlsplit(settings.REDIS_URL)
        console = [
            ("127.0.0.1", int(database.get("PORT") or 5432)),
            ("127.0.0.1", redis.port or 6379),
            f"{database['HOST']}/.s.PGSQL.{database.get('PORT') or 5432}",
            redis.path,
        ]
        assert all(Path(str(each)).exists() for each in console[2:]), "else nothing is shown"
        beyond = [("169.254.169.254", 80), ("192.0.2.1", 443)]
        named = [tuple(other), path, abstract, *console, *beyond]
        asked = connects(f"('127.0.0.1', {port})", *map(repr, named))
        fetched = python(
            "import urllib.request",
            "for _ in range(2):",
            f"    print(urllib.request.urlopen(f'http://127.0.0.1:{port}/').read().decode())",
        )
        parts = inside(fetched + asked, host="127.0.0.1", port=port, addresses=("127.0.0.1",), command=asked)
    first = parts["install"]["text"].splitlines()
    assert first[:2] == ["packages", "packages"]
    assert [line.rpartition(")")[2].strip() or line for line in first[2:3]] == ["reached"]
    assert [line.endswith("not reached") for line in first[3:]] == [True] * len(named), first
    assert all(line.endswith("not reached") for line in parts["command"]["text"].splitlines())


def test_a_connection_to_the_repository_does_not_outlive_the_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as repository, socket.create_server(("127.0.0.1", 0)) as listener:
        relay = Relay(listener, ["127.0.0.1"], repository.getsockname()[1])
        with socket.create_connection(listener.getsockname()) as inside, repository.accept()[0] as outside:
            inside.settimeout(5)
            outside.settimeout(5)
            inside.sendall(b"well?")
            assert outside.recv(5) == b"well?"
            relay.shut()
            assert (inside.recv(1), outside.recv(1)) == (b"", b"")


def test_a_repository_with_a_name_is_found_by_it(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("packages")
    with served(tmp_path) as repository:
        port = urlsplit(repository).port
        address = f"http://packages.example.com:{port}/"
        parts = inside(
            python("import urllib.request", f"print(urllib.request.urlopen('{address}').read().decode())"),
            host="packages.example.com",
            port=port,
            addresses=("127.0.0.1",),
        )
    assert parts["install"]["text"].strip() == "packages"


def numbers() -> dict[str, int]:
    """The calls that are refused, by name, on this machine."""
    column = calls.ONLY[os.uname().machine]
    of_x32 = {"getpid of x32": calls.FOREIGN + 39}
    return of_x32 | {name: both[column] for name, both in calls.REFUSED.items() if both[column] != calls.ABSENT}


REFUSED = python(
    "import ctypes, errno",
    "call = ctypes.CDLL(None, use_errno=True).syscall",
    f"for name, number in {numbers()}.items():",
    "    if call(*map(ctypes.c_long, (number, *[0] * 6))) != -1 or ctypes.get_errno() != errno.EPERM:",
    "        print('let through:', name)",
)
NOT_NOSUID = python(
    "for line in open('/proc/self/mounts'):",
    "    _, place, _, options, *_ = line.split()",
    "    if 'nosuid' not in options.split(',') and not place.startswith('/dev/'):",
    "        print('programs of other users run in', place)",
)


def test_no_process_outside_is_seen_and_no_privilege_is_left(inside: Inside) -> None:
    tries = [
        f"kill -0 {os.getpid()}",
        "mount -t tmpfs none /srv",
        "unshare --user true",
        "touch /usr/bin/mine",
        "chroot /proc/1/root true && ls /proc/1/fd",
        "grep -z SECRET /proc/*/environ",
        "echo 1 >/proc/sys/kernel/panic",
        "cat /proc/1/environ",
    ]
    commands = "; ".join(f"({each}) 2>/dev/null && echo 'done: {each}'" for each in tries)
    parts = inside(
        f"{commands}; {REFUSED}grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; {NOT_NOSUID}"
        "ls -d /proc/[0-9]* | wc -l; ls -l /proc/self/fd | wc -l"
    )
    bounding, privileges, filtered, processes, files = parts["install"]["text"].splitlines()
    kept = int(bounding.split()[1], 16)
    assert {each for each in range(64) if kept >> each & 1} == linux.KEPT
    assert (privileges.split(), filtered.split()) == (["NoNewPrivs:", "1"], ["Seccomp:", "2"])
    assert int(processes) < 8
    assert int(files) < 8


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the ids of other users")
def test_a_program_that_is_marked_to_run_as_root_runs_as_who_starts_it() -> None:
    made = "cp /usr/bin/id /srv/id; chmod 4755 /srv/id; stat -c %u:%a /srv/id; "
    starts = "setpriv --reuid 1000 --regid 1000 --clear-groups /srv/id -u"
    assert run(made + starts, "root")["install"]["text"].split() == ["0:4755", "1000"]


@pytest.mark.parametrize("mode", MODES)
def test_all_of_it_ends_with_the_worker_and_nothing_is_left(mode: str, tmp_path: Path) -> None:
    mark = f"{MARK}-{mode}"
    starts = (
        "import os, subprocess, sys, time; told = sys.stdin.read().replace('PARENT', str(os.getpid())); "
        f"made = subprocess.Popen({COMMAND!r}, stdin=subprocess.PIPE, env={{}}, cwd='/'); "
        "made.stdin.write(told.encode()); made.stdin.close(); time.sleep(60)"
    )
    install = f"ln -s /usr/bin/sleep /tmp/{mark}; /tmp/{mark} 60 & /tmp/{mark} 60"
    given = told(install, mode).packed().decode().replace(f'"parent": {os.getpid()}', '"parent": PARENT')
    with subprocess.Popen(
        [COMMAND[0], "-c", starts], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, **who(mode)
    ) as worker:
        assert worker.stdin is not None
        worker.stdin.write(given.encode())
        worker.stdin.close()
        wait_for(lambda: len(marked(mark)) >= 2, "what was started inside to run")
        worker.kill()
        worker.wait()
    wait_for(lambda: marked(mark) == [], "all of it to be gone")
    assert not (Path("/tmp") / mark).is_symlink()
    assert mark not in Path("/proc/self/mounts").read_text()


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs Debian's tools")
def test_a_package_manager_works_in_a_root_whose_programs_it_may_replace(inside: Inside, tmp_path: Path) -> None:
    deb(tmp_path / "flat", "shop", "1.0-1", {"usr/bin/shop": "echo well"}, {"postinst": "echo set up as $(id -un)"})
    tmp_path.chmod(0o755)
    with served(tmp_path / "flat") as repository:
        source = f"deb [trusted=yes] {repository} ./"
        apt = "apt-get -q -y -o Dpkg::Use-Pty=0"
        port = urlsplit(repository).port
        parts = inside(
            f"set -e; echo '{source}' >/etc/apt/sources.list; {apt} update; {apt} install shop=1.0-1; sh /usr/bin/shop",
            host="127.0.0.1",
            port=port,
            addresses=("127.0.0.1",),
            whole=True,
            records=("/var/lib/dpkg",),
        )
    assert parts["install"]["status"] == 0, parts
    assert "set up as root" in parts["install"]["text"]
    assert parts["install"]["text"].endswith("well\n")
    assert not Path("/usr/bin/shop").exists()


def test_of_the_root_only_what_everybody_may_read_is_copied(inside: Inside) -> None:
    """As on a worker in the group of a server's keys, with those of its proxy in `/etc/environment`."""
    workers = (NOBODY, USER) if os.geteuid() == 0 else (os.geteuid(),)
    with TemporaryDirectory() as folder:
        base = Path(folder)
        base.chmod(0o755)
        for name in ("usr", *tree.USUAL):
            if Path("/", name).exists():
                (base / name).symlink_to(Path("/", name).resolve())
        files = [base / "etc" / name for name in ("environment", "profile.d/proxy.sh", "ssl/openssl.cnf")]
        files += [base / "etc/ssl" / name for owner in workers for name in (f"{owner}.key", f"{owner}/server.key")]
        for file in files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("shown\n")
        for owner in workers:
            for name, mode in ((f"{owner}.key", 0o600), (f"{owner}", 0o710)):
                os.chown(base / "etc/ssl" / name, owner, owner)
                (base / "etc/ssl" / name).chmod(mode)
        parts = inside("cd /etc; grep -rs shown ssl environment profile.d", base=folder)
    assert parts["install"]["text"] == "ssl/openssl.cnf:shown\n"
