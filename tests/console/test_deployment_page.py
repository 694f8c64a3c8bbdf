"""What the page of a deployment says: limits, the undo in its own words, what stands by after a rollback."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from apps.deployments.models import Deployment
from apps.events.services import record
from apps.inventory.models import Group, Image
from apps.workflows.models import Attempt, Run, Step
from apps.workflows.states import Phase, RunState, StepState
from tests.console import world


def page(client: Client, deployment: Deployment) -> str:
    """The page's text with white space folded."""
    return " ".join(client.get(f"/deployments/{deployment.pk}/").content.decode().split())


def test_a_step_with_a_limit_says_when_it_gives_up(operator: Client) -> None:
    world.moving()
    deployment = Deployment.objects.get()
    waits = Step.objects.get(run=deployment.run, kind="wait-healthy")
    assert "Gives up" not in page(operator, deployment)
    Step.objects.filter(pk=waits.pk).update(timeout_seconds=900)
    assert waits.started_at is not None
    at = timezone.localtime(waits.started_at + timedelta(seconds=900))
    assert f">{at:%H:%M:%S}</time> unless done" in page(operator, deployment)


def test_a_step_that_takes_longer_than_usual_says_so(operator: Client) -> None:
    world.moving()
    deployment = Deployment.objects.get()
    waits = Step.objects.filter(run=deployment.run, kind="wait-healthy")
    assert '<p class="small" hidden>' in page(operator, deployment)
    waits.update(started_at=timezone.now() - timedelta(seconds=200))
    text = page(operator, deployment)
    assert "<div hidden><svg" in text
    assert "longer than usual" in text


def test_the_undo_is_shown_in_its_own_order_and_words(operator: Client) -> None:
    world.moving()
    deployment, now = Deployment.objects.get(), timezone.now()
    Run.objects.filter(pk=deployment.run_id).update(state=RunState.UNDOING, phase=Phase.UNDO, position=0, says="")
    steps = Step.objects.filter(run=deployment.run)
    for step in steps.filter(position__lte=3):
        Step.objects.filter(pk=step.pk).update(params={"group": "api-prod-v013"}, undo_started_at=now)
    steps.filter(position__in=[1, 2, 3]).update(state=StepState.UNDONE, ended_at=now, says="taken back now")
    Attempt.objects.filter(step__kind="wait-healthy").update(says="5 of 7 healthy")
    create = steps.get(kind="create-group")
    Step.objects.filter(pk=create.pk).update(state=StepState.UNDOING, says="0 of 3 instances are drained.")
    text = page(operator, deployment)
    undo, forward = text.split('id="steps-title"')
    assert "Undo:" not in text
    assert undo.index("Give traffic to api-prod-v013 again") < undo.index("and delete it")
    assert "0 of 3 instances are drained." in undo
    assert "0 of 3 instances are drained." not in forward
    assert 'Take traffic from api-prod-v012 <span class="small soft">taken back</span>' in forward
    assert 'Wait until 7 of 7 are healthy <span class="small soft">nothing to take back</span>' in forward
    assert '<span class="small soft">being taken back</span>' in forward
    assert "5 of 7 healthy" in forward


def test_after_a_rollback_the_group_it_left_stands_by_and_a_push_leads_forward(operator: Client) -> None:
    built = world.build()
    old, new = built.image("4.1.9", days=9), built.image("4.2.0")
    back, left = built.group(12, old, healthy=2), built.group(13, new, healthy=2, attached=False)
    built.push(back, left)
    rolled = built.push(left, back, kind=Deployment.Kind.ROLLBACK)
    built.keep(left, rolled)
    text = page(operator, rolled)
    assert "v013 stands by and is deleted at the next push. To go forward again, push." in text
    assert 'href="/clusters/prod/us-east-1/api-prod/push/">Push…</a>' in text


def test_one_figure_for_how_long_it_took(operator: Client) -> None:
    settled = world.settled()
    pushed = Deployment.objects.latest("pk")
    began = pushed.created_at + timedelta(seconds=1)
    Run.objects.filter(pk=pushed.run_id).update(started_at=began, ended_at=began + timedelta(seconds=11.4))
    assert "after 11 s" in page(operator, pushed)
    assert "11 s</td>" in operator.get(settled.page).content.decode()


