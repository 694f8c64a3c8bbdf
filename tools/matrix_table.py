"""The matrix as tables: operation x fault with counts, and how the runs ended."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- matrix: begin (make matrix writes this) -->", "<!-- matrix: end -->"

Result = dict[str, Any]


def summary(results: list[Result]) -> str:
    """How the runs ended, a line for each way."""
    ends = Counter(_ended(result) for result in results)
    return "\n".join(f"{count:5} {ended}" for ended, count in sorted(ends.items()))


def table(results: list[Result]) -> str:
    """Rows are operations, columns faults; a count, and how many failed if any did."""
    counts = Counter((_operation(result), _fault(result)) for result in results)
    failed = Counter((_operation(result), _fault(result)) for result in results if result["failures"])
    faults = sorted({fault for _, fault in counts})
    lines = [f"| | {' | '.join(faults)} | all |", f"|---|{'---:|' * (len(faults) + 1)}"]
    for operation in sorted({operation for operation, _ in counts}):
        row = [counts[operation, fault] for fault in faults]
        cells = [_cell(counts[operation, fault], failed[operation, fault]) for fault in faults]
        lines.append(f"| {operation} | {' | '.join(cells)} | {sum(row)} |")
    return "\n".join(lines)


def write(page: Path, results: list[Result]) -> None:
    """Puts table and summary between the marks of a page. Raises ValueError when it has none."""
    before, begun, rest = page.read_text().partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise ValueError(f"{page} lacks the marks {BEGIN} and {END}")
    failed = sum(bool(result["failures"]) for result in results)
    line = f"{len(results)} cells: {len(results) - failed} passed, {failed} failed."
    ends = "\n".join(f"- {line.strip()}" for line in summary(results).splitlines())
    page.write_text(f"{before}{BEGIN}\n{line}\n\n{table(results)}\n\n{ends}\n{END}{after}")


def _operation(result: Result) -> str:
    return str(result["cell"]).split(":")[0]


def _fault(result: Result) -> str:
    return str(result["cell"]).rsplit(":", 1)[1]


def _ended(result: Result) -> str:
    return f"{result['ended']}{', after a person let it go on' if result['asked'] else ''}"


def _cell(count: int, failed: int) -> str:
    return f"{count} ({failed} failed)" if failed else str(count or "")
