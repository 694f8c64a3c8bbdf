"""Links out of the console, from templates that people gave."""

from __future__ import annotations

from urllib.parse import quote

from apps.inventory.models import Instance


def log_link(instance: Instance) -> str:
    """Where the instance's logs are, by its application's template; empty when there is none.

    Reads group, cluster, application and environment: select them with the instance (`lists.instances` does).
    """
    group = instance.group
    cluster = group.cluster if group else None
    if group is None or cluster is None or not cluster.application.log_link_template:
        return ""
    values = {
        "instance": instance.instance_id,
        "group": group.name,
        "cluster": cluster.name,
        "region": instance.region,
        "environment": instance.environment.name,
        "address": instance.private_ip,
    }
    return cluster.application.log_link_template.format_map({key: quote(text, "") for key, text in values.items()})
