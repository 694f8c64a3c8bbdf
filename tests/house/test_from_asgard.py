"""Whoever comes from Asgard finds each thing that it could do named: where it is here, or why it is not."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "from-asgard.md"


def listed() -> list[tuple[str, str]]:
    """Asgard's operations, each with the words by which the page names it."""
    lines = (HERE / "asgard_operations.txt").read_text().splitlines()
    found = [line.partition(": ") for line in lines if line and not line.startswith("#")]
    assert all(words for _, _, words in found)
    return [(operation, words) for operation, _, words in found]


@pytest.mark.parametrize(("operation", "words"), listed())
def test_each_operation_of_asgard_is_named(operation: str, words: str) -> None:
    page = " ".join(PAGE.read_text().split())
    assert words in page, f"{PAGE.name} does not say what became of: {operation}"


def test_each_operation_is_listed_once_and_answered_where_it_stands_in_a_table() -> None:
    operations = [operation for operation, _ in listed()]
    assert len(operations) == len(set(operations)) > 60
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    assert all(len(row.strip("|").split(" | ")) == 2 for row in rows if "---" not in row)
