import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_work'),
        ('outcomes', '0002_credit_measure_covers'),
        ('registry', '0002_membership_by_organisation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='claim',
            name='claim_of_programme',
        ),
        migrations.AlterField(
            model_name='claim',
            name='programme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='registry.programme'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['kind', 'on', 'id'], name='claim_of_kind'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['on', 'id'], name='claim_by_day'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('status', 'draft')), fields=['on', 'id'], name='claim_draft_by_day'),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(fields=['reference'], name='claim_reference_start', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), 'gin_trgm_ops'), name='claim_title_part'),
        ),
    ]
