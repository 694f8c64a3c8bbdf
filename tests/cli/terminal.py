"""A command of ours on a terminal of a chosen width."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios


def shown(columns: int, *arguments: str) -> str:
    """What the command shows on a terminal so wide, without colours; it must succeed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    command = [sys.executable, "-m", "apps.cli.main", *arguments]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=kept | {"TERM": "xterm"})
    os.close(theirs)
    try:
        text = read_all(ours)
        assert process.wait(20) == 0, text
    finally:
        process.kill()
        process.wait()
    return re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r\n", "\n")


def read_all(descriptor: int) -> str:
    """Everything until the terminal's other end is closed."""
    parts = []
    while True:
        try:
            part = os.read(descriptor, 4096)
        except OSError:  # Linux tells the end of a terminal so
            break
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode()
