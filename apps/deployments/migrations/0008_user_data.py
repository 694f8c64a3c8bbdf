from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0007_change_kind"),
    ]

    operations = [
        migrations.AddField(
            model_name="deployment",
            name="user_data",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
