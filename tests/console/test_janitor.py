"""The janitor's pages: marks and keeps, the dry run, the rules, and where an AMI is used."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client
from django.utils import timezone

from apps.deployments.models import KeptGroup
from apps.images.models import ImageReference, JanitorRules, Keep, Mark
from apps.inventory.models import Image
from tests.console import world

IMAGE = "ami-00000000000000001"


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def marked(settled: world.World) -> Mark:
    now = timezone.now()
    return Mark.objects.create(
        environment=settled.environment,
        region=world.REGION,
        kind="image",
        resource=IMAGE,
        because="Nothing has used it for 30 days.",
        since=now,
        due_at=now,
    )


def test_marks_are_listed_with_why_and_kept_from_there(operator: Client, viewer: Client) -> None:
    settled = world.settled()
    marked(settled)
    page = text(viewer, "/janitor/")
    assert "Nothing has used it for 30 days." in page
    assert "only shows" in page
    assert "Nobody keeps anything." in page
    assert "Keep…" not in page
    assert "Keep…" in text(operator, "/janitor/")
    assert '<option value="" selected>any state</option>' in page
    assert '<option value="template-version">template version</option>' in page
    assert "---------" not in page
    sent = {"environment": "prod", "region": world.REGION, "kind": "image", "resource": IMAGE, "reason": "the audit"}
    assert operator.post("/janitor/keep/", sent).status_code == 302
    page = text(viewer, "/janitor/")
    assert re.search(r"<tr id=\"keep-\d+\">.+>operator<.+>the audit<", page)
    assert "operator keeps it." in page
    assert operator.post("/janitor/keep/", {**sent, "region": "x"}).status_code == 422
    assert f'<option value="{world.REGION}"' in text(operator, "/janitor/keep/"), "regions are chosen from a list"
    typo = operator.post("/janitor/keep/", {**sent, "resource": "ami-0dd"}, follow=True)
    assert "No image ami-0dd is known in prod" in typo.content.decode()
    Keep.objects.get(resource="ami-0dd").delete()
    kept = Keep.objects.get()
    assert "No longer keep" in text(operator, f"/janitor/keeps/{kept.pk}/end/")
    assert operator.post(f"/janitor/keeps/{kept.pk}/end/").status_code == 302
    assert not Keep.objects.exists()


def test_the_dry_run_says_what_stays_and_why(viewer: Client) -> None:
    world.settled()
    page = text(viewer, "/janitor/dry-run/prod/")
    assert "The janitor of prod is switched off: nothing is marked nor deleted." in page
    assert "What would go" in page


def test_rules_are_read_by_everybody_and_changed_by_administrators_with_a_reason(
    viewer: Client, administrator: Client
) -> None:
    world.settled()
    assert "This needs the role administrator" in text(viewer, "/janitor/rules/prod/")
    assert viewer.post("/janitor/rules/prod/", {"reason": "x"}).status_code == 403
    sent = {"active": "on", "unused_days": "60", "reason": ""}
    assert administrator.post("/janitor/rules/prod/", sent).status_code == 422
    assert administrator.post("/janitor/rules/prod/", {**sent, "newest": "1", "reason": "x"}).status_code == 422
    assert administrator.post("/janitor/rules/prod/", {**sent, "reason": "the bill"}).status_code == 302
    row = JanitorRules.objects.get()
    assert (row.active, row.unused_days, row.newest, row.changed_by) == (True, 60, 5, "administrator")


def test_an_image_says_where_else_it_is_used_when_last_and_that_it_is_marked(viewer: Client) -> None:
    settled = world.settled()
    marked(settled)
    ImageReference.objects.create(image_id=IMAGE, last_referenced_at=timezone.now(), by="group api-prod-v012 in prod")
    page = text(viewer, f"/images/{IMAGE}/")
    assert "Launch template versions that name it" in page
    assert "by group api-prod-v012 in prod." in page
    assert "The janitor has marked it" in page
    assert "The AMI itself was read from AWS" in page


def test_what_the_janitor_may_take_is_kept_from_its_own_page_and_let_go_there(operator: Client, viewer: Client) -> None:
    settled = world.settled()
    group = KeptGroup.objects.get(ended_at=None).name
    Image.objects.filter(image_id=IMAGE).update(source=Image.Source.OWNED)
    for kind, resource, page in (
        ("group", group, f"/groups/prod/{world.REGION}/{group}/"),
        ("image", IMAGE, f"/images/{IMAGE}/"),
    ):
        asked = re.search(r'href="(/janitor/keep/\?[^"]+)"', text(operator, page))
        assert asked
        address = unescape(asked[1])
        assert f'value="{resource}"' in text(operator, address)
        here = {"environment": "prod", "region": world.REGION, "kind": kind, "resource": resource}
        kept = operator.post(address, {**here, "reason": "the audit"})
        assert (kept.status_code, kept.headers["Location"]) == (302, page)
        shown = text(viewer, page)
        assert "operator keeps it" in shown
        assert "the audit" in shown
        over = f"/janitor/keeps/{Keep.objects.get(kind=kind).pk}/end/?on=page"
        assert f'href="{over}"' in text(operator, page)
        assert operator.post(over).headers["Location"] == page
    assert not Keep.objects.exists()
    serving = settled.cluster.groups.exclude(name=group).latest("pk").name
    assert "/janitor/keep/" not in text(operator, f"/groups/prod/{world.REGION}/{serving}/"), "it takes no such group"
    odd = "/janitor/keep/?on=page&kind=image&resource=a/b&environment=x"
    assert 'href="/janitor/"' in text(operator, odd)
