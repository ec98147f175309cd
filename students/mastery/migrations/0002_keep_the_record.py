from django.db import migrations


def refuse_while_there_are_rows(apps, schema_editor):
    """Going back behind this point drops the logs; never while somebody's record is in them."""
    for name in ("Assessment", "Judgement"):
        if apps.get_model("mastery", name).objects.exists():
            raise RuntimeError(f"mastery.{name} holds the record. It is never dropped while it has rows.")


class Migration(migrations.Migration):
    dependencies = [("mastery", "0001_first")]

    operations = [migrations.RunPython(migrations.RunPython.noop, refuse_while_there_are_rows)]
