from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0003_kinds_read_one_by_one'),
    ]

    operations = [
        migrations.AddField(
            model_name='image',
            name='source',
            field=models.CharField(choices=[('owned', 'Owned'), ('shared', 'Shared'), ('run', 'Run')], default='run', max_length=16),
        ),
        migrations.AddField(
            model_name='instance',
            name='details',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='instance',
            name='tags',
            field=models.JSONField(default=dict),
        ),
    ]
