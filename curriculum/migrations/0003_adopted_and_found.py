"""What was used because its owner stands above is adopted by the owner; targets get the words they are found by."""

from django.db import migrations
from django.db.models import F

from lpm.lib.text import folded

BATCH = 2000


def adopt(apps, schema_editor):
    """A district, school or team used its own; those of a consortium were used by all below it, and stay so."""
    adoptions = apps.get_model("curriculum", "FrameworkAdoption").objects
    frameworks = apps.get_model("curriculum", "Framework").objects.exclude(status="draft")
    for framework in frameworks.exclude(adoptions__organization=F("owner")):
        adoptions.create(
            framework=framework, organization_id=framework.owner_id, adopted_on=framework.imported_at.date()
        )
    for framework in frameworks.filter(published_on__isnull=True):
        framework.published_on = framework.imported_at.date()
        framework.save(update_fields=["published_on"])


def fill_search_text(apps, schema_editor):
    targets = apps.get_model("curriculum", "Target").objects
    rows = []
    for target in targets.only("code", "short_title", "statement", "i_can").iterator(BATCH):
        target.search_text = folded(" ".join([target.code, target.short_title, target.statement, target.i_can]))
        rows.append(target)
    targets.bulk_update(rows, ["search_text"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("curriculum", "0002_written_and_revised")]
    operations = [
        migrations.RunPython(adopt, migrations.RunPython.noop),
        migrations.RunPython(fill_search_text, migrations.RunPython.noop),
    ]
