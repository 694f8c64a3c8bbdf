from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0008_scaffold"),
    ]

    operations = [
        migrations.AddField(
            model_name="deployment",
            name="user_data",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
