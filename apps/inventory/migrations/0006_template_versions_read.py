from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0005_conditions_of_clusters'),
    ]

    operations = [
        migrations.AddField(
            model_name='launchtemplate',
            name='versions_read_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='launchtemplate',
            name='versions_read_to',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='launchtemplateversion',
            index=models.Index(fields=['image_id'], name='template_version_by_image'),
        ),
    ]
