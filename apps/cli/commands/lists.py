"""`deployconsole groups|instances|load-balancers|launch-templates|search`: what there is, as it was read last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from apps.cli import configuration, printing
from apps.cli.client import Client
from apps.cli.documents import Document, listed, text
from apps.cli.options import json_option, limit_option, place_options

Row = Callable[[Document], Sequence[str]]


@click.command()
@click.argument("part", required=False)
@click.option("--app", "application", help="Those of this application.")
@click.option("--cluster", help="Those of this cluster.")
@click.option("--image", help="Those that launch this AMI.")
@place_options
@limit_option
@json_option
def groups(part: str | None, limit: int, as_json: bool, **query: str | None) -> None:
    """List Auto Scaling groups: all, or those with PART in their name."""
    heads = ("GROUP", "ENV", "REGION", "SIZE", "IN SERVICE", "IMAGE", "SUSPENDED")
    drop = ("SUSPENDED", "REGION", "IMAGE")
    _show("groups/", {"q": part, **query}, limit, as_json, heads, _group, "No such group.", drop)


@click.command()
@click.argument("part", required=False)
@click.option("--app", "application", help="Those of this application.")
@click.option("--cluster", help="Those of this cluster.")
@click.option("--group", help="Those of this group.")
@click.option("--image", help="Those that run this AMI.")
@place_options
@limit_option
@json_option
def instances(part: str | None, limit: int, as_json: bool, **query: str | None) -> None:
    """List instances: all, or those with PART in their id, address or group's name."""
    heads = ("INSTANCE", "GROUP", "ENV", "REGION", "ZONE", "STATE", "HEALTH", "IMAGE", "ADDRESS", "AGE")
    drop = ("AGE", "ADDRESS", "IMAGE", "REGION", "ZONE")
    _show("instances/", {"q": part, **query}, limit, as_json, heads, _instance, "No such instance.", drop)


@click.command("load-balancers")
@click.argument("part", required=False)
@place_options
@limit_option
@json_option
def load_balancers(part: str | None, limit: int, as_json: bool, **query: str | None) -> None:
    """List load balancers: all, or those with PART in their name or DNS name."""
    heads = ("LOAD BALANCER", "ENV", "REGION", "SCHEME", "STATE", "DNS NAME", "LISTENERS")
    drop = ("LISTENERS", "SCHEME", "REGION")
    _show("load-balancers/", {"q": part, **query}, limit, as_json, heads, _balancer, "No such load balancer.", drop)


@click.command("launch-templates")
@click.argument("part", required=False)
@place_options
@limit_option
@json_option
def launch_templates(part: str | None, limit: int, as_json: bool, **query: str | None) -> None:
    """List launch templates: all, or those with PART in their name or id."""
    heads = ("LAUNCH TEMPLATE", "NAME", "ENV", "REGION", "DEFAULT", "LATEST", "AGE")
    drop = ("AGE", "REGION")
    _show("launch-templates/", {"q": part, **query}, limit, as_json, heads, _template, "No such launch template.", drop)


@click.command()
@click.argument("words")
@json_option
def search(words: str, as_json: bool) -> None:
    """Find applications, clusters, groups, instances, images, builds and deployments by a part of a name or id."""
    found = listed(Client(configuration.load()).get("search/", q=words), "results")
    if as_json:
        printing.as_json(found)
        return
    rows = [[text(hit, name) for name in ("kind", "name", "environment", "region", "more")] for hit in found]
    printing.table(("KIND", "NAME", "ENV", "REGION", ""), rows, f"Nothing has {words} in its name or id.")


def _show(
    path: str,
    query: dict[str, Any],
    limit: int,
    as_json: bool,
    heads: Sequence[str],
    row: Row,
    empty: str,
    drop: Sequence[str],
) -> None:
    found = list(Client(configuration.load()).pages(path, limit=limit, **query))
    if as_json:
        printing.as_json(found)
    else:
        printing.table(heads, [row(item) for item in found], empty, drop=drop)


def _group(item: Document) -> Sequence[str]:
    suspended = item.get("suspended")
    return (
        *(text(item, name) for name in ("name", "environment", "region")),
        "/".join(text(item, name) for name in ("min_size", "desired_capacity", "max_size")),
        f"{text(item, 'in_service_count')} of {text(item, 'instance_count')}",
        text(item, "image_id"),
        " ".join(map(str, suspended)) if isinstance(suspended, list) else "",
    )


def _instance(item: Document) -> Sequence[str]:
    return (
        *(text(item, name) for name in ("instance_id", "group", "environment", "region", "zone")),
        text(item, "lifecycle_state", "state"),
        *(text(item, name) for name in ("health_status", "image_id", "private_ip")),
        printing.age(item, "launched_at"),
    )


def _balancer(item: Document) -> Sequence[str]:
    listeners = (f"{text(each, 'protocol')}:{text(each, 'port')}" for each in listed(item, "listeners"))
    members = ("name", "environment", "region", "scheme", "state", "dns_name")
    return (*(text(item, name) for name in members), " ".join(listeners))


def _template(item: Document) -> Sequence[str]:
    members = ("template_id", "name", "environment", "region", "default_version", "latest_version")
    return (*(text(item, name) for name in members), printing.age(item, "created_at"))
