from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0004_clock'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='began_at',
            field=models.DateTimeField(null=True),
        ),
    ]
