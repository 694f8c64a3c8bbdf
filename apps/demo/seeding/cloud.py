"""`python -m apps.demo.seeding.cloud FILE PACKAGES`: builds the samples by the AWS API and describes them in FILE.

It makes their packages as well, in the folder PACKAGES, and the base images that these are baked upon.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from apps.demo.record import Sample
from apps.demo.seeding import base, groups, images, packages, plan
from apps.demo.seeding.packaged import bakeable, bakes_in
from apps.demo.seeding.place import Place
from apps.demo.seeding.plan import GOOD, SERVING, Build, Fleet


def main(description: Path, repository: Path) -> None:
    """Returns once every sample is healthy."""
    trees = description.parent / "images"
    images.build_all(plan.APPLICATIONS, trees)
    places = {
        (environment.name, region): Place(environment, region)
        for environment in plan.ENVIRONMENTS
        for region in environment.regions
    }
    registered: dict[tuple[str, str, str], Mapping[Build, str]] = {}
    samples, waiting = [], []
    for fleet in plan.FLEETS:
        place = places[fleet.environment, fleet.region]
        where = (fleet.environment, fleet.region, fleet.application)
        if where not in registered:
            registered[where] = images.register(place, plan.application(fleet.application), trees)
        url, target_group = groups.load_balancer(place, fleet)
        sample = _sample(fleet, registered[where], url)
        application = plan.application(fleet.application)
        groups.group(place, fleet.group, fleet, application, sample.serving_image, [target_group])
        samples.append(sample)
        waiting.append((place, target_group, fleet.size))
    _other_tools_group(places, registered)
    packages.publish(repository)  # while the instances boot
    bases = base.register_all(places, description.parent / "base")
    for place, target_group, size in waiting:
        groups.await_healthy(place, target_group, size)
    made = {"samples": [asdict(sample) for sample in samples], "base_images": bases}
    description.write_text(json.dumps(made, indent=2))


def _sample(fleet: Fleet, builds: Mapping[Build, str], url: str) -> Sample:
    return Sample(
        application=fleet.application,
        environment=fleet.environment,
        region=fleet.region,
        cluster=fleet.cluster,
        load_balancer_url=url,
        serving_image=next(image for build, image in builds.items() if build.kind == SERVING),
        other_images=[image for build, image in reversed(list(builds.items())) if build.kind == GOOD],
        bad_images={build.kind: image for build, image in builds.items() if build.kind not in {GOOD, SERVING}},
        builds=bakeable(fleet.application) if bakes_in(fleet) else [],
    )


def _other_tools_group(
    places: Mapping[tuple[str, str], Place], registered: Mapping[tuple[str, str, str], Mapping[Build, str]]
) -> None:
    fleet = plan.OTHER_TOOLS_FLEET
    place = places[fleet.environment, fleet.region]
    image = next(iter(registered[fleet.environment, fleet.region, fleet.application].values()))
    groups.group(place, plan.OTHER_TOOLS_GROUP, fleet, plan.application(fleet.application), image, [])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
