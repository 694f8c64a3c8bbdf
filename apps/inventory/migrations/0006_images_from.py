from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0005_conditions_of_clusters'),
    ]

    operations = [
        migrations.AddField(
            model_name='environment',
            name='images_from',
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