def test_headlines_and_lists_give_the_first_clause_and_the_step_all_of_it(operator: Client) -> None:
    built = world.moving()
    deployment = Deployment.objects.get()
    whole = "5 of 7 healthy; i-0ab is unhealthy in api-prod-tg: answers 503 on /health."
    Run.objects.filter(pk=deployment.run_id).update(says=whole)
    Step.objects.filter(run=deployment.run, kind="wait-healthy").update(says=whole)
    Attempt.objects.update(looks=1)
    text = page(operator, deployment)
    assert "Step 3 of 5: 5 of 7 healthy.</span>" in text
    assert text.count("i-0ab is unhealthy") == 1
    assert "i-0ab is unhealthy" not in operator.get(built.page).content.decode()
    assert "i-0ab is unhealthy" not in operator.get("/").content.decode()


def test_it_says_how_long_the_whole_is_expected_to_take_while_it_goes_on(operator: Client) -> None:
    world.moving()
    deployment = Deployment.objects.get()
    text = page(operator, deployment)
    assert "of about 1 min 7 s</p>" in text
    assert 'data-expected="67.0"' in text
    Run.objects.filter(pk=deployment.run_id).update(state=RunState.UNDOING, phase=Phase.UNDO)
    assert 'data-expected="67.0"' not in page(operator, deployment)


def test_where_no_earlier_run_tells_how_long_it_takes_nothing_is_guessed(operator: Client) -> None:
    world.moving()
    run = Deployment.objects.get().run
    run.steps.filter(kind="wait-healthy").update(expected_seconds=None)
    text = page(operator, Deployment.objects.get())
    assert "; no earlier run to compare with</p>" in text
    assert "of about" not in text
    Run.objects.filter(pk=run.pk).update(state=RunState.UNDOING, phase=Phase.UNDO)
    assert "no earlier run" not in page(operator, Deployment.objects.get())


def test_one_that_cannot_be_rolled_back_says_why(operator: Client) -> None:
    settled = world.settled()
    first = Deployment.objects.latest("pk")
    text = page(operator, first)
    assert "Roll back to v012</a>" in text
    assert "v012 stands by: you can roll back to it; what that does is shown first.</p>" in text
    before, after = settled.cluster.groups.order_by("name")
    last = settled.push(before, after)
    text = page(operator, first)
    assert "Roll back to" not in text
    assert f"Push {last.pk} came after push {first.pk}; only the last one can be rolled back.</p>" in text


def test_its_moment_can_be_read_and_its_ids_copied(operator: Client) -> None:
    world.settled()
    pushed = Deployment.objects.latest("pk")
    text = page(operator, pushed)
    assert f"{timezone.localtime(pushed.created_at):%a %d %b %Y, %H:%M:%S} UTC</time>" in text
    for copied in (pushed.from_group, pushed.to_group, pushed.from_image, pushed.to_image):
        assert f'data-copy="{copied}"' in text


def test_it_leads_to_its_cluster_and_to_those_of_its_groups_and_images_that_are_known(operator: Client) -> None:
    settled = world.settled()
    pushed = Deployment.objects.latest("pk")
    Group.objects.filter(name=pushed.from_group).update(gone_at=timezone.now())
    Image.objects.filter(image_id=pushed.from_image).delete()
    facts = page(operator, pushed).split('id="facts"', 1)[1]
    assert f'<a href="{settled.page}">api-prod, prod {world.REGION}</a>' in facts
    assert f'<a href="/images/{pushed.to_image}/">{pushed.to_image}</a>' in facts
    assert f'<a href="/groups/prod/{world.REGION}/{pushed.to_group}/">{pushed.to_group}</a>' in facts
    assert f'/{pushed.from_group}/"' not in facts
    assert f'/{pushed.from_image}/"' not in facts


def test_an_event_tells_when_it_happened_and_a_step_when_it_began_each_with_how_long_that_took(
    operator: Client,
) -> None:
    world.moving()
    deployment, now = Deployment.objects.get(), timezone.now()
    began = now - timedelta(seconds=48)
    record("group.resized", actor="maria", subject="v013", summary="Sized.", run=deployment.run_id, began_at=began)
    text = page(operator, deployment)
    assert re.search(rf">{timezone.localtime(began):%H:%M:%S}</time></span><span>Sized\. [^/]*took 48 s<", text)
    size = Step.objects.get(run=deployment.run, kind="size-group")
    assert size.started_at is not None
    at = timezone.localtime(size.started_at).isoformat(timespec="seconds")
    assert f'9 s <span class="step__from">from <time datetime="{at}' in text
