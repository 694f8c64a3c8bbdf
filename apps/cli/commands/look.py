"""`deployconsole status`: what is."""

from __future__ import annotations

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, inner, listed, text
from apps.cli.locate import locate
from apps.cli.options import json_option, place_options


@click.command()
@click.argument("cluster", required=False)
@place_options
@click.option("--refresh", is_flag=True, help="Read CLUSTER from AWS first.")
@json_option
def status(cluster: str | None, environment: str | None, region: str | None, refresh: bool, as_json: bool) -> None:
    """What serves now: CLUSTER with its groups, or one line for every cluster."""
    client = Client(configuration.load())
    if cluster is None:
        if refresh:
            raise click.UsageError("--refresh reads one cluster: name it.")
        _all(client, environment, region, as_json)
        return
    place = locate(client, cluster, environment, region)
    found = client.post(f"{place.path}refresh/", {}) if refresh else client.get(place.path)
    if as_json:
        printing.as_json(dict(found))
        return
    click.echo(text(found, "sentence", "name"))
    groups = listed(found, "groups")
    heads = ("GROUP", "VERSION", "IMAGE", "STATE", "HEALTHY", "SIZE", "AGE")
    printing.table(heads, [_group(group) for group in groups], f"{cluster} has no group.", drop=("AGE", "SIZE"))
    running = inner(found, "running")
    if running:
        click.echo(f"Running: {text(running, 'kind')} {text(running, 'id')}: {text(running, 'waiting_for')}")


def _all(client: Client, environment: str | None, region: str | None, as_json: bool) -> None:
    found = list(client.pages("clusters/", environment=environment, region=region))
    if as_json:
        printing.as_json(found)
        return
    heads = ("CLUSTER", "ENV", "REGION", "SERVES", "VERSION", "HEALTHY", "STATE")
    rows = [_cluster(item) for item in found]
    printing.table(heads, rows, "No cluster is known yet.", drop=("STATE",), wrap="STATE")


def _cluster(item: Document) -> tuple[str, ...]:
    """What serves; the sentence only where nothing does, for the other columns say the same."""
    serving = listed(item, "serving")
    healthy = [f"{text(each, 'healthy')} of {text(each, 'total')}" for each in serving]
    nobody = "unknown" if item.get("serving_known") is False else "nothing"
    return (
        text(item, "name"),
        text(item, "environment"),
        text(item, "region"),
        " and ".join(text(each, "group") for each in serving) or nobody,
        " and ".join(dict.fromkeys(text(each, "version") for each in serving)),
        " and ".join(healthy),
        "" if serving else text(item, "sentence"),
    )


def _group(group: Document) -> tuple[str, ...]:
    size = "/".join(text(group, name) for name in ("min_size", "desired_capacity", "max_size"))
    state = text(group, "state")
    image = text(group, "image_id")
    return (
        text(group, "name"),
        text(group, "version"),
        image,
        state,
        text(group, "healthy"),
        size,
        printing.age(group, "created_at"),
    )
