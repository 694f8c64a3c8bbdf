"""Calls of the kernel that nothing in a throwaway root may make: installing needs none, and many were a way out once.

What needs a privilege of the machine is refused already; these are refused whatever the privilege, before any code of
the kernel's that serves them is reached. The list is that of the container engines, less what a namespace denies.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from apps.images.sandbox import linux

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # as the kernel's audit names them
ONLY = {"x86_64": 0, "aarch64": 1}  # the column of REFUSED
ABSENT = -1
FOREIGN = 0x4000_0000  # from here on: calls of x32, another set for the same processor
REFUSED = {  # the numbers of the calls: x86_64, aarch64
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "setns": (308, 268),
    "unshare": (272, 97),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "iopl": (172, ABSENT),
    "ioperm": (173, ABSENT),
    "modify_ldt": (154, ABSENT),
    "uselib": (134, ABSENT),
}

_LOAD, _EQUAL, _AT_LEAST, _ANSWER = 0x20, 0x15, 0x35, 0x06  # instructions of the kernel's packet filter
_NUMBER, _ARCHITECTURE = 0, 4  # where a call has them
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_PR_SET_SECCOMP, _FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def refuse() -> None:
    """From now on this process and all that it starts are refused those calls. Raises OSError."""
    packed = program(os.uname().machine)
    given = _Program(len(packed) // 8, packed)
    linux.control(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(given), what="refusing calls of the kernel")


def program(machine: str) -> bytes:
    """The filter: another set of calls is not known, those of the list are refused, all others are let through."""
    numbers = [both[ONLY[machine]] for both in REFUSED.values()]
    found = [number for number in numbers if number != ABSENT]
    steps = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, ARCHITECTURES[machine]), (_ANSWER, 0, 0, _UNKNOWN)]
    steps += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, len(found) + 1, 0, FOREIGN)]
    steps += [(_EQUAL, len(found) - each, 0, number) for each, number in enumerate(found)]
    steps += [(_ANSWER, 0, 0, _ALLOW), (_ANSWER, 0, 0, _REFUSE)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
