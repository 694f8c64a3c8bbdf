"""The page of one group: what it says from rows, and what it costs."""

from __future__ import annotations

import re

from django.test import Client
from django.utils import timezone

from apps.events.services import record
from apps.inventory.models import Group, Instance
from tests.console import world


def page(client: Client, name: str) -> str:
    """The page's text with white space folded."""
    answer = client.get(f"/groups/prod/{world.REGION}/{name}/")
    assert answer.status_code == 200, answer.content
    return " ".join(answer.content.decode().split())


def test_it_says_in_a_sentence_how_the_group_stands(operator: Client) -> None:
    world.settled()
    assert "api-prod-v013 serves: 4.2.0, 6 of 6 healthy." in page(operator, "api-prod-v013")
    assert "api-prod-v012 is kept for rollback until the next push: 4.1.9" in page(operator, "api-prod-v012")


def test_one_too_many_that_is_not_well_is_missed_on_every_page_alike(operator: Client) -> None:
    built = world.build()
    built.group(12, built.image("4.1.9"), healthy=4, failing=1)
    Group.objects.update(desired=4)
    for path in (built.page, f"/groups/prod/{world.REGION}/api-prod-v012/"):
        text = " ".join(operator.get(path).content.decode().split())
        assert 'class="sentence state--attend"' in text
        assert "4 of 5 healthy" in text
    for path in ("/", "/clusters/", "/applications/api/"):
        text = operator.get(path).content.decode()
        assert "serves, not complete" in text
        assert "4 of 5 healthy" in text


def test_the_cluster_page_leads_to_it(operator: Client) -> None:
    settled = world.settled()
    assert f'href="/groups/prod/{world.REGION}/api-prod-v013/">v013</a>' in operator.get(settled.page).content.decode()


def test_troubled_instances_come_first_with_their_reason_and_a_link_to_their_logs(operator: Client) -> None:
    built = world.build()
    built.application.log_link_template = "https://logs.example/{instance}?group={group}"
    built.application.save()
    group = built.group(12, built.image("4.2.0"), healthy=2, failing=1)
    text = page(operator, group.name)
    sick = Instance.objects.get(group=group, target_health__contains={built.target_group.arn: world.FAILING})
    rows = [part.split('"')[0] for part in text.split('<tr id="instance-')[1:]]
    assert rows[0] == sick.instance_id
    assert len(rows) == 3
    assert "answers 503 on /health" in text
    assert f'href="https://logs.example/{sick.instance_id}?group={group.name}"' in text


def test_what_is_offered_begins_with_what_risks_least_and_deleting_stands_last_and_apart(operator: Client) -> None:
    world.settled()
    text = page(operator, "api-prod-v013")
    head, _, menu = text[text.index('class="head__actions"') :].partition('id="further"')
    assert re.findall(r'id="action-([^"]*)"', head) == ["resize", "give-it-traffic", "take-its-traffic"]
    offered, line, last = menu.partition("</details>")[0].partition("<hr>")
    assert line
    assert re.findall(r'id="action-([^"]*)"', offered) == [
        "edit-settings",
        "create-the-next-group",
        "suspend-or-resume-processes",
    ]
    assert re.findall(r'id="action-([^"]*)"', last) == ["delete-the-group"]
    instance = Instance.objects.filter(group__name="api-prod-v013").earliest("pk").instance_id
    answer = operator.get(f"/instances/prod/{world.REGION}/{instance}/")
    found = re.findall(r'id="action-([^"]*)"', answer.content.decode())
    assert found == ["protect", "replace", "detach", "terminate"]


def test_it_shows_settings_tags_suspended_processes_and_what_happened(operator: Client) -> None:
    built = world.settled()
    Group.objects.filter(name="api-prod-v013").update(
        suspended={"AZRebalance": "User suspended at 2026-11-27T09:00:00Z"},
        details={"DefaultCooldown": 300},
        tags={"team": "api"},
        launch_template_name="api-prod",
        launch_template_version="7",
    )
    for subject, summary in (("api-prod-v013", "min raised from 2 to 6."), ("api-prod-v012", "taken out of traffic.")):
        where = {"environment": "prod", "region": world.REGION, "cluster": built.cluster.name}
        record("group.resized", actor="maria", subject=subject, summary=summary, **where)
    text = page(operator, "api-prod-v013")
    for told in ("AZRebalance", "User suspended at", "DefaultCooldown", "300", "api-prod, version 7", "By maria."):
        assert told in text
    assert "min raised from 2 to 6." in text
    assert "taken out of traffic" not in text


def test_it_says_who_suspended_a_process_and_what_happened_leads_to_its_deployment(operator: Client) -> None:
    built, name = world.settled(), "api-prod-v013"
    says = "User suspended at 2026-11-27T09:00:00Z"
    Group.objects.filter(name=name).update(suspended=dict.fromkeys(["AZRebalance", "HealthCheck", "Launch"], says))
    where = {"environment": "prod", "region": world.REGION, "cluster": built.cluster.name}
    pushed = built.cluster.deployments.latest("pk")
    for kind, process in (("suspended", "Launch"), ("resumed", "Launch"), ("suspended", "AZRebalance")):
        record(
            f"group.processes_{kind}",
            actor="jo",
            subject=name,
            summary=f"{process} {kind}",
            reason="it is looked at",
            after={"suspended": [process]},
            run=pushed.run_id,
            **where,
        )
    text = page(operator, name)
    part = text[text.index('id="suspended"') :]
    assert re.search(r"<dt>AZRebalance</dt><dd>by jo, <time[^>]*>[^<]*</time>: it is looked at</dd>", part)
    assert re.search(r"<dt>HealthCheck, Launch</dt><dd>User suspended at <time[^>]*>", part)  # the latter since resumed
    assert f'AZRebalance suspended. By jo. <a href="/deployments/{pushed.pk}/">Deployment {pushed.pk}</a>' in text
    assert f"/deployments/?cluster={built.cluster.name}&amp;environment=prod&amp;region={world.REGION}" in text


def test_a_group_that_follows_no_pattern_has_a_page_too(operator: Client) -> None:
    built = world.build()
    group = built.group(12, built.image("4.2.0"), healthy=1, attached=False)
    Group.objects.filter(pk=group.pk).update(cluster=None, name="legacy/blue")
    text = page(operator, "legacy/blue")
    assert "legacy/blue takes no traffic" in text
    assert 'href="/other-groups/"' in text


def test_one_that_is_not_there_or_was_deleted_is_named(operator: Client) -> None:
    world.settled()
    answer = operator.get(f"/groups/prod/{world.REGION}/nope-v001/")
    assert (answer.status_code, "There is no group nope-v001 in prod" in answer.content.decode()) == (404, True)
    Group.objects.filter(name="api-prod-v012").update(gone_at=timezone.now())
    gone = operator.get(f"/groups/prod/{world.REGION}/api-prod-v012/")
    assert (gone.status_code, "was deleted" in gone.content.decode()) == (404, True)
    live = operator.get(f"/groups/prod/{world.REGION}/api-prod-v012/live/")  # the page that stood open says so, once
    assert (live.status_code, "was deleted" in live.content.decode()) == (286, True)


def test_a_poll_that_brings_no_news_is_answered_304(viewer: Client) -> None:
    world.settled()
    path = f"/groups/prod/{world.REGION}/api-prod-v013/live/"
    first = viewer.get(path)
    assert viewer.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
