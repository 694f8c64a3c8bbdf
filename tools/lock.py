"""`python tools/lock.py [--upgrade]`: resolves pyproject.toml into requirements/*.txt: hashed, no address in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETS: dict[str, list[str]] = {"base": [], "demo": ["demo"], "dev": ["demo", "dev"]}


def main(options: list[str]) -> int:
    """Resolves each set; versions already locked stay unless --upgrade is given. Answers the exit status."""
    for name, extras in SETS.items():
        target = Path("requirements") / f"{name}.txt"
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "pyproject.toml", "--universal"]
        command += ["--python-version", "3.11", "--generate-hashes", "--no-header", "--output-file", str(target)]
        for extra in extras:
            command += ["--extra", extra]
        if subprocess.run([*command, *options], cwd=ROOT, check=False).returncode:
            return 1
        if "://" in (ROOT / target).read_text():
            print(f"{target} holds an address; it must not", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
