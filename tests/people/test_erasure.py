"""A person is erased whole or not at all, and nobody else with them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from lpm.audit.models import Entry, RecordView
from lpm.audit.services import record_entry, record_views
from lpm.people.enums import ImportKind, ImportState, OrganizationKind
from lpm.people.models import (
    Badge,
    Enrollment,
    Erasure,
    Guardianship,
    Household,
    ImportRun,
    Invitation,
    Lineage,
    PeopleSettings,
    SchoolStay,
    Student,
    StudentMerge,
    User,
)
from lpm.people.queries.privacy import find_expired, years_before
from lpm.people.services import create_organization
from lpm.people.services.erasure import (
    NoReason,
    NotAlone,
    PartOfAnother,
    StillHeld,
    erase_person,
    preview_erasure,
)
from lpm.people.services.merges import merge_students
from lpm.people.services.stays import settle_stays
from lpm.people.services.students import give_sign_in, take_sign_in
from lpm.people.signals import students_erasing
from students.mastery.models import Assessment, Judgement, MasteryState
from students.mastery.services import record_mark
from tests.world import DAY, World, enroll, guard, person

REASON = "request of the family"


def mark(world: World, student: Student, day: date, level: str = "3.0") -> None:
    record_mark(
        uuid=uuid4(),
        recorder=world.teacher,
        student=student,
        target=world.targets[0],
        level=Decimal(level),
        performed_on=day,
        day=day,
        group=world.own.group,
    )


@pytest.fixture
def known(world, school_day):
    """A student of whom everything there is is known, with a record that was merged into theirs."""
    own = world.own
    absorbed = enroll(own.group, given_name="Amara", family_name="Again")
    for student in (own.student, absorbed, Student.objects.get(user=world.classmate)):
        mark(world, student, school_day)
    settle_stays(student_ids=[own.student.pk, absorbed.pk], day=school_day)
    Student.objects.filter(pk=absorbed.pk).update(merged_into=own.student)
    StudentMerge.objects.create(district=own.district, student=own.student, absorbed=absorbed, merged_by=world.office)
    alone, shared = (Household.objects.create(district=own.district, label=label) for label in ("one", "two"))
    alone.students.add(own.student)
    shared.students.add(own.student, Student.objects.get(user=world.classmate))
    for home, digest in ((alone, "a"), (shared, "b")):
        Invitation.objects.create(household=home, digest=digest, made_by=world.office, expires_on=school_day)
    Guardianship.objects.filter(student=own.student, guardian=world.guardian).update(household=alone)
    Badge.objects.create(user=world.student, digest="c", made_by=world.teacher, expires_on=school_day)
    record_views(
        viewer_id=world.teacher.pk,
        students=[(one.uuid, one.district_id, "TEACHER") for one in (own.student, absorbed)],
        page="topic",
        day=school_day,
    )
    record_entry(actor_id=world.student.pk, action="people.sign_in", subject_uuid=world.student.uuid)
    return world


def everything() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def erase(world: World, day: date, **changes) -> Erasure:
    given = {"person": world.own.student, "actor": world.privacy_officer, "reason": REASON, "day": day}
    erasure = erase_person(**{**given, **changes})
    assert erasure is not None
    return erasure


GONE = {
    "audit.RecordView": 2,
    "mastery.AreaMastery": 2,
    "mastery.Assessment": 2,
    "mastery.Judgement": 2,
    "mastery.MasteryState": 2,
    "mastery.TopicMastery": 2,
    "people.Badge": 1,
    "people.Caseload": 3,
    "people.Enrollment": 2,
    "people.Guardianship": 4,
    "people.Household": 1,
    "people.SchoolStay": 2,
    "people.Student": 2,
    "people.StudentMerge": 1,
    "people.User": 1,
}


def test_everything_about_a_student_goes_and_nothing_of_anybody_else(known, school_day):
    before = everything()
    assert preview_erasure(person=known.own.student).counts == GONE

    erasure = erase(known, school_day)

    after = everything()
    added = {"people.Erasure": 1, "audit.Entry": 1}
    along = {"people.Invitation": 1}  # of the home that is no more
    expected = {
        label: count - GONE.get(label, 0) - along.get(label, 0) + added.get(label, 0) for label, count in before.items()
    }
    assert after == expected
    assert erasure.counts == GONE
    assert {home.label for home in Household.objects.all()} == {"two"}
    classmate = Student.objects.get(user=known.classmate)
    assert set(Assessment.objects.values_list("student", flat=True)) == {classmate.pk}
    assert set(MasteryState.objects.values_list("student", flat=True)) == {classmate.pk}


def test_of_an_erasure_is_noted_that_it_was_and_not_of_whom(known, school_day):
    student = known.own.student

    erasure = erase(known, school_day)

    entry = Entry.objects.get(action="people.erase_person")
    assert (entry.actor, entry.subject_uuid, entry.details) == (
        known.privacy_officer,
        erasure.uuid,
        {"row_count": sum(GONE.values())},
    )
    told = f"{erasure.reason} {erasure.counts} {entry.details}"
    for word in (student.given_name, student.family_name, str(student.uuid)):
        assert word not in told


def test_what_a_student_did_stays_in_the_audit_without_them(known, school_day):
    erase(known, school_day)

    assert Entry.objects.get(action="people.sign_in").actor is None
    assert not User.objects.filter(username="student").exists()


@pytest.mark.django_db(transaction=True)
def test_the_logs_refuse_changes_again_after_an_erasure(school_day):
    from tests.world import build_world

    world = build_world(school_day)
    mark(world, world.own.student, school_day)
    other = Student.objects.get(user=world.classmate)
    mark(world, other, school_day)

    erase(world, school_day)

    assert not Assessment.objects.exclude(student=other).exists()
    for log in (Assessment, Judgement):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            log._base_manager.filter(student=other)._raw_delete("default")
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            log.objects.filter(student=other).update(level=Decimal(1))


def test_when_one_part_fails_nothing_is_erased(known, school_day):
    def fail(**kwargs):
        raise RuntimeError

    before = everything()
    students_erasing.connect(fail)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            erase(known, school_day)
    finally:
        students_erasing.disconnect(fail)

    assert everything() == before


def test_rows_that_nobody_removes_keep_the_student(known, school_day):
    """As if the part that keeps marks did not listen."""
    before = everything()
    receivers, students_erasing.receivers = students_erasing.receivers, []
    students_erasing.sender_receivers_cache.clear()
    try:
        with pytest.raises(StillHeld, match=r"mastery\.Assessment"):
            erase(known, school_day)
    finally:
        students_erasing.receivers = receivers
        students_erasing.sender_receivers_cache.clear()

    assert everything() == before


@pytest.mark.parametrize("name", ["administrator", "leader", "office", "teacher", "operator", "guardian", "student"])
def test_only_a_privacy_officer_erases(name, known, school_day):
    with pytest.raises(PermissionDenied):
        erase(known, school_day, actor=known.people[name])

    assert Student.objects.filter(pk=known.own.student.pk).exists()


def test_a_privacy_officer_erases_nobody_elsewhere(known, school_day):
    with pytest.raises(PermissionDenied):
        erase(known, school_day, person=known.other_district.student)


@pytest.mark.parametrize("reason", ["", "   "])
def test_nobody_is_erased_without_a_reason(reason, known, school_day):
    with pytest.raises(NoReason):
        erase(known, school_day, reason=reason)


def test_a_record_that_was_merged_goes_with_the_one_that_was_kept(known, school_day):
    absorbed = Student.objects.get(merged_into=known.own.student)

    with pytest.raises(PartOfAnother):
        erase(known, school_day, person=absorbed, actor=None)


def test_the_account_of_a_student_goes_with_the_student(known, school_day):
    with pytest.raises(PartOfAnother):
        erase(known, school_day, person=known.student, actor=None)


# --- files that may name them


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


# --- guardians


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


# --- the page


def address(one: Student | User) -> str:
    return reverse("people:person-erase", kwargs={"person": one.uuid})


def test_the_page_says_what_goes_and_what_stays_and_changes_nothing(known, as_person, school_day):
    before = everything()

    response = as_person(known.privacy_officer).get(address(known.own.student))

    assert response.status_code == 200
    page = response.content.decode()
    assert dict(response.context["preview"].counts) == GONE
    assert "What stays" in page
    assert "Nobody can undo this" in page
    assert '<button class="danger" type="submit">Erase for ever</button>' in page
    assert {k: v for k, v in everything().items() if k != "sessions.Session"} == {
        k: v for k, v in before.items() if k != "sessions.Session"
    }


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"reason": REASON, "typed": "Erase "}, 302),
        ({"reason": REASON, "typed": ""}, 422),
        ({"reason": REASON, "typed": "yes"}, 422),
        ({"reason": "", "typed": "erase"}, 422),
        ({"reason": "short", "typed": "erase"}, 422),
    ],
)
def test_the_word_and_a_reason_are_needed(payload, status, known, as_person, school_day):
    response = as_person(known.privacy_officer).post(address(known.own.student), payload)

    assert response.status_code == status
    assert Student.objects.filter(pk=known.own.student.pk).exists() is (status == 422)


def test_the_page_erases_the_guardians_ticked(known, as_person):
    payload = {"reason": REASON, "typed": "erase", "along": [known.guardian.uuid]}

    assert as_person(known.privacy_officer).post(address(known.own.student), payload).status_code == 302

    assert not User.objects.filter(username="guardian").exists()
    assert User.objects.filter(username="restricted_guardian").exists()


def test_the_page_takes_no_guardian_who_is_not_listed(known, as_person):
    payload = {"reason": REASON, "typed": "erase", "along": [known.guardian_of_grown.uuid]}

    assert as_person(known.privacy_officer).post(address(known.own.student), payload).status_code == 422

    assert Student.objects.filter(pk=known.own.student.pk).exists()


def test_the_page_says_when_something_holds_on(known, as_person, monkeypatch):
    def hold(**kwargs):
        raise StillHeld("mastery.Assessment")

    students_erasing.connect(hold)
    try:
        response = as_person(known.privacy_officer).post(
            address(known.own.student), {"reason": REASON, "typed": "erase"}
        )
    finally:
        students_erasing.disconnect(hold)

    assert response.status_code == 422
    assert "nothing was erased" in response.content.decode()
    assert Student.objects.filter(pk=known.own.student.pk).exists()


def test_the_page_erases_somebody_with_an_account_too(known, as_person):
    client = as_person(known.privacy_officer)
    assert "without name" in client.get(address(known.teacher)).content.decode()

    assert client.post(address(known.teacher), {"reason": REASON, "typed": "erase"}).status_code == 302

    assert User.objects.get(pk=known.teacher.pk).name == "–"


# --- the command, and records that are old enough


def test_the_command_says_first_and_erases_when_told(known):
    uuid = str(known.own.student.uuid)
    out = StringIO()
    call_command("erase_person", uuid, stdout=out)
    assert "people.Student 2" in out.getvalue()
    assert Student.objects.filter(uuid=uuid).exists()

    with pytest.raises(CommandError, match="--reason"):
        call_command("erase_person", uuid, "--erase", stdout=out)
    call_command("erase_person", uuid, "--erase", "--reason", REASON, stdout=out)

    assert not Student.objects.filter(uuid=uuid).exists()
    with pytest.raises(CommandError, match="nobody"):
        call_command("erase_person", uuid, stdout=out)


def test_the_command_says_why_it_does_not(known):
    absorbed = Student.objects.get(merged_into=known.own.student)
    with pytest.raises(CommandError, match="merged"):
        call_command("erase_person", str(absorbed.uuid), "--erase", "--reason", REASON, stdout=StringIO())

    receivers, students_erasing.receivers = students_erasing.receivers, []
    students_erasing.sender_receivers_cache.clear()
    try:
        with pytest.raises(CommandError, match=r"mastery\.Assessment"):
            call_command("erase_person", str(known.own.student.uuid), "--erase", "--reason", REASON, stdout=StringIO())
    finally:
        students_erasing.receivers = receivers
        students_erasing.sender_receivers_cache.clear()


def left(world: World, student: Student, day: date) -> None:
    Student.objects.filter(pk=student.pk).update(left_on=day)


@pytest.fixture
def old(world, school_day):
    PeopleSettings.objects.create(organization=world.own.district, valid_from=school_day, retention_years=7)
    left(world, world.own.student, date(2019, 11, 18))
    left(world, world.other_class.student, date(2019, 11, 19))  # seven years ago to the day: not longer
    left(world, world.other_school.student, date(2010, 6, 1))
    left(world, world.other_district.student, date(2010, 6, 1))  # nobody there has set a time
    return world


def test_those_who_left_longer_ago_than_records_are_kept(old, school_day):
    schools = [place.school for place in old.places.values()]

    found = find_expired(list({school.pk: school for school in schools}.values()), school_day)

    assert set(found) == {old.own.student, old.other_school.student}


def test_a_year_before_a_leap_day():
    assert years_before(date(2028, 2, 29), 1) == date(2027, 2, 28)
    assert years_before(date(2028, 2, 29), 4) == date(2024, 2, 29)


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--dry-run", "--erase", "--actor", "privacy_officer"]])
def test_retention_lists_and_changes_nothing(options, old):
    out = StringIO()

    call_command("retention", *options, stdout=out)

    assert set(out.getvalue().split("\n")[:2]) == {str(old.own.student.uuid), str(old.other_school.student.uuid)}
    assert "2 found, nothing changed." in out.getvalue()
    assert "Amara" not in out.getvalue()
    assert Student.objects.filter(pk=old.own.student.pk).exists()


def test_retention_erases_in_the_name_of_a_privacy_officer(old):
    out = StringIO()

    call_command("retention", "--erase", "--actor", "privacy_officer", stdout=out)

    assert "2 erased." in out.getvalue()
    assert not Student.objects.filter(pk__in=[old.own.student.pk, old.other_school.student.pk]).exists()
    assert Student.objects.filter(pk__in=[old.other_class.student.pk, old.other_district.student.pk]).count() == 2
    assert {one.erased_by for one in Erasure.objects.all()} == {old.privacy_officer}


def test_retention_erases_in_nobody_elses_name(old):
    for options in (["--erase"], ["--erase", "--actor", "nobody"]):
        with pytest.raises(CommandError, match="in whose name"):
            call_command("retention", *options, stdout=StringIO())
    with pytest.raises(CommandError, match="may not"):
        call_command("retention", "--erase", "--actor", "administrator", stdout=StringIO())

    assert Student.objects.filter(pk=old.own.student.pk).exists()


def test_the_stays_and_seats_of_others_stay(known, school_day):
    others = Enrollment.objects.exclude(student__in=Student.objects.records_of([known.own.student.pk])).count()

    erase(known, school_day)

    assert Enrollment.objects.count() == others
    assert not SchoolStay.objects.exists()
    assert person("new", known.own.school)  # the name of the one who went is free again


def test_an_account_that_was_taken_from_the_student_goes_too(world):
    student = enroll(world.own.group, given_name="Zora", family_name="Nightingale")
    give_sign_in(student=student, username="zora", actor=world.office, day=DAY)
    take_sign_in(student=student, actor=world.office, day=DAY)

    erase_person(person=student, actor=world.privacy_officer, reason="Asked for", day=DAY)

    assert not User.objects.filter(family_name="Nightingale").exists()


def test_the_last_administrator_is_not_erased(world, as_person):
    form = {"reason": "They asked for it themselves", "typed": "erase"}
    address = reverse("people:person-erase", args=[world.administrator.uuid])
    sent = as_person(world.privacy_officer).post(address, form)

    assert sent.status_code == 422
    assert "Nobody would be left" in sent.content.decode()
    assert User.objects.filter(username="administrator").exists()


def test_the_account_of_a_merged_record_goes_with_the_kept_one_alone(world, as_person):
    absorbed = enroll(world.own.group, given_name="Amara", family_name="Twice")
    account = give_sign_in(student=absorbed, username="twice", actor=None, day=DAY)
    merge_students(kept=world.own.student, absorbed=absorbed, actor=world.administrator, day=DAY)

    page = as_person(world.privacy_officer).get(reverse("people:person-erase", args=[account.uuid]))

    assert page.status_code == 404


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
