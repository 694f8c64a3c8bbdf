"""URLs of the REST API."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.urls import path, re_path
from django.urls.resolvers import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

from apps.api.views.applications import Applications
from apps.api.views.bakes import Bakes
from apps.api.views.base_images import BaseImages
from apps.api.views.builds import Builds
from apps.api.views.changes import GroupChanges, GroupOperations, Operations
from apps.api.views.clusters import cluster_routes
from apps.api.views.deployments import Deployments
from apps.api.views.docs import Schema, docs
from apps.api.views.environments import Environments
from apps.api.views.events import Events
from apps.api.views.freezes import Freezes
from apps.api.views.images import Images
from apps.api.views.janitor import DryRun, Keeps, Marks, Rules
from apps.api.views.launch_templates import LaunchTemplates
from apps.api.views.me import Me
from apps.api.views.package_checks import PackageChecks
from apps.api.views.placed import Groups, Inside, Instances, routes
from apps.api.views.promotions import Promotions
from apps.api.views.recipes import Provisioners, Recipes
from apps.api.views.root import Root
from apps.api.views.scaffolds import Scaffolds
from apps.api.views.search import Search
from apps.api.views.strategies import Strategies
from apps.api.views.tokens import Tokens
from apps.api.views.traffic import LoadBalancers, TargetGroups
from apps.api.views.unknown import UnknownUrl
from apps.api.views.user_data import DeploymentUserData, UserDataTemplates, UserDataTexts, UserDataVersions
from apps.api.views.webhooks import Hook, Webhooks
from apps.api.views.what_changed import Changes

router = SimpleRouter(use_regex_path=False)
router.register("applications", Applications)
router.register("builds", Builds)
router.register("bakes", Bakes)
router.register("base-images", BaseImages, "base-image")
router.register("changes", Changes, "change")
router.register("deployments", Deployments)
router.register("environments", Environments)
router.register("events", Events)
router.register("freezes", Freezes)
router.register("janitor/marks", Marks, "janitor-mark")
router.register("janitor/keeps", Keeps, "janitor-keep")
router.register("promotions", Promotions)
router.register("tokens", Tokens)
router.register("webhooks", Webhooks)

ONE = "<str:environment>/<str:region>/<str:name>/"
USER_DATA = "applications/<str:name>/user-data/"
ONE_INSTANCE = f"instances/{ONE}"
ONE_GROUP = "groups/<str:environment>/<str:region>/<path:name>/"

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", Root.as_view(), name="root"),
    path("me/", Me.as_view(), name="me"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", login_required(docs), name="docs"),
    path("hooks/<int:pk>/", Hook.as_view(), name="hook"),
    path("builds/<int:pk>/check/", PackageChecks.as_view({"post": "check"}), name="build-check"),
    path("package-checks/<int:pk>/", PackageChecks.as_view({"get": "retrieve"}), name="package-check-detail"),
    path("search/", Search.as_view(), name="search"),
    path("strategies/", Strategies.as_view(), name="strategy-list"),
    path("provisioners/", Provisioners.as_view(), name="provisioner-list"),
    path(
        "applications/<str:name>/recipe/",
        Recipes.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="application-recipe",
    ),
    path(
        "applications/<str:name>/scaffold/",
        Scaffolds.as_view({"get": "parts", "post": "scaffold"}),
        name="application-scaffold",
    ),
    path(
        "applications/<str:name>/scaffold/remove/",
        Scaffolds.as_view({"post": "remove"}),
        name="application-scaffold-remove",
    ),
    path(
        USER_DATA,
        UserDataTemplates.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="application-user-data",
    ),
    path(f"{USER_DATA}versions/", UserDataVersions.as_view({"get": "list"}), name="application-user-data-versions"),
    path(f"{USER_DATA}read/", UserDataTexts.as_view({"post": "read"}), name="application-user-data-read"),
    path(f"{USER_DATA}render/", UserDataTexts.as_view({"post": "render"}), name="application-user-data-render"),
    path("deployments/<int:pk>/user-data/", DeploymentUserData.as_view(), name="deployment-user-data"),
    *cluster_routes,
    path("operations/", Operations.as_view(), name="operation-list"),
    path(f"{ONE_GROUP}changes/", GroupChanges.as_view({"post": "change"}), name="group-changes"),
    path(f"{ONE_GROUP}operations/", GroupOperations.as_view({"get": "operations"}), name="group-operations"),
    path(f"{ONE_GROUP}details/", Groups.as_view({"get": "details"}), name="group-details"),
    *routes("groups", "group", Groups),
    *routes("instances", "instance", Instances),
    path(f"{ONE_INSTANCE}console-output/", Inside.as_view({"post": "console_output"}), name="instance-console-output"),
    path(f"{ONE_INSTANCE}user-data/", Inside.as_view({"post": "user_data"}), name="instance-user-data"),
    *routes("images", "image", Images),
    path(f"images/{ONE}diff/", Images.as_view({"get": "diff"}), name="image-diff"),
    path(f"images/{ONE}use/", Images.as_view({"get": "use"}), name="image-use"),
    path(f"images/{ONE}diff/commits/", Images.as_view({"get": "commits"}), name="image-diff-commits"),
    path(
        "janitor/rules/<str:name>/",
        Rules.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="janitor-rules-detail",
    ),
    path("janitor/rules/<str:name>/dry-run/", DryRun.as_view(), name="janitor-dry-run"),
    *routes("load-balancers", "load-balancer", LoadBalancers),
    *routes("target-groups", "target-group", TargetGroups),
    path(f"target-groups/{ONE}targets/", TargetGroups.as_view({"get": "targets"}), name="target-group-targets"),
    *routes("launch-templates", "launch-template", LaunchTemplates),
    path(
        f"launch-templates/{ONE}versions/",
        LaunchTemplates.as_view({"get": "versions"}),
        name="launch-template-versions",
    ),
    *router.urls,
    re_path(r"", UnknownUrl.as_view(), name="unknown"),
]
