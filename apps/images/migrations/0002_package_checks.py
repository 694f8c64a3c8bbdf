import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("images", "0001_initial"),
        ("workflows", "0003_choices"),
    ]

    operations = [
        migrations.AddField(
            model_name="recipe",
            name="check_first",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="recipe",
            name="check_root",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="recipe",
            name="check_start",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="recipe",
            name="check_path",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name="recipe",
            name="check_port",
            field=models.PositiveIntegerField(default=8080),
        ),
        migrations.AddField(
            model_name="recipe",
            name="check_command",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="recipe",
            name="check_seconds",
            field=models.PositiveIntegerField(default=10),
        ),
        migrations.CreateModel(
            name="PackageCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipe", models.JSONField()),
                ("package", models.CharField(max_length=255)),
                ("version", models.CharField(max_length=255)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("running", "Running"),
                            ("passed", "Passed"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                        ],
                        max_length=16,
                    ),
                ),
                ("says", models.TextField(blank=True)),
                ("way", models.CharField(blank=True, max_length=32)),
                ("seconds", models.FloatField(null=True)),
                ("installed", models.JSONField(default=dict)),
                ("log", models.TextField(blank=True)),
                ("log_cut", models.PositiveIntegerField(default=0)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "build",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="images.build"
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="package_check", to="workflows.run"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["build", "-id"], name="check_of_build")],
            },
        ),
    ]
