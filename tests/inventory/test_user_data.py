"""User data templates: a text with placeholders, made for a place, or refused with all that is wrong."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as some

from apps.events.models import Event
from apps.inventory.models import Application, Environment, UserData
from apps.inventory.selectors.user_data import spots
from apps.inventory.services import read_user_data, render_user_data, set_user_data
from apps.inventory.user_data import MOST_BYTES, Identity, Template, Unrenderable, known
from apps.inventory.user_data.identity import EXPORTS, NAMES, PREFIX
from apps.inventory.user_data.language import escaped, holes
from apps.inventory.user_data.leaks import suspects
from apps.inventory.user_data.lines import counted, side_by_side

WHO = Identity.of("prod", "222222222222", "us-east-1", "api-prod-blue").launching(
    "ami-1", {"version": "4.2.0", "commit": "0b6a2cd", "build": "7"}
)
texts = some.text(some.characters(codec="utf-8", exclude_characters="\0"), max_size=200)
names = some.sampled_from(NAMES)


def render(text: str, identity: Identity = WHO, **more: Any) -> str:
    return Template(1, text, **more).render(identity)


@given(texts.filter(str.strip))
def test_what_is_no_placeholder_comes_out_to_the_letter(text: str) -> None:
    assert render(escaped(text)) == text


@given(some.lists(some.tuples(texts, names), min_size=1, max_size=5), texts)
def test_each_placeholder_is_replaced_and_all_else_stands(parts: list[tuple[str, str]], rest: str) -> None:
    text = "".join(f"{escaped(before)}${{{name}}}" for before, name in parts) + escaped(rest)
    expected = "".join(f"{before}{WHO.values[name]}" for before, name in parts) + rest
    assert [hole.name for hole in holes(text)] == [name for _, name in parts]
    if expected.strip():
        assert render(text) == expected


@given(texts, texts.filter(str.strip))
def test_a_value_is_never_read_again(value: str, around: str) -> None:
    made = render(f"{escaped(around)}${{OWN}}", variables={"prod": {"OWN": value}})
    assert made == f"{around}{value}"


@given(texts)
def test_whatever_is_written_is_rendered_or_refused_and_nothing_else_happens(text: str) -> None:
    right = text.strip() and all(hole.closed and hole.name in {*NAMES, PREFIX, EXPORTS} for hole in holes(text))
    try:
        made = render(text)
    except Unrenderable:
        made = ""
    assert bool(made) == bool(right)


def test_a_lone_dollar_is_the_machines_own() -> None:
    assert render("echo $HOME $(date) $1 $") == "echo $HOME $(date) $1 $"
    assert render("echo $${HOME} costs 5$$") == "echo ${HOME} costs 5$"


def test_multi_part_and_cloud_config_stay_as_they_are() -> None:
    text = 'Content-Type: multipart/mixed; boundary="x"\r\nMIME-Version: 1.0\r\n\r\n--x\r\n#cloud-config\r\n--x--\r\n'
    assert render(text) == text
    made = render("#cloud-config\nwrite_files:\n- content: |\n    ${exports}\n  path: /etc/identity\n")
    assert all(line.startswith("    export ") for line in made.splitlines()[3:-1])
    assert made.endswith("\n  path: /etc/identity\n")


def test_unknown_names_are_told_with_their_lines_and_what_is_known() -> None:
    with pytest.raises(Unrenderable) as refused:
        render("a\n${HOME}\n${colour}${HOME", variables={"test": {"LEVEL": "x"}})
    unclosed, unknown = refused.value.problems
    assert unclosed == "Line 3: ${ has no }. Write $${ where the text itself shall hold it."
    assert unknown.startswith("Not known: ${HOME} in line 2, ${colour} in line 3. Known are environment, account, ")
    assert "LEVEL. Write $${HOME}" in unknown
    with pytest.raises(Unrenderable, match="LEVEL has no value in prod"):
        render("${LEVEL}", variables={"test": {"LEVEL": "x"}})


def test_no_more_than_aws_takes_comes_out() -> None:
    assert len(render("é" * (MOST_BYTES // 2)).encode()) == MOST_BYTES
    with pytest.raises(Unrenderable, match=r"It comes out as 16387 bytes; AWS takes 16384 at most\."):
        render("x" * (MOST_BYTES - 1) + "${environment}")
    with pytest.raises(Unrenderable, match="empty"):
        render("${OWN}", variables={"prod": {"OWN": " "}})


@pytest.mark.parametrize("version", ["$(reboot)", "`id`", "a\nb", "it's", 'a"b', "a\\"])
def test_what_a_tag_tells_cannot_carry_out_anything(version: str) -> None:
    who = WHO.launching("ami-1", {"version": version})
    with pytest.raises(Unrenderable, match="The version that the AMI's tags tell holds"):
        render("export V=${version}", who)
    assert "export VERSION=" in render("${exports}", who)  # quoted there


@given(some.text(some.characters(codec="utf-8", exclude_characters="\0\n\r"), max_size=40))
def test_exports_are_quoted(value: str) -> None:
    made = render("${exports}", prefix="CLOUD_", variables={"prod": {"OWN": value}})
    lines = dict(shlex.split(line)[1].split("=", 1) for line in made.split("\n"))
    assert lines["OWN"] == value
    assert (lines["CLOUD_CLUSTER"], lines["CLOUD_DETAIL"]) == ("api-prod-blue", "blue")


def test_a_shell_takes_the_exports() -> None:
    made = render("#!/bin/sh\n${exports}\n", prefix="CLOUD_", variables={"prod": {"OWN": "it's $HOME"}})
    script = f'{made}printf "%s|%s" "$CLOUD_VERSION" "$OWN"'
    assert subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True).stdout == b"4.2.0|it's $HOME"


def test_asgards_variables_come_out_of_the_template_that_the_documentation_has() -> None:
    page = Path("docs/reference/from-asgard.md").read_text()
    text = page.split("```sh\n")[1].split("```")[0]
    made = dict(
        line.removeprefix("export ").split("=", 1) for line in render(text, prefix="CLOUD_").splitlines() if "=" in line
    )
    assert {"CLOUD_ENVIRONMENT", "CLOUD_APP", "CLOUD_STACK", "CLOUD_CLUSTER", "EC2_REGION"} < set(made)
    assert {"CLOUD_MONITOR_BUCKET", "CLOUD_APP_GROUP", "CLOUD_AUTO_SCALE_GROUP", "CLOUD_LAUNCH_CONFIG"} < set(made)
    assert (made["CLOUD_APP"], made["EC2_REGION"]) == ("api", "us-east-1")


def test_what_looks_like_a_secret_is_told_without_it() -> None:
    text = "DB_PASSWORD=hunter2\nDB_PASSWORD=${DB_PASSWORD}\nTOKEN=/prod/token\nurl=https://me:hush@example.com\n"
    found = suspects(Template(1, text, {"prod": {"API_KEY": "hush", "SECRET_ARN": "arn:aws:secretsmanager:x"}}))
    assert found == (
        "Line 1 gives DB_PASSWORD a value, which looks like a secret.",
        "Line 4 holds what looks like a key or a password.",
        "API_KEY in prod looks like a secret.",
    )
    assert suspects(Template(1, "#!/bin/sh\nexport A=1\n${exports}\necho token\n")) == ()


def test_two_texts_stand_beside_each_other() -> None:
    rows = side_by_side("a\nb\nc\nd", "a\nB\nd\ne")
    assert [row.kind for row in rows] == ["same", "changed", "removed", "same", "added"]
    assert counted("a\nb\nc\nd", "a\nB\nd\ne").words == "2 lines come, 2 go"
    assert counted("a", "a\nb").words == "1 line comes"
    assert not counted("a", "a")


@given(texts, texts)
def test_both_texts_can_be_read_out_of_the_rows(before: str, after: str) -> None:
    rows = side_by_side(before, after)
    assert [row.before for row in rows if row.before_number] == before.splitlines()
    assert [row.after for row in rows if row.after_number] == after.splitlines()


def test_every_variable_is_known_once_and_explained() -> None:
    listed = [each.name for each in known()]
    assert listed == [*NAMES, PREFIX, EXPORTS]
    assert all(each.about for each in known())


@pytest.fixture
def application(db: None) -> Application:
    for name, account in (("test", "111111111111"), ("prod", "222222222222")):
        Environment.objects.create(name=name, account_id=account, regions=["us-east-1"], production=name == "prod")
    return Application.objects.create(name="api")


def put(*, reason: str = "because", **values: Any) -> UserData:
    return set_user_data("api", values, actor="ada", reason=reason)


def test_every_version_is_kept_and_what_is_not_given_stays(application: Application) -> None:
    put(text="${exports} ${LEVEL}", variables={"test": {"LEVEL": "debug"}, "prod": {"LEVEL": "warn"}})
    second = put(variables={"prod": {"LEVEL": "error"}}, reason="too loud")
    assert (second.number, second.reason, second.actor, second.prefix) == (2, "too loud", "ada", "CLOUD_")
    assert second.variables == {"test": {"LEVEL": "debug"}, "prod": {"LEVEL": "error"}}
    assert put(prefix="CLOUD_").number == 2  # nothing changed
    assert put(text="").number == 3  # taken away
    told = Event.objects.filter(kind="application.user_data_changed").order_by("pk")
    assert [event.summary.split("(")[0].split(":")[0].strip() for event in told] == [
        "ada gave api a user data template",
        "ada changed variables of the user data template of api",
        "ada took the user data template of api away",
    ]
    assert "debug" not in "".join(f"{event.before}{event.after}" for event in told)


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"text": "${colour}"}, "text", r"Not known: \$\{colour\} in line 1.*For test/us-east-1/api"),
        ({"text": "x" * 16_385}, "text", "16385 bytes"),
        ({"text": "  \n"}, "text", "It is blank"),
        ({"text": "#!/bin/sh\r\ntrue\r\n"}, "text", "CR LF"),
        ({"text": "${LEVEL}", "variables": {"test": {"LEVEL": "x"}}}, "text", "LEVEL has no value in prod"),
        ({"text": "x", "prefix": "1-"}, "prefix", "A prefix is letters"),
        ({"text": "x", "variables": {"live": {"A": "b"}}}, "variables.live", "known are prod, test"),
        ({"text": "x", "variables": {"prod": {"a-b": "c"}}}, "variables.prod", "'a-b' is no name"),
        ({"text": "x", "variables": {"prod": {"group": "c"}}}, "variables.prod", "has a meaning already"),
        ({"text": "x", "variables": {"prod": {"CLOUD_GROUP": "c"}}}, "variables.prod", "has a meaning already"),
        ({"text": "x", "variables": {"prod": {"A": "b\nc"}}}, "variables.prod", "not one line"),
        ({"text": "x", "reason": " "}, "reason", "Say why"),
        ({"colour": "x"}, "colour", "There is no field"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_nothing_is_written(
    application: Application, values: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        put(**values)
    assert list(refused.value.message_dict) == [field]
    with pytest.raises(ValidationError, match=words):
        put(**values)
    assert not UserData.objects.exists()


def test_a_version_written_meanwhile_is_not_written_over(application: Application) -> None:
    put(text="one")
    with pytest.raises(ValidationError, match=r"changed meanwhile by ada \(because\)"):
        set_user_data("api", {"text": "two"}, actor="bob", reason="x", seen=0)
    assert set_user_data("api", {"text": "two"}, actor="bob", reason="x", seen=1).number == 2


def test_each_look_is_recorded(application: Application) -> None:
    put(text="export E=${environment} A=${account}")
    assert read_user_data(application, None, actor="oscar").text.startswith("export")
    place = spots(application)[0]
    assert (place.environment, place.identity.group) == ("test", "api-v000")
    assert render_user_data(application, place, actor="oscar").text == "export E=test A=111111111111"
    told = Event.objects.filter(kind="user_data.read").order_by("pk").values_list("actor", "environment", "cluster")
    assert list(told) == [("oscar", "", ""), ("oscar", "test", "api")]
    with pytest.raises(UserData.DoesNotExist):
        read_user_data(application, 9, actor="oscar")
