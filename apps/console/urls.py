"""URLs of the web console."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from apps.console.views import (
    applications,
    changes,
    clusters,
    decide,
    deployments,
    environments,
    freezes,
    groups,
    home,
    images,
    instances,
    launch_templates,
    override,
    policy,
    push,
    rollback,
    search,
    styleguide,
    theme,
    tokens,
    traffic,
    unlock,
)

GROUP = "groups/<str:environment>/<str:region>/<path:name>"  # AWS allows slashes in names
ONE = "<str:environment>/<str:region>/<str:name>/"
INSTANCE = "instances/<str:environment>/<str:region>/<str:name>/"
CLUSTER = "clusters/<str:environment>/<str:region>/<str:name>/"

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("live/", home.live, name="home-live"),
    path("applications/", applications.applications, name="applications"),
    path("applications/new/", applications.create, name="application-new"),
    path("applications/<str:name>/", applications.application, name="application"),
    path("applications/<str:name>/edit/", applications.edit, name="application-edit"),
    path("changes/", changes.changes, name="changes"),
    path("search/", search.search, name="search"),
    path("other-groups/", groups.other_groups, name="other-groups"),
    path(f"{GROUP}/details/", groups.details, name="group-details"),
    path(f"{GROUP}/live/", groups.live, name="group-live"),
    path(f"{GROUP}/", groups.group, name="group"),
    path(f"{INSTANCE}live/", instances.live, name="instance-live"),
    path(f"{INSTANCE}console-output/", instances.console_output, name="instance-console"),
    path(f"{INSTANCE}user-data/", instances.user_data, name="instance-user-data"),
    path(INSTANCE, instances.instance, name="instance"),
    path(CLUSTER, clusters.cluster, name="cluster"),
    path(f"{CLUSTER}live/", clusters.live, name="cluster-live"),
    path(f"{CLUSTER}policy/", policy.policy, name="policy"),
    path(f"{CLUSTER}unlock/", unlock.unlock, name="unlock"),
    path(f"{CLUSTER}push/", push.push, name="push"),
    path(f"{CLUSTER}push/preview/", push.preview, name="push-preview"),
    path("deployments/", deployments.deployments, name="deployments"),
    path("deployments/<int:number>/", deployments.deployment, name="deployment"),
    path("deployments/<int:number>/live/", deployments.live, name="deployment-live"),
    path("deployments/<int:number>/decide/", decide.decide, name="deployment-decide"),
    path("deployments/<int:number>/cancel/", decide.decide, name="deployment-cancel"),
    path("deployments/<int:number>/override/", override.override, name="deployment-override"),
    path("deployments/<int:number>/rollback/", rollback.rollback, name="rollback"),
    path("images/", images.images, name="images"),
    path("load-balancers/", traffic.load_balancers, name="load-balancers"),
    path(f"load-balancers/{ONE}", traffic.load_balancer, name="load-balancer"),
    path(f"target-groups/{ONE}", traffic.target_group, name="target-group"),
    path("launch-templates/", launch_templates.launch_templates, name="launch-templates"),
    path(f"launch-templates/{ONE}", launch_templates.launch_template, name="launch-template"),
    path("environments/", environments.environments, name="environments"),
    path("environments/new/", environments.create, name="environment-new"),
    path("environments/<str:name>/edit/", environments.edit, name="environment-edit"),
    path("freezes/", freezes.freezes, name="freezes"),
    path("freezes/new/", freezes.create, name="freeze-new"),
    path("freezes/<int:number>/end/", freezes.end, name="freeze-end"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:token>/revoke/", tokens.revoke, name="token-revoke"),
    path("theme/", theme.choose, name="theme"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
