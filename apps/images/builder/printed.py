"""Reading what a builder printed on its console, of which only the last 64 KB may be left."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

MARK = "deployconsole-bake"
MOST_BYTES = 16 << 20  # that one piece, or a report, may unpack to
INSTALLING = frozenset({"begin", "step"})  # what it says while it also prints what it does
_FRAME = re.compile(r"(?P<packed>[A-Za-z0-9+/=]+) (?P<number>\d{1,6})/(?P<count>\d{1,6})")
_FILE = re.compile(r"f ([0-9a-f]{64}) (/.+)")
_PACKAGE = re.compile(r"p ([a-z]+:\S+) (\S+)")


@dataclass(frozen=True)
class Inside:
    """What is in an image: versions by "manager:name", SHA-256 by path; `lost` pieces of it were not to be had."""

    packages: dict[str, str]
    files: dict[str, str]
    lost: int = 0


@dataclass(frozen=True)
class Printed:
    """What one bake's builder said, as far as it is there. `log_cut` is how many bytes of its log are not."""

    began: bool
    step: str  # that it was at: install, clean, manifest
    ok: bool
    failed: str  # the step that failed; empty where none did
    status: str  # that it failed with
    says: str  # its last lines, where it failed
    sent: bool  # the report went to the bucket
    log: str
    log_cut: int
    inside: Inside


def read(console: str, nonce: str) -> Printed:
    """What the console of a builder tells of the bake with this nonce; what others printed there is passed over."""
    words, plain = _sorted(console, nonce)
    framed, lost_log = _unpacked(words.get("log", ()))
    manifest, lost = _unpacked(words.get("manifest", ()))
    log = max(plain, "" if lost_log else framed, key=len)
    size = _last(words, "log-bytes")
    failed, _, status = _last(words, "failed").partition(" ")
    return Printed(
        began=bool(words),
        step=_last(words, "step"),
        ok="ok" in words,
        failed=failed,
        status=status,
        says="\n".join(words.get("says", ())[-3:]),
        sent="sent" in words,
        log=log,
        log_cut=max(int(size) - len(log.encode()) - 1, 0) if size.isdigit() else 0,
        inside=inside(manifest.split("\n"), lost),
    )


def read_report(packed: bytes) -> tuple[str, Inside]:
    """The whole log, and what is inside, of a report that was put into a bucket. Raises ValueError."""
    lines = _gunzip(packed).split("\n")
    return "\n".join(line[2:] for line in lines if line.startswith("l ")), inside(lines)


def inside(lines: Iterable[str], lost: int = 0) -> Inside:
    """What lines of a manifest tell; versions that stand beside each other are told in their order."""
    packages: dict[str, set[str]] = {}
    files: dict[str, str] = {}
    for line in lines:
        if found := _PACKAGE.fullmatch(line):
            packages.setdefault(found[1], set()).add(found[2])
        elif found := _FILE.fullmatch(line):
            files[found[2]] = found[1]
    return Inside({name: ", ".join(sorted(each)) for name, each in sorted(packages.items())}, files, lost)


def _sorted(console: str, nonce: str) -> tuple[dict[str, list[str]], str]:
    """What it said with its mark, by first word; and what else was printed while it installed."""
    words: dict[str, list[str]] = {}
    plain: list[str] = []
    for line in console.replace("\r", "").replace("\0", "").split("\n"):
        _, mark, said = line.partition(f"{MARK} {nonce} ")
        if mark:
            word, _, rest = said.partition(" ")
            words.setdefault(word, []).append(rest)
            if word == "begin":
                plain.clear()
        elif words.keys() <= INSTALLING:
            plain.append(line)
    if words and "begin" not in words:
        del plain[:1]  # a line that is cut off, and may be a part of anything
    return words, "\n".join(plain).strip("\n")


def _last(words: dict[str, list[str]], word: str) -> str:
    return words[word][-1] if words.get(word) else ""


def _unpacked(frames: Iterable[str]) -> tuple[str, int]:
    """The text of the frames that are whole, in their order, and how many are missing or damaged."""
    found: dict[int, str] = {}
    count = 0
    for frame in frames:
        match = _FRAME.fullmatch(frame)
        if match is None:
            continue
        count = max(count, int(match["count"]))
        with contextlib.suppress(binascii.Error, ValueError):
            found[int(match["number"])] = _gunzip(base64.b64decode(match["packed"], validate=True))
    return "".join(found[number] for number in sorted(found)).strip("\n"), count - len(found)


def _gunzip(packed: bytes) -> str:
    """Raises ValueError for what is damaged or unpacks to more than MOST_BYTES."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(packed, MOST_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unpacker.eof:
        raise ValueError("it is cut off, or too large")
    return text.decode(errors="replace").replace("\0", "")
