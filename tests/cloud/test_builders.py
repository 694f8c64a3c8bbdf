"""A machine that is made into an image, by each wrapper that it takes: on the embedded cloud, with a real machine."""

from dataclasses import replace

import httpx
import pytest

from apps.cloud import errors
from apps.cloud.aws import builders, images, s3
from apps.cloud.aws.session import call
from apps.cloud.values import Target
from tests.contract.stack import SERVER
from tests.world import wait_for

TAGS = {"deployconsole:run": "7"}
SCRIPT = "#!/bin/sh\necho baked > left\necho all is baked\nshutdown -h now\nsleep 60\n"
MADE = {"name": "shop-1.0", "description": "shop 1.0", "tags": TAGS}


@pytest.fixture
def base(target, tmp_path):
    (tmp_path / "service.py").write_text(SERVER)
    location = f"localcloud:{tmp_path}"
    return call(target, "ec2", "RegisterImage", Name="base", Architecture="x86_64", ImageLocation=location)["ImageId"]


def launched(target, base, **settings):
    wanted = {"image_id": base, "instance_type": "t3.micro", "user_data": SCRIPT, "token": "bake-7", "tags": TAGS}
    return builders.launch_builder(target, **{**wanted, **settings})


def stopped(target, token):
    wait_for(lambda: builders.find_builder(target, token).state == "stopped", "the builder to stop itself")
    return builders.find_builder(target, token)


def available(target, name):
    wait_for(lambda: images.named_image(target, name).state == "available", "the image")
    return images.named_image(target, name)


def test_a_builder_becomes_an_image_and_a_copy_and_nothing_is_left(target: Target, base: str) -> None:
    assert builders.find_builder(target, "bake-7") is None
    builder = launched(target, base)
    assert launched(target, base) == builder
    with pytest.raises(errors.Invalid) as raised:
        launched(target, base, user_data="#!/bin/sh\n")
    assert raised.value.code == "IdempotentParameterMismatch"
    state = stopped(target, "bake-7")
    assert (state.id, state.tags, state.state_reason) == (builder, TAGS, "Client.InstanceInitiatedShutdown")
    assert "all is baked" in builders.printed(target, builder)

    assert images.named_image(target, "shop-1.0") is None
    image = images.create_image(target, builder, **MADE)
    with pytest.raises(errors.AlreadyExists):
        images.create_image(target, builder, **MADE)
    made = available(target, "shop-1.0")
    assert (made.id, made.tags, made.description, made.state_reason) == (image, TAGS, "shop 1.0", "")
    builders.terminate(target, builder)
    builders.terminate(target, "i-00000000000000000")

    there = replace(target, region="eu-west-1")
    wanted = {"source_region": target.region, "image_id": image, "token": "bake-7-eu-west-1", **MADE}
    copy = images.copy_image(there, **wanted)
    assert images.copy_image(there, **wanted) == copy
    assert available(there, "shop-1.0").snapshots != made.snapshots
    for place in (target, there):
        found = images.named_image(place, "shop-1.0")
        (snapshot,) = found.snapshots
        with pytest.raises(errors.InUse):
            images.delete_snapshot(place, snapshot)
        for _ in range(2):
            images.deregister(place, found.id)
            images.delete_snapshot(place, snapshot)
        assert images.named_image(place, "shop-1.0") is None


def test_a_builder_of_an_older_type_tells_what_it_printed_too(target: Target, base: str) -> None:
    builder = launched(target, base, instance_type="t2.micro", tags={}, user_data="#!/bin/sh\necho hello\npoweroff\n")
    stopped(target, "bake-7")
    assert "hello" in builders.printed(target, builder)
    builders.terminate(target, builder)
    with pytest.raises(errors.NotFound):
        builders.printed(target, "i-00000000000000000")


def test_what_was_put_by_a_presigned_url_is_read(target: Target) -> None:
    bucket = f"bakes-{target.account}"
    call(target, "s3", "CreateBucket", Bucket=bucket)
    url = s3.presigned_put(target, bucket, "bakes/7.gz", 60)
    assert httpx.put(url, content=b"all is baked").status_code == 200
    assert s3.read_object(target, bucket, "bakes/7.gz", 12) == b"all is baked"
    with pytest.raises(errors.Invalid, match="12 bytes; at most 11"):
        s3.read_object(target, bucket, "bakes/7.gz", 11)
    for nowhere in ((bucket, "bakes/8.gz"), ("no-such-bucket", "bakes/7.gz")):
        with pytest.raises(errors.NotFound):
            s3.read_object(target, *nowhere, 12)
