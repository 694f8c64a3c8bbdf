from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0006_images_from'),
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
