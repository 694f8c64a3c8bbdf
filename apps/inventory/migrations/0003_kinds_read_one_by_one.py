from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0002_asked_refreshes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='syncstate',
            name='kind',
            field=models.CharField(choices=[('groups', 'Groups'), ('instances', 'Instances'), ('launch templates', 'Launch Templates'), ('template versions', 'Template Versions'), ('target groups', 'Target Groups'), ('target health', 'Target Health'), ('load balancers', 'Load Balancers'), ('listeners', 'Listeners'), ('images', 'Images')], max_length=32),
        ),
    ]
