"""Runs that began before they knew their resource learn it, so that repairs find what they left borrowed."""

from django.db import migrations


def fill(apps, schema_editor):
    Deployment = apps.get_model("deployments", "Deployment")
    Run = apps.get_model("workflows", "Run")
    for deployment in Deployment.objects.filter(run__resource="").select_related("cluster__environment").iterator():
        cluster = deployment.cluster
        Run.objects.filter(pk=deployment.run_id).update(
            resource=f"cluster:{cluster.environment.name}/{cluster.region}/{cluster.name}",
            called=f"{deployment.kind} {deployment.pk}",
        )


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0005_overrides"),
        ("workflows", "0003_choices"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
