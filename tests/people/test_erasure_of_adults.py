"""A guardian or somebody of the staff is erased, as far as nothing of others hangs on them."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from lpm.audit.models import Entry, RecordView
from lpm.audit.services import record_views
from lpm.people.models import (
    Student,
    User,
)
from lpm.people.services.erasure import (
    NotAlone,
    erase_person,
    preview_erasure,
)
from students.mastery.models import Assessment
from tests.people.erasure import REASON, erase, known
from tests.world import guard, person

__all__ = ["known"]


def test_guardians_without_another_child_can_go_along(known, school_day):
    guard(known.past_guardian, Student.objects.get(user=known.classmate))
    preview = preview_erasure(person=known.own.student)
    assert {user.username for user in preview.alone} == {
        "guardian",
        "restricted_guardian",
        "guardian_from_nowhere",
    }

    erase(known, school_day, along=[known.guardian.uuid])

    left = set(User.objects.filter(username__contains="guardian").values_list("username", flat=True))
    assert "guardian" not in left
    assert {"past_guardian", "restricted_guardian", "guardian_from_nowhere"} <= left


def test_a_guardian_who_has_another_child_or_works_here_does_not_go_along(known, school_day):
    guard(known.teacher, known.own.student)

    for name in ("teacher", "guardian_of_grown"):
        with pytest.raises(NotAlone):
            erase(known, school_day, along=[known.people[name].uuid])

    assert Student.objects.filter(pk=known.own.student.pk).exists()


def test_a_guardian_who_looked_at_another_child_once_stays_without_a_name(known, school_day):
    other = Student.objects.get(user=known.classmate)
    record_views(
        viewer_id=known.guardian.pk, students=[(other.uuid, other.district_id, "GUARDIAN")], page="path", day=school_day
    )

    erase(known, school_day, along=[known.guardian.uuid])

    row = User.objects.get(pk=known.guardian.pk)
    assert (row.name, row.is_active, row.email) == ("–", False, "")
    assert RecordView.objects.filter(viewer=row).count() == 1


def test_an_account_of_another_district_does_not_go_along(known, school_day):
    far = person("far_guardian", known.other_district.district)
    guard(far, known.own.student)

    with pytest.raises(NotAlone):
        erase(known, school_day, along=[far.uuid])


# --- staff


def test_a_teacher_who_gave_marks_is_nobody_from_then_on_and_the_marks_stay(known, school_day, client):
    client.force_login(known.teacher)
    assert Session.objects.count() == 1
    User.objects.filter(pk=known.teacher.pk).update(email="t@example.org", sourced_id="")

    erase(known, school_day, person=known.teacher)

    row = User.objects.get(pk=known.teacher.pk)
    assert (row.given_name, row.family_name, row.email, row.username) == ("–", "", "", f"erased-{row.uuid}")
    assert (row.is_active, row.has_usable_password(), row.staffing.count()) == (False, False, 0)
    assert Assessment.objects.filter(recorder=row).count() == 3
    assert RecordView.objects.filter(viewer=row).count() == 2
    assert Session.objects.count() == 0
    assert client.get("/").status_code == 302


def test_somebody_of_whom_nothing_is_needed_goes_whole(known, school_day):
    erasure = erase(known, school_day, person=known.co_teacher)

    assert not User.objects.filter(username="co_teacher").exists()
    assert erasure.counts == {"people.Staffing": 1, "people.User": 1}


def test_somebody_of_no_district_is_erased_from_the_shell(known, school_day):
    assert erase_person(person=known.stranger, actor=None, reason=REASON, day=school_day) is None

    assert not User.objects.filter(username="stranger").exists()
    assert Entry.objects.get(action="people.erase_person").details == {"row_count": 1}


def test_the_last_administrator_is_not_erased(world, as_person):
    form = {"reason": "They asked for it themselves", "typed": "erase"}
    address = reverse("people:person-erase", args=[world.administrator.uuid])
    sent = as_person(world.privacy_officer).post(address, form)

    assert sent.status_code == 422
    assert "Nobody would be left" in sent.content.decode()
    assert User.objects.filter(username="administrator").exists()
