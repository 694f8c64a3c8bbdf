from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0004_tags_and_sources'),
    ]

    operations = [
        migrations.AddField(
            model_name='cluster',
            name='health',
            field=models.PositiveSmallIntegerField(choices=[(0, 'serves nothing'), (1, 'lacks instances'), (2, 'well')], default=2),
        ),
        migrations.AddField(
            model_name='cluster',
            name='version',
            field=models.CharField(blank=True, max_length=255),
        ),
    ]
