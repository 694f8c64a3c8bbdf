import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0007_change_kind"),
        ("inventory", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deployment",
            name="kind",
            field=models.CharField(
                choices=[
                    ("push", "Push"),
                    ("rollback", "Rollback"),
                    ("clean-up", "Clean-up"),
                    ("change", "Change"),
                    ("scaffold", "Scaffold"),
                    ("removal", "Removal"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="ScaffoldPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("noun", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=255)),
                ("settings", models.JSONField(default=dict)),
                ("resource", models.CharField(blank=True, max_length=512)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("made_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "cluster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scaffold",
                        to="inventory.cluster",
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scaffolded",
                        to="deployments.deployment",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("cluster", "noun", "name"),
                        name="scaffolded_once",
                    )
                ],
            },
        ),
    ]
