"""The steps of a bake on the lite cloud: what goes well, what fails, and that nothing is left then."""

from __future__ import annotations

from typing import Any

import pytest

from apps.cloud.aws import session
from apps.events.models import Event
from apps.images.models import Bake, BakedImage
from apps.images.services import cancel_bake
from apps.inventory.models import Image
from apps.workflows.models import Attempt
from tests.faults.workers import carry_on, look
from tests.images.kitchen import REGIONS, Kitchen, dying, ended, says
from tests.world import wait_for

COPIES = REGIONS[1:]


def test_a_bake_makes_one_image_with_its_tags_and_copies_and_ends_its_builder(kitchen: Kitchen) -> None:
    made = kitchen.started(copies=COPIES)
    run = ended(made)
    assert (run.state, run.failure) == ("succeeded", "")
    assert kitchen.instances() == []
    images = BakedImage.objects.filter(bake=made).order_by("id")
    assert [each.region for each in images] == REGIONS
    made.refresh_from_db()
    for each in images:
        (image,) = kitchen.own_images(each.region)
        tags = {tag["Key"]: tag["Value"] for tag in image["Tags"]}
        assert (image["ImageId"], image["Name"], image["State"]) == (each.image_id, made.image_name, "available")
        assert tags == {
            "Name": made.image_name,
            "application": "api",
            "version": "1.0.0",
            "package": "api",
            "base_image": kitchen.base.image_id,
            "base_name": "plain",
            "base_version": "1",
            "creator": "cook",
            "created_at": made.created_at.isoformat(timespec="seconds"),
            "deployconsole:run": str(run.pk),
        }
        row = Image.objects.get(image_id=each.image_id, region=each.region)
        assert (row.application, row.version, row.source) == ("api", "1.0.0", "owned")
    assert made.builder.startswith("i-")
    assert made.manifest is not None
    kinds = list(Event.objects.filter(run=run.pk).order_by("id").values_list("kind", flat=True))
    told = ["bake.requested", "builder.launched", "image.created", "builder.terminated", "image.copied", "image.baked"]
    assert [kind for kind in dict.fromkeys(kinds) if not kind.startswith("run.")] == told


def test_while_it_waits_it_says_what_the_builder_does(kitchen: Kitchen) -> None:
    made = kitchen.started()
    says(made)
    waits: list[str] = []

    def installing() -> bool:
        waits.append(made.run.says)
        return "is starting (running)" in made.run.says

    carry_on(made, installing)
    assert waits[-1].startswith("The builder i-")


def test_a_failure_is_told_in_the_builders_words_and_its_log_is_kept(kitchen: Kitchen) -> None:
    made = kitchen.started()
    words = "ERROR: No matching distribution found for api==1.0.0"
    says(made, "begin", "step install", "log-bytes 99999", f"says {words}", "failed install 1")
    run = ended(made)
    assert run.state == "undone"
    assert run.failure == f"The package could not be installed (status 1). The builder says: {words}"
    made.refresh_from_db()
    assert made.log_cut > 90_000, "what is lost of the log is told"
    kitchen.nothing_is_left()


def test_of_what_the_builder_says_the_error_comes_first_and_the_rest_after_what_headlines_show(
    kitchen: Kitchen,
) -> None:
    made = kitchen.started()
    why = "ERROR: No matching distribution found for api==1.0.0"
    said = ("ERROR: No such version (from versions: 0.9)", why, "[notice] A new release of pip is there")
    says(made, "begin", "step install", *(f"says {line}" for line in said), "failed install 1")
    run = ended(made)
    headline, _, rest = run.failure.partition("; ")
    assert headline == f"The package could not be installed (status 1). The builder says: {why}"
    assert rest == f"it also says: {said[0]} / {said[2]}"


@pytest.mark.parametrize("lines", [("begin", "step install"), ()])
def test_a_builder_that_never_finishes_is_given_up_in_time(lines: tuple[str, ...], kitchen: Kitchen) -> None:
    made = kitchen.started(timeout_seconds=60)
    says(made, *lines)
    run = ended(made)
    assert run.state == "undone"
    assert ("stopped" in run.failure) if lines else ("was given up after 1 min" in run.failure)
    kitchen.nothing_is_left()


def test_the_word_of_another_bake_is_no_success(kitchen: Kitchen) -> None:
    made = kitchen.started(timeout_seconds=60)
    nonce, made.nonce = made.nonce, "f" * 32
    says(made, "begin", "ok")
    made.nonce = nonce
    assert ended(made).state == "undone"
    kitchen.nothing_is_left()


def test_a_builder_that_somebody_terminates_fails_the_bake(kitchen: Kitchen) -> None:
    made = kitchen.started()
    says(made)
    carry_on(made, lambda: made.run.position == 1)
    (machine,) = kitchen.instances()
    kitchen.ec2().terminate_instances(InstanceIds=[machine["InstanceId"]])
    run = ended(made)
    assert run.state == "undone"
    assert (
        run.failure == f"The builder {machine['InstanceId']} was terminated before it was done, by somebody or by AWS."
    )
    kitchen.nothing_is_left()


