"""When a recurrence is due, in its own time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.localcloud.autoscaling.cron import parse

FROM = datetime(2026, 11, 27, 20, 30, 15, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("recurrence", "due"),
    [
        ("* * * * *", "2026-11-27T20:31"),
        ("30 20 * * *", "2026-11-28T20:30"),
        ("*/20 * * * *", "2026-11-27T20:40"),
        ("0 9-17/4 * * *", "2026-11-28T09:00"),
        ("0 8 * * MON-FRI", "2026-11-30T08:00"),
        ("0 8 * * 7", "2026-11-29T08:00"),
        ("0 0 1 1,6,12 *", "2026-12-01T00:00"),
        ("0 0 13 * 5", "2026-12-04T00:00"),
        ("0 0 29 2 *", "2028-02-29T00:00"),
    ],
)
def test_a_recurrence_is_due_next(recurrence: str, due: str) -> None:
    assert parse(recurrence).after(FROM, UTC) == datetime.fromisoformat(f"{due}+00:00")


def test_a_time_zone_moves_it_also_over_the_change_of_summer_time() -> None:
    zone, at_nine = ZoneInfo("Europe/Berlin"), parse("0 9 * * *")
    assert at_nine.after(FROM, zone) == datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
    assert at_nine.after(datetime(2026, 3, 29, 0, 0, tzinfo=UTC), zone) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


def test_what_never_comes_is_never_due() -> None:
    assert parse("0 0 31 2 *").after(FROM, UTC) is None


@pytest.mark.parametrize("wrong", ["* * * *", "60 * * * *", "5-1 * * * *", "* * * * XYZ", "*/0 * * * *", "*/x * * * *"])
def test_what_is_no_recurrence_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="'"):
        parse(wrong)
