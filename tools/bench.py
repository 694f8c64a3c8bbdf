"""`python tools/bench.py [NAME ...]`: runs the benchmarks, one program each in benchmarks/, and shows their numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(names: list[str]) -> int:
    """Runs the named benchmarks, or all; answers 1 when one failed or none was found."""
    programs = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    chosen = [path for path in programs if not names or path.stem.removeprefix("bench_") in names]
    if not chosen:
        known = ", ".join(path.stem.removeprefix("bench_") for path in programs) or "none yet"
        print(f"No such benchmark. Known: {known}", file=sys.stderr)
        return 1
    status = 0
    for path in chosen:
        print(f"== {path.stem.removeprefix('bench_')}", flush=True)
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        status |= bool(subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=False).returncode)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
