"""What the tools say of the whole code base: the same list that `make check` runs."""

import pytest

from tools import checks


@pytest.mark.parametrize("name", checks.CHECKS)
def test_the_tools_find_nothing(name: str) -> None:
    done = checks.run(name, capture=True)

    assert done.returncode == 0, done.stdout + done.stderr
