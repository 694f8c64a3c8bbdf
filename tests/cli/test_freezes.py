"""`freezes`: what is asked of the console, and how freezes look."""

from tests.cli.conftest import Answer, Pretended, Shell

ON = {
    "id": 5,
    "state": "on",
    "sentence": "Prod is frozen until 27 Dec 2026 08:00 Europe/Berlin (07:00 UTC) by maria: Christmas.",
    "environment": "prod",
    "application": "",
    "cluster": "",
    "starts_at_local": "2026-12-24T18:00:00+01:00",
    "ends_at_local": "2026-12-27T08:00:00+01:00",
    "zone": "Europe/Berlin",
    "actor": "maria",
    "reason": "Christmas",
}


def test_those_on_and_to_come_are_listed_in_their_own_time(console: Pretended, run: Shell) -> None:
    later = {**ON, "id": 6, "state": "to-come", "environment": "", "cluster": "api-prod"}
    console.answers("GET", "freezes/?state=on", Answer({"results": [ON], "next": None}))
    console.answers("GET", "freezes/?state=to-come", Answer({"results": [later], "next": None}))

    assert run("freezes", "list").out.splitlines() == [
        "5\ton\tprod\t2026-12-24T18:00\t2026-12-27T08:00\tEurope/Berlin\tmaria\tChristmas",
        "6\tto come\tapi-prod\t2026-12-24T18:00\t2026-12-27T08:00\tEurope/Berlin\tmaria\tChristmas",
    ]


def test_all_of_one_environment_are_one_list(console: Pretended, run: Shell) -> None:
    console.answers("GET", "freezes/?environment=prod", Answer({"results": [], "next": None}))
    done = run("freezes", "list", "--all", "--env", "prod")
    assert (done.status, done.out) == (0, "")
    assert "Nothing is frozen" in done.err


def test_one_is_made_of_what_the_command_says(console: Pretended, run: Shell) -> None:
    console.answers("POST", "freezes/", Answer(ON, 201))

    done = run(
        "freezes", "create", "--until", "2026-12-27T08:00", "--zone", "Europe/Berlin", "--env", "prod",
        "--reason", "Christmas",
    )  # fmt: skip

    assert done.out.startswith("Freeze 5, on: Prod is frozen until 27 Dec 2026 08:00 Europe/Berlin")
    assert console.posted() == [
        {
            "ends_at": "2026-12-27T08:00",
            "starts_at": None,
            "zone": "Europe/Berlin",
            "environment": "prod",
            "application": "",
            "cluster": "",
            "reason": "Christmas",
        }
    ]


def test_ending_one_needs_a_reason(console: Pretended, run: Shell) -> None:
    console.answers("POST", "freezes/5/end/", Answer({**ON, "state": "over"}))
    assert run("freezes", "end", "5").status == 2
    assert run("freezes", "end", "5", "--reason", "all is well").out == "Freeze 5 is over.\n"
    assert console.posted() == [{"reason": "all is well"}]
