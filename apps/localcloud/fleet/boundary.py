"""What stands between an instance's code and the machine: an unprivileged user, and limits."""

from __future__ import annotations

import os
import pwd
import resource

from apps.localcloud import prctl

ADDRESS_SPACE = 1 << 30  # bytes
OPEN_FILES = 4096
PROCESSES = 8192  # of the unprivileged user, so of all instances together
_USER = "nobody"


def unprivileged_user() -> tuple[int, int] | None:
    """The (user, group) that instances run as; None when we are not root and they stay who we are."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam(_USER)
    return user.pw_uid, user.pw_gid


def confine(user: tuple[int, int] | None) -> None:
    """Gives up rights for good: limits, groups, group, user, and the way back. Raises OSError if any of it fails."""
    os.umask(0o022)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_AS, ADDRESS_SPACE)
    if user is not None:
        _limit(resource.RLIMIT_NPROC, PROCESSES)
        os.setgroups([])
        os.setresgid(user[1], user[1], user[1])
        os.setresuid(user[0], user[0], user[0])
    prctl.no_new_privileges()


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
