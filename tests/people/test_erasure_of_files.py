"""The files of rosters that may name somebody who is erased."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile

from lpm.people.enums import ImportKind, ImportState, OrganizationKind
from lpm.people.models import (
    ImportRun,
    Lineage,
)
from lpm.people.services import create_organization
from lpm.people.services.erasure import (
    erase_person,
    preview_erasure,
)
from tests.people.erasure import erase, known
from tests.world import DAY

__all__ = ["known"]


@pytest.mark.parametrize(
    ("kind", "state", "stays"),
    [
        (ImportKind.ROSTER, ImportState.APPLIED, False),
        (ImportKind.ROSTER, ImportState.REFUSED, False),
        (ImportKind.ROSTER, ImportState.CHECKED, True),
        (ImportKind.CURRICULUM, ImportState.APPLIED, True),
    ],
)
def test_files_of_rosters_that_ended_go(
    kind, state, stays, known, school_day, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    run = ImportRun(kind=kind, organization=known.own.school, started_by=known.administrator, state=state)
    run.file.save("roster.zip", ContentFile(b"names"))
    before = preview_erasure(person=known.own.student)

    with django_capture_on_commit_callbacks(execute=True):
        erase(known, school_day)

    assert ImportRun.objects.exists() is stays
    assert len(list(tmp_path.rglob("*.zip"))) == stays
    assert before.run_count == (not stays)
    assert before.waiting_count == (state == ImportState.CHECKED)


def test_files_of_another_district_stay(known, school_day):
    ImportRun.objects.create(
        kind=ImportKind.ROSTER,
        organization=known.other_district.district,
        started_by=known.far_administrator,
        state=ImportState.APPLIED,
    )

    erase(known, school_day)

    assert ImportRun.objects.count() == 1


def test_the_rosters_of_a_consortium_go_too(world):
    consortium = create_organization(kind=OrganizationKind.CONSORTIUM, name="Coast", parent=None)
    for depth, place in enumerate([world.own.district, world.own.school], start=1):
        Lineage.objects.create(ancestor=consortium, descendant=place, depth=depth)
    run = ImportRun(kind=ImportKind.ROSTER, organization=consortium, started_by=world.administrator)
    run.state = ImportState.APPLIED
    run.file.save("roster.zip", ContentFile(b"names"), save=False)
    run.save()

    erase_person(person=world.other_district.student, actor=None, reason="Asked for", day=DAY)
    assert ImportRun.objects.filter(pk=run.pk).exists()
    erase_person(person=world.own.student, actor=world.privacy_officer, reason="Asked for", day=DAY)
    assert not ImportRun.objects.filter(pk=run.pk).exists()
