"""Everybody's district, and where each student is now: what the new columns hold for those who were here before."""

from django.db import migrations

FILL_DISTRICTS = """
    UPDATE people_user SET district_id = lineage.ancestor_id
    FROM people_lineage lineage JOIN people_organization place ON place.id = lineage.ancestor_id
    WHERE lineage.descendant_id = people_user.organization_id AND place.kind = 'district'
"""
FILL_STAYS = """
    INSERT INTO people_schoolstay (uuid, district_id, student_id, school_id, grade, starts_on, ends_on)
    SELECT gen_random_uuid(), student.district_id, student.id, student.school_id, student.grade, NULL, NULL
    FROM people_student student
    WHERE NOT EXISTS (SELECT FROM people_schoolstay stay WHERE stay.student_id = student.id)
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0003_years_families_and_sign_in")]

    operations = [
        migrations.RunSQL(FILL_DISTRICTS, migrations.RunSQL.noop),
        migrations.RunSQL(FILL_STAYS, migrations.RunSQL.noop),
    ]
