"""A first sync costs the pages that AWS lists things on, however many resources there are to be asked about."""

import threading
from collections import Counter

import pytest

from apps.cloud.aws import clients
from apps.cloud.aws.session import observe
from apps.inventory import services
from apps.inventory.models import Environment, Group, Image, Instance, LoadBalancer, SyncState, TargetGroup
from benchmarks import canned

pytestmark = pytest.mark.django_db(transaction=True)

REGION = "us-east-1"
LISTED = canned.PAGED.keys() - {"DescribeLaunchTemplateVersions"}
IMAGE_PAGES = 2  # of those that the account owns, and of those that it was given


@pytest.fixture
def large(monkeypatch):
    """A region of 1,000 groups with 5,000 instances, each group behind a target group and a load balancer."""
    server = canned.serve()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    clients.forget()
    yield Environment.objects.create(name="large", account_id="123456789012", regions=[REGION])
    server.shutdown()
    server.server_close()
    thread.join()
    clients.forget()


def test_a_first_sync_of_1000_groups_asks_for_pages_and_nothing_else(large):
    calls = []
    with observe(calls.append):
        assert services.sync_region(large, REGION)
    made = Counter(call.operation for call in calls)
    pages = sum(len(canned.pages(operation)) for operation in LISTED) + IMAGE_PAGES
    assert made.keys() == {*LISTED, "DescribeImages"}  # no health, rules, template versions
    assert made.total() <= 1.1 * pages, made
    assert not SyncState.objects.exclude(error="").exists()
    counts = [model.objects.count() for model in (Group, TargetGroup, LoadBalancer, Instance, Image)]
    assert counts == [canned.GROUPS, canned.GROUPS, canned.GROUPS, canned.INSTANCES, canned.IMAGES]
    assert not Group.objects.filter(image_id="").exists()  # told by the instances, until the versions are read
