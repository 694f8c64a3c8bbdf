"""`python tools/bench.py [NAME ...]`: runs the benchmarks, one program each in benchmarks/, and shows their numbers.

A benchmark says in its last lines which of its goals it missed; the status is 1 then, and the last line names them all.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(names: list[str]) -> int:
    """Runs the named benchmarks, or all; answers 1 when one failed or missed a goal, or none was found."""
    programs = {path.stem.removeprefix("bench_"): path for path in sorted((ROOT / "benchmarks").glob("bench_*.py"))}
    chosen = [name for name in programs if not names or name in names]
    if not chosen:
        print(f"No such benchmark. Known: {', '.join(programs) or 'none yet'}", file=sys.stderr)
        return 1
    bad = []
    for name in chosen:
        print(f"== {name}", flush=True)
        module = f"benchmarks.{programs[name].stem}"
        if subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=False).returncode:
            bad.append(name)
    if bad:
        print(f"Missed a goal, or failed: {', '.join(bad)}", flush=True)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