def test_a_builder_that_aws_does_not_show_once_is_terminated_all_the_same(kitchen: Kitchen) -> None:
    made, real, looks = kitchen.started(), session._send, []
    end = made.run.steps.get(kind="end-builder").position
    carry_on(made, lambda: made.run.position == end)

    def send(target: Any, service: str, called: str, *rest: Any, **how: Any) -> Any:
        looks.append(called)
        return {"Reservations": []} if looks == ["DescribeInstances"] else real(target, service, called, *rest, **how)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(session, "_send", send)
        assert ended(made).state == "succeeded"
    assert kitchen.instances() == []


def test_an_image_that_aws_fails_to_make_is_removed_with_all_else(kitchen: Kitchen) -> None:
    made = kitchen.started()
    kitchen.fault("create_fails")
    run = ended(made)
    assert run.state == "undone"
    assert "is failed. AWS says: Server.InternalError" in run.failure
    kitchen.nothing_is_left()


def test_a_copy_that_fails_in_one_region_undoes_all_and_names_the_region(kitchen: Kitchen) -> None:
    made = kitchen.started(copies=COPIES)
    kitchen.fault("copy_fails:eu-west-1")
    run = ended(made)
    assert run.state == "undone"
    assert run.failure.startswith("A copy failed. ami-")
    assert "in eu-west-1 is failed. AWS says:" in run.failure
    assert "ap-south-1" not in run.failure
    assert not BakedImage.objects.filter(deleted_at__isnull=True).exists()
    kitchen.nothing_is_left()


@pytest.mark.parametrize("step", range(8))
def test_cancelled_at_any_step_nothing_is_left(step: int, kitchen: Kitchen) -> None:
    made = kitchen.started(copies=COPIES)
    carry_on(made, lambda: made.run.position >= step)
    cancel_bake(made.pk, actor="ann", reason="a mistake")
    run = ended(made)
    assert run.state == ("cancelled" if step == 0 else "undone")
    kitchen.nothing_is_left()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", ["RunInstances", "CreateImage", "TerminateInstances", "CopyImage"])
def test_a_worker_killed_at_a_call_leaves_one_image_and_nothing_else(call: str, after: bool, kitchen: Kitchen) -> None:
    made = kitchen.started(copies=COPIES)
    with dying(call, after=after) as calls:
        run = ended(made)
    assert call in calls
    assert (run.state, run.failure) == ("succeeded", "")
    for region in REGIONS:
        assert [image["Name"] for image in kitchen.own_images(region)] == [made.image_name]
    assert kitchen.instances() == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", ["DeregisterImage", "DeleteSnapshot", "TerminateInstances"])
def test_a_worker_killed_while_it_undoes_leaves_nothing(call: str, after: bool, kitchen: Kitchen) -> None:
    made = kitchen.started(copies=COPIES)
    kitchen.fault("copy_fails")
    with dying(call, after=after) as calls:
        run = ended(made)
    assert call in calls
    assert run.state == "undone"
    kitchen.nothing_is_left()


@pytest.mark.parametrize("call", ["RunInstances", "CreateImage", "CopyImage"])
def test_killed_and_then_cancelled_nothing_is_left(call: str, kitchen: Kitchen) -> None:
    made = kitchen.started(copies=COPIES)
    with dying(call, after=True) as calls:
        while call not in calls:
            look(made.run)
        cancel_bake(made.pk, actor="ann", reason="a mistake")
        run = ended(made)
    assert run.state == "undone"
    kitchen.nothing_is_left()


@pytest.mark.parametrize(
    ("action", "says_"),
    [("ec2:RunInstances", "RunInstances"), ("ec2:CreateImage", "CreateImage"), ("ec2:CopyImage", "eu-west-1")],
)
def test_what_the_role_may_not_do_is_said(action: str, says_: str, kitchen: Kitchen, granted: Any) -> None:
    made = kitchen.started(copies=COPIES)
    granted(without=action)
    run = ended(made)
    assert run.state == "undone"
    assert says_ in run.failure
    assert action in run.failure
    kitchen.nothing_is_left()


def test_every_changing_call_is_kept_with_its_attempt(kitchen: Kitchen) -> None:
    made = kitchen.started()
    ended(made)
    kept = [call["operation"] for attempt in Attempt.objects.order_by("id") for call in attempt.log]
    assert [name for name in kept if not name.startswith("Describe")] == [
        "RunInstances",
        "CreateImage",
        "TerminateInstances",
    ]


def test_a_bake_that_was_done_keeps_its_images_when_its_run_is_looked_at_again(kitchen: Kitchen) -> None:
    made = kitchen.started()
    ended(made)
    look(made.run)
    wait_for(lambda: len(kitchen.own_images()) == 1, "the image to stand")
    assert Bake.objects.get().images.count() == 1
