"""Whoever started an import is told how it ended, and of a file that was left for them and asks for a look."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lpm.home.services import apply_import, process_import, start_import
from lpm.notices.enums import NoticeKind
from lpm.notices.models import Notice
from lpm.people.enums import ImportKind, ImportState, OrganizationKind, Role
from lpm.people.models import Organization, RosterDrop, User
from lpm.people.services import create_organization
from tests.curriculum.packages import as_bytes, our_own
from tests.home.test_import_jobs import roster
from tests.world import grant, person


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def district(db) -> Organization:
    return create_organization(kind=OrganizationKind.DISTRICT, name="North", parent=None)


@pytest.fixture
def administrator(district: Organization) -> User:
    user = person("administrator", district)
    grant(user, district, Role.ADMINISTRATOR)
    return user


def told() -> list[tuple[str, str, str]]:
    rows = Notice.objects.filter(kind=NoticeKind.IMPORT).select_related("person").order_by("pk")
    return [(row.person.username, row.params["outcome"], row.path) for row in rows]


def test_who_started_an_import_is_told_when_it_has_ended(district, administrator):
    run = start_import(
        kind=ImportKind.CURRICULUM,
        organization=district,
        started_by=administrator,
        data=as_bytes(our_own()),
        file_name="maths.json",
    )
    process_import(run.pk)
    assert told() == []  # they look at its page

    run.refresh_from_db()
    apply_import(run=run, actor=administrator)
    process_import(run.pk)
    process_import(run.pk)

    assert told() == [("administrator", "applied", reverse("home:import-show", args=[run.uuid]))]


def test_who_started_an_import_is_told_that_it_failed(district, administrator):
    run = start_import(
        kind=ImportKind.CURRICULUM,
        organization=district,
        started_by=administrator,
        data=b"no file that anybody reads",
        file_name="maths.json",
    )
    process_import(run.pk)

    assert [outcome for _who, outcome, _path in told()] == ["refused"]


@pytest.mark.parametrize(("applies_itself", "outcome"), [(True, "applied"), (False, "checked")])
def test_of_a_file_that_was_left_one_is_told_what_became_of_it(district, administrator, applies_itself, outcome):
    drop = RosterDrop.objects.create(
        organization=district, place="north", applies_itself=applies_itself, set_by=administrator
    )
    run = start_import(
        kind=ImportKind.ROSTER,
        organization=district,
        started_by=administrator,
        data=roster(),
        file_name="roster.zip",
        drop=drop,
    )
    process_import(run.pk)
    run.refresh_from_db()
    if run.state == ImportState.QUEUED:
        process_import(run.pk)

    assert [told_outcome for _who, told_outcome, _path in told()] == [outcome]
