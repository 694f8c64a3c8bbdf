"""Which clusters are not well, by one statement over all of them: lists of many show these first.

It follows `standing.serving_in` and `words.condition`, which tell the same of the few that a page draws; over thousands
of clusters, reading every instance for that would take seconds. What AWS was not asked of yet, as in a new
environment, is not called silent.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

_TROUBLED = """
WITH routed AS MATERIALIZED (
    SELECT DISTINCT forward ->> 'target_group' AS arn
    FROM inventory_loadbalancer,
        jsonb_path_query(listeners, '$[*].rules[*].forwards[*] ? (@.weight > 0)') AS forward
    WHERE gone_at IS NULL
), members AS (
    SELECT group_id,
        count(*) FILTER (
            WHERE state NOT IN ('pending', 'stopping', 'stopped', 'shutting-down', 'terminated')
            AND lifecycle_state IN ('', 'InService') AND health_status <> 'Unhealthy'
            AND NOT jsonb_path_exists(target_health,
                '$.*.state ? (@ == "unhealthy" || @ == "unavailable" || @ == "initial" || @ == "draining")')
        ) AS healthy,
        bool_or(EXISTS (
            SELECT FROM jsonb_each(target_health) AS seen (source, health)
            WHERE health ->> 'state' = 'healthy'
            AND (left(source, 4) <> 'arn:' OR source IN (SELECT arn FROM routed))
        )) AS serves
    FROM inventory_instance
    WHERE gone_at IS NULL AND group_id IS NOT NULL
    GROUP BY group_id
), untold AS (
    SELECT arn FROM inventory_loadbalancer
    WHERE gone_at IS NULL AND listeners_read_at IS NULL AND listeners = '[]'
), heard AS MATERIALIZED (
    SELECT DISTINCT jsonb_object_keys(target_health) AS arn FROM inventory_instance WHERE gone_at IS NULL
), unread AS MATERIALIZED (
    SELECT arn FROM inventory_targetgroup
    WHERE gone_at IS NULL AND load_balancers <> '[]' AND (
        EXISTS (
            SELECT FROM jsonb_array_elements_text(load_balancers) AS one (balancer)
            WHERE balancer IN (SELECT arn FROM untold)
        )
        OR health_read_at IS NULL AND arn NOT IN (SELECT arn FROM heard)
    )
), told AS (
    SELECT cluster_id,
        coalesce(bool_or(serves), false) AS serves,
        coalesce(bool_or(serves AND healthy < desired), false) AS lacks,
        bool_or(traffic_sources <> '[]') AS behind,
        bool_or(members.group_id IS NOT NULL AND EXISTS (
            SELECT FROM jsonb_array_elements(traffic_sources) AS source
            WHERE source ->> 'identifier' IN (SELECT arn FROM unread)
        )) AS unread
    FROM inventory_group LEFT JOIN members ON members.group_id = inventory_group.id
    WHERE gone_at IS NULL AND cluster_id IS NOT NULL
    GROUP BY cluster_id
)
SELECT cluster_id, serves FROM told WHERE lacks OR (behind AND NOT serves AND NOT unread)
"""


@dataclass(frozen=True)
class Trouble:
    """Clusters by their primary keys."""

    silent: frozenset[int]  # behind a load balancer, and none of its groups serves
    lacking: frozenset[int]  # a group that serves has fewer healthy instances than it wants


def troubled() -> Trouble:
    """Of every cluster, as the tables tell it."""
    with connection.cursor() as cursor:
        cursor.execute(_TROUBLED)
        found = cursor.fetchall()
    return Trouble(
        silent=frozenset(cluster for cluster, serves in found if not serves),
        lacking=frozenset(cluster for cluster, serves in found if serves),
    )
