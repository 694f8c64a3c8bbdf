"""How well each cluster serves, and what: kept with it, so that thousands are sorted by it without a look at them.

One statement over what was read. It follows `standing.serving_in`, `words.condition` and `words.wanted`, which tell the
same of the few that a page draws; those are told afresh, so that only the order of a list is as old as the last read.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from apps.inventory.models import Cluster, Environment
from apps.inventory.services.locks import writing

# What AWS was not asked of yet, as in a new environment, is not called silent. That is looked into last, of what would
# be called so: of most clusters it need not be. Groups and instances are gone through by their indexes, a cluster after
# the other, so that no plan is made of statistics that a first sync has left behind: one took all memory there was.
_CHANGED = """
WITH routed AS MATERIALIZED (
    SELECT DISTINCT forward ->> 'target_group' AS arn
    FROM inventory_loadbalancer,
        jsonb_path_query(listeners, '$[*].rules[*].forwards[*] ? (@.weight > 0)') AS forward
    WHERE environment_id = %(environment)s AND region = %(region)s AND gone_at IS NULL
), told AS MATERIALIZED (
    SELECT cluster.id, cluster.health AS old_health, cluster.version AS old_version,
        coalesce(bool_or(serves), false) AS serves,
        coalesce(bool_or(serves AND healthy < greatest(desired, staying)), false) AS lacks,
        coalesce(bool_or(traffic_sources <> '[]'), false) AS behind,
        jsonb_agg(traffic_sources) FILTER (WHERE instances > 0) AS sources,
        string_agg(DISTINCT coalesce(nullif(image.version, ''), standing.image_id), ' and ') FILTER (WHERE serves)
            AS serving
    FROM inventory_cluster AS cluster
    LEFT JOIN inventory_group AS standing ON standing.cluster_id = cluster.id AND standing.gone_at IS NULL
    LEFT JOIN LATERAL (
        SELECT count(*) AS instances,
            count(*) FILTER (
                WHERE state NOT IN ('pending', 'stopping', 'stopped', 'shutting-down', 'terminated')
                AND lifecycle_state IN ('', 'InService') AND health_status <> 'Unhealthy'
                AND NOT jsonb_path_exists(target_health,
                    '$.*.state ? (@ == "unhealthy" || @ == "unavailable" || @ == "initial" || @ == "draining")')
            ) AS healthy,
            count(*) FILTER (
                WHERE state NOT IN ('stopping', 'stopped', 'shutting-down', 'terminated')
                AND NOT starts_with(lifecycle_state, 'Terminat') AND (
                    starts_with(lifecycle_state, 'Pending') OR state = 'pending' OR health_status = 'Unhealthy'
                    OR lifecycle_state IN ('', 'InService') AND (
                        NOT jsonb_path_exists(target_health, '$.*.state ? (@ == "draining")')
                        OR jsonb_path_exists(target_health,
                            '$.*.state ? (@ == "unhealthy" || @ == "unavailable" || @ == "initial")')
                    )
                )
            ) AS staying,
            bool_or(EXISTS (
                SELECT FROM jsonb_each(target_health) AS seen (source, health)
                WHERE health ->> 'state' = 'healthy'
                AND (left(source, 4) <> 'arn:' OR source IN (SELECT arn FROM routed))
            )) AS serves
        FROM inventory_instance
        WHERE group_id = standing.id AND gone_at IS NULL
    ) AS members ON true
    LEFT JOIN inventory_image AS image ON image.image_id = standing.image_id
        AND image.environment_id = standing.environment_id AND image.region = standing.region
    WHERE cluster.environment_id = %(environment)s AND cluster.region = %(region)s
    AND (%(names)s::text[] IS NULL OR cluster.name = ANY (%(names)s::text[]))
    GROUP BY cluster.id
), untold AS (
    SELECT arn FROM inventory_loadbalancer
    WHERE environment_id = %(environment)s AND region = %(region)s
    AND gone_at IS NULL AND listeners_read_at IS NULL AND listeners = '[]'
), heard AS MATERIALIZED (
    SELECT DISTINCT jsonb_object_keys(target_health) AS arn FROM inventory_instance
    WHERE environment_id = %(environment)s AND region = %(region)s AND gone_at IS NULL
), unread AS MATERIALIZED (
    SELECT arn FROM inventory_targetgroup
    WHERE environment_id = %(environment)s AND region = %(region)s AND gone_at IS NULL AND load_balancers <> '[]' AND (
        EXISTS (
            SELECT FROM jsonb_array_elements_text(load_balancers) AS one (balancer)
            WHERE balancer IN (SELECT arn FROM untold)
        )
        OR health_read_at IS NULL AND arn NOT IN (SELECT arn FROM heard)
    )
), looked AS MATERIALIZED (
    SELECT kind FROM inventory_syncstate
    WHERE environment_id = %(environment)s AND region = %(region)s AND succeeded_at IS NOT NULL
), found AS MATERIALIZED (
    SELECT id, old_health, old_version, left(coalesce(serving, ''), 255) AS version, CASE
        WHEN lacks THEN 1
        WHEN serves OR NOT behind THEN 2
        WHEN EXISTS (
            SELECT FROM (
                SELECT one #>> '{}' AS source FROM jsonb_path_query(sources, '$[*][*].identifier') AS one
            ) AS attached
            WHERE source IN (SELECT arn FROM unread)
            OR left(source, 4) = 'arn:' AND 'target groups' NOT IN (SELECT kind FROM looked) AND source NOT IN (
                SELECT arn FROM inventory_targetgroup WHERE environment_id = %(environment)s AND region = %(region)s
            )
            OR left(source, 4) <> 'arn:' AND 'target health' NOT IN (SELECT kind FROM looked)
            AND source NOT IN (SELECT arn FROM heard)
        ) THEN 2
        ELSE 0
    END AS health
    FROM told
)
SELECT id, health, version FROM found WHERE (old_health, old_version) IS DISTINCT FROM (health, version)
"""


def note_conditions(environment: Environment, region: str, clusters: Collection[str] | None = None) -> int:
    """Brings `health` and `version` of a region's clusters, or of those named, to what the rows tell; how many changed.

    To be called after each read: nothing else writes them.
    """
    names = None if clusters is None else list(clusters)
    with writing(environment, region), connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"environment": environment.pk, "region": region, "names": names})
        changed = [Cluster(pk=pk, health=health, version=version) for pk, health, version in cursor.fetchall()]
        return Cluster.objects.bulk_update(changed, ["health", "version"], batch_size=500)
