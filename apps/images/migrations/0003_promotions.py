import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('images', '0002_package_checks'),
        ('inventory', '0006_images_from'),
        ('workflows', '0003_choices'),
    ]

    operations = [
        migrations.CreateModel(
            name='Promotion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('image_id', models.CharField(max_length=32)),
                ('images', models.JSONField()),
                ('application', models.CharField(blank=True, max_length=255)),
                ('version', models.CharField(blank=True, max_length=255)),
                ('live', models.BooleanField(default=True)),
                ('tags', models.JSONField(default=dict)),
                ('evidence', models.JSONField(default=dict)),
                ('actor', models.CharField(max_length=150)),
                ('reason', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('bake', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='promotions', to='images.bake')),
                ('revocation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revoked_promotion', to='workflows.run')),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='promotion', to='workflows.run')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promotions_from', to='inventory.environment')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promotions_to', to='inventory.environment')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['target', '-id'], name='promotion_to')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('live', True)), fields=('image_id', 'target'), name='one_live_promotion')],
            },
        ),
    ]
