"""`apps user-data`: shown, written, read and compared."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Answer, Pretended, Shell

PATH = "applications/api/user-data/"
SHOWN = {
    "version": 2,
    "actor": "ada",
    "created_at": "2026-11-29T08:00:00Z",
    "reason": "identity",
    "bytes": 40,
    "prefix": "CLOUD_",
    "variable_names": {"prod": ["LEVEL"]},
    "warnings": ["API_KEY in prod looks like a secret."],
    "places": [
        {
            "environment": "prod",
            "region": "us-east-1",
            "cluster": "api-prod",
            "bytes": 61,
            "digest": "ab12cd34",
            "problem": "",
        }
    ],
}


def test_it_shows_what_everybody_may_know(console: Pretended, run: Shell) -> None:
    console.answers("GET", PATH, Answer(SHOWN))
    done = run("apps", "user-data", "show", "api")
    assert "variables in prod\tLEVEL" in done.out
    assert "prod/us-east-1/api-prod\t61 bytes\tab12cd34" in done.out
    assert "looks like a secret" in done.err
    console.answers("GET", f"{PATH}versions/", Answer({"results": [SHOWN], "next": None}))
    assert run("apps", "user-data", "versions", "api").out == "2\t2026-11-29T08:00:00Z\tada\t40\tidentity\n"


def test_a_version_is_written_from_a_file_with_the_variables_of_environments(
    console: Pretended, run: Shell, tmp_path: Path
) -> None:
    console.answers("PATCH", PATH, Answer(SHOWN))
    (tmp_path / "user-data.sh").write_bytes(b"#!/bin/sh\r\n${exports}\n")
    given = ("--file", str(tmp_path / "user-data.sh"), "--variable", "prod:LEVEL=a=b", "--variables", "test")
    assert run("apps", "user-data", "set", "api", *given, "--reason", "identity").status == 0
    assert console.asked[-1].body == {
        "text": "#!/bin/sh\r\n${exports}\n",
        "variables": {"prod": {"LEVEL": "a=b"}, "test": {}},
        "reason": "identity",
    }
    assert run("apps", "user-data", "set", "api", "--file", "", "--reason", "no more").status == 0
    assert console.asked[-1].body == {"text": "", "reason": "no more"}


def test_what_cannot_be_understood_is_not_sent(console: Pretended, run: Shell) -> None:
    for given in ((), ("--variable", "LEVEL=x"), ("--variable", "prod:LEVEL"), ("--file", "/no/such/file")):
        told = run("apps", "user-data", "set", "api", *given, "--reason", "x")
        assert (told.status, "Errno" in told.err) == (2, False)
    assert run("apps", "user-data", "set", "api", "--prefix", "A_").status == 2
    assert run("apps", "user-data", "diff", "api", "prod", "test").status == 2
    assert console.asked == []


def test_it_is_read_rendered_and_compared(console: Pretended, run: Shell) -> None:
    console.answers("POST", f"{PATH}read/", Answer({"text": "a ${group}\n", "version": 2}))
    assert run("apps", "user-data", "read", "api", "--version", "2").out == "a ${group}\n"
    test, prod = Answer({"text": "a\nlevel debug\n"}), Answer({"text": "a\nlevel warn\n"})
    console.answers("POST", f"{PATH}render/", test, test, prod)
    place = ("--env", "test", "--region", "us-east-1", "--cluster", "api-test")
    assert run("apps", "user-data", "render", "api", *place).out == "a\nlevel debug\n"
    found = run("apps", "user-data", "diff", "api", "test/us-east-1/api-test", "prod/us-east-1/api-prod").out
    assert "-level debug\n+level warn\n" in found
    assert console.posted()[-1] == {
        "environment": "prod",
        "region": "us-east-1",
        "cluster": "api-prod",
        "version": None,
        "image": "",
    }
