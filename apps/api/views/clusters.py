"""Clusters: the groups that share a name up to the push number."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import django_filters
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Role
from apps.api import sentences
from apps.api.problems import Invalid, Refused
from apps.api.refusals import told
from apps.api.serializers.asked import RollbackInput
from apps.api.serializers.clusters import ClusterDetailSerializer, ClusterSerializer
from apps.api.serializers.locks import UnlockedSerializer, UnlockInput
from apps.api.views.deployments import ACCEPTED, Deployments
from apps.api.views.placed import Placed, missing, routes
from apps.api.views.policies import Policies
from apps.deployments import freezes, selectors, services
from apps.inventory.filters import ClusterFilter
from apps.inventory.models import Cluster
from apps.inventory.selectors import lists, standing
from apps.inventory.selectors.clusters import cluster as cluster_named
from apps.inventory.selectors.clusters import cluster_view
from apps.inventory.services import refresh_cluster
from apps.workflows.states import RunState


class Filters(ClusterFilter):
    """Knows a cluster's name by `cluster` too, as every other list does."""

    cluster = django_filters.CharFilter(field_name="name", label="Whole name, as `name`")


class Clusters(Placed):
    """Clusters, by the naming grammar. Those without groups are left out unless `empty` is asked for."""

    queryset = lists.clusters()
    ordering = ("name", "environment__name", "region", "id")
    serializer_class = ClusterSerializer
    detail_class = ClusterDetailSerializer
    filterset_class = Filters

    def paginate_queryset(self, queryset: Any) -> Any:
        """Tells each cluster of the page who serves in it."""
        rows = super().paginate_queryset(queryset)
        found = standing.serving_in(rows or ())
        for row in rows or ():
            row.serving, row.serving_known = found[row.pk].serving, not found[row.pk].unread
        return rows

    @extend_schema(responses=ClusterDetailSerializer)
    def retrieve(self, request: Request, environment: str, region: str, name: str) -> Response:
        """One cluster, its groups side by side, with what runs on it and what a rollback would mean."""
        return Response(_detail(_find(environment, region, name), self.get_serializer_context()))


def _detail(row: Cluster, context: Mapping[str, Any]) -> Any:
    view = cluster_view(row)
    record = selectors.record_of(row)
    running, rollback = record.running, record.offer
    kept = {name: group.until for name, group in record.kept.items()}
    shown = SimpleNamespace(
        cluster=row,
        groups=view.groups,
        age=view.age,
        serving=[standing.served(each) for each in view.serving],
        serving_known=not view.unread,
        sentence=sentences.cluster(view, kept, rollback.group),
        running=running,
        rollback=rollback,
        lock=record.lock,
        queue=record.queue,
        freezes=freezes.freezes_on(row),
    )
    rising = running.to_group if running and running.run.state != RunState.UNDOING else ""
    borrowed = selectors.borrowed_of_each(row, [each.group.name for each in view.groups])
    return ClusterDetailSerializer(
        shown, context={**context, "kept": kept, "rising": rising, "borrowed": borrowed}
    ).data


class ClusterChanges(Deployments):
    """Going back, and breaking the lock, by the cluster's name, without knowing the deployment."""

    @extend_schema(operation_id="clusters_rollback", request=RollbackInput, responses=ACCEPTED)
    @action(methods=["post"], detail=True)
    def by_name(self, request: Request, environment: str, region: str, name: str) -> Response:
        """Undoes the push that is running on the cluster, else rolls back the last one."""
        row = _find(environment, region, name)
        last = selectors.running_on(row) or selectors.rollback_offer(row).deployment
        if last is None:
            raise Refused(f"Nothing was pushed to {name} yet, so there is nothing to go back to.", findings=[])
        return self.roll_back(last.pk)

    @extend_schema(operation_id="clusters_unlock", request=UnlockInput, responses=UnlockedSerializer)
    @action(methods=["post"], detail=True)
    def unlock(self, request: Request, environment: str, region: str, name: str) -> Response:
        """Break-glass: stops what changes the cluster as it stands, and frees it for the next. Recorded."""
        row, given = _find(environment, region, name), self.read_body(UnlockInput)
        if given.pop("confirm") != name:
            raise Invalid({"confirm": [f"Name the cluster, {name}, to confirm that it is meant."]})
        with told():
            stopped = services.take_over(row, actor=self.acting_user.username, **given)
        return Response({"deployment": self.shown(stopped.pk) if stopped else None})


class ClusterRefresh(Placed):
    """Reading a cluster from AWS now, for whoever may see it."""

    queryset = lists.clusters()
    serializer_class = ClusterDetailSerializer
    required_role = Role.VIEWER
    only_reads = True

    @extend_schema(operation_id="clusters_refresh", request=None, responses=ClusterDetailSerializer)
    @action(methods=["post"], detail=True)
    def refresh(self, request: Request, environment: str, region: str, name: str) -> Response:
        """Reads the cluster from AWS now; answers it as it is then."""
        with told():
            row = _find(environment, region, name)
            refresh_cluster(row.environment, region, name)
        return Response(_detail(_find(environment, region, name), self.get_serializer_context()))


def _find(environment: str, region: str, name: str) -> Cluster:
    try:
        return cluster_named(environment, region, name)
    except Cluster.DoesNotExist as error:
        raise missing(Cluster, environment, region, name) from error


ONE = "clusters/<str:environment>/<str:region>/<str:name>/"

cluster_routes: list[URLPattern] = [
    *routes("clusters", "cluster", Clusters),
    path(f"{ONE}rollback/", ClusterChanges.as_view({"post": "by_name"}), name="cluster-rollback"),
    path(f"{ONE}refresh/", ClusterRefresh.as_view({"post": "refresh"}), name="cluster-refresh"),
    path(f"{ONE}unlock/", ClusterChanges.as_view({"post": "unlock"}), name="cluster-unlock"),
    path(f"{ONE}policy/", Policies.as_view({"get": "retrieve", "patch": "partial_update"}), name="cluster-policy"),
]
