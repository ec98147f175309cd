"""Rows that tie people to places get an identity of their own, so that a page can name them."""

from django.db import migrations, models

import lpm.lib.ids

MODELS = ["caseload", "enrollment", "guardianship", "rolegrant", "schoolyear", "staffing", "term"]
BATCH = 2000


def give_identities(apps, schema_editor):
    for name in MODELS:
        model = apps.get_model("people", name)
        while rows := list(model.objects.filter(uuid__isnull=True).order_by("pk")[:BATCH]):
            for row in rows:
                row.uuid = lpm.lib.ids.uuid7()
            model.objects.bulk_update(rows, ["uuid"])


class Migration(migrations.Migration):
    atomic = False  # filling and tightening are two steps for the database

    dependencies = [("people", "0001_first")]

    operations = [
        migrations.AddField("caseload", "uuid", models.UUIDField(null=True, editable=False)),
        migrations.AddField("enrollment", "uuid", models.UUIDField(null=True, editable=False)),
        migrations.AddField("guardianship", "uuid", models.UUIDField(null=True, editable=False)),
        migrations.AddField("rolegrant", "uuid", models.UUIDField(null=True, editable=False)),
        migrations.AddField("schoolyear", "uuid", models.UUIDField(null=True, editable=False)),
        migrations.AddField("staffing", "uuid", models.UUIDField(null=True, editable=False)),
        migrations.AddField("term", "uuid", models.UUIDField(null=True, editable=False)),
        migrations.RunPython(give_identities, migrations.RunPython.noop),
        migrations.AlterField("caseload", "uuid", models.UUIDField(default=lpm.lib.ids.uuid7, editable=False, unique=True)),
        migrations.AlterField("enrollment", "uuid", models.UUIDField(default=lpm.lib.ids.uuid7, editable=False, unique=True)),
        migrations.AlterField("guardianship", "uuid", models.UUIDField(default=lpm.lib.ids.uuid7, editable=False, unique=True)),
        migrations.AlterField("rolegrant", "uuid", models.UUIDField(default=lpm.lib.ids.uuid7, editable=False, unique=True)),
        migrations.AlterField("schoolyear", "uuid", models.UUIDField(default=lpm.lib.ids.uuid7, editable=False, unique=True)),
        migrations.AlterField("staffing", "uuid", models.UUIDField(default=lpm.lib.ids.uuid7, editable=False, unique=True)),
        migrations.AlterField("term", "uuid", models.UUIDField(default=lpm.lib.ids.uuid7, editable=False, unique=True)),
    ]
