"""Policies of clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import ApiViewSet
from apps.api.conditional import unchanged
from apps.api.refusals import told
from apps.api.serializers.policies import PolicyChange, PolicySerializer
from apps.api.views.placed import missing
from apps.deployments import services
from apps.inventory.models import Cluster


class Policies(ApiViewSet):
    """How a cluster is to be changed: its traffic driver, and what changes must leave healthy."""

    tag = "clusters"
    serializer_class = PolicySerializer
    change_class = PolicyChange
    queryset = Cluster.objects.select_related("environment", "application")

    @extend_schema(operation_id="clusters_policy", responses=PolicySerializer)
    def retrieve(self, request: Request, environment: str, region: str, name: str) -> Response:
        """The policy of a cluster; the defaults, where nobody has said anything."""
        return Response(_shown(self._cluster(environment, region, name)))

    @extend_schema(operation_id="clusters_policy_change", request=PolicyChange, responses=PolicySerializer)
    def partial_update(self, request: Request, environment: str, region: str, name: str) -> Response:
        """Changes the given settings; a change of the cluster that is under way keeps what it was planned with."""
        cluster = self._cluster(environment, region, name)
        given = self.read_body(PolicyChange)
        rows = Cluster.objects.filter(pk=cluster.pk)
        with told(), unchanged(request, rows, lambda: self.digest_of(_shown(cluster))):
            policy = services.set_policy(cluster, actor=self.acting_user.username, **given)
        return Response(PolicySerializer(policy).data)

    def _cluster(self, environment: str, region: str, name: str) -> Cluster:
        found = self.get_queryset().filter(environment__name=environment, region=region, name=name).first()
        if found is None:
            raise missing(Cluster, environment, region, name)
        cluster: Cluster = found
        return cluster


def _shown(cluster: Cluster) -> Mapping[str, Any]:
    return PolicySerializer(services.policy_of(cluster)).data
