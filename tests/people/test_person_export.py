"""Everything about one person comes out: the models are walked, and a new link has to be thought about."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from lpm.audit.models import Entry
from lpm.audit.services import record_entry, record_views
from lpm.people.exports.person import LEFT_OUT, export_person
from lpm.people.models import Badge, Household, Invitation, Student, User
from lpm.people.queries.person import OWN, find_person, links_to
from lpm.people.services.privacy import note_export
from students.mastery.services import record_mark
from tests.world import enroll

# Fields by which somebody did something to what belongs to others: of these rows only the identifiers come out, since
# what stands in them is about somebody else. A new field that names a user belongs here, or in ``OWN``.
DEEDS = {
    "audit.Entry.actor": "in the part called audit",
    "curriculum.Change.made_by": "is the curriculum's",
    "curriculum.Comment.settled_by": "a comment is of who wrote it",
    "curriculum.Crosswalk.applied_by": "is the curriculum's",
    "curriculum.FrameworkAdoption.adopted_by": "is the organization's",
    "curriculum.FrameworkWriter.named_by": "is about who writes",
    "curriculum.Revision.made_by": "is the curriculum's",
    "curriculum.Revision.published_by": "is the curriculum's",
    "curriculum.RevisionTrial.asked_by": "is the curriculum's",
    "curriculum.Translation.written_by": "is the curriculum's",
    "curriculum.Wording.written_by": "is the school's",
    "mastery.Absence.noted_by": "an absence is the student's",
    "mastery.Assessment.recorder": "a mark is the student's",
    "mastery.Judgement.judge": "a level is the student's",
    "mastery.MethodRule.chosen_by": "is the organization's",
    "mastery.ReadyRequest.answered_by": "a request is the student's",
    "mastery.Remark.author": "a remark is about the student",
    "mastery.ScaleChange.chosen_by": "is the organization's",
    "mastery.Seminar.made_by": "is the group's",
    "mastery.ShowingSession.host": "is the group's",
    "mastery.StrandPause.decided_by": "a pause is the student's",
    "mastery.WordsTranslation.translator": "words are about the student",
    "people.Badge.made_by": "a badge is of who wears it",
    "people.Erasure.erased_by": "says nothing about anybody",
    "people.ImportRun.confirmed_by": "a file is about those named in it",
    "people.ImportRun.started_by": "a file is about those named in it",
    "people.Invitation.made_by": "a letter is to a household",
    "people.RosterDrop.set_by": "is the district's",
    "people.StudentMerge.merged_by": "a merge is the student's",
    "people.StudentMerge.undone_by": "a merge is the student's",
    "threads.Message.author": "a message is in the student's thread",
    "threads.MessageTranslation.translator": "a message is in the student's thread",
    "threads.Thread.staff": "a thread is the student's",
}
# Every model that names a student comes out whole. A new one shows here, so that somebody looks at what is in it.
ABOUT_STUDENTS = {
    "mastery.Absence.student",
    "mastery.AreaMastery.student",
    "mastery.Assessment.student",
    "mastery.Crossing.student",
    "mastery.GridView.students",
    "mastery.Judgement.student",
    "mastery.MasteryState.student",
    "mastery.ReadyRequest.student",
    "mastery.Remark.student",
    "mastery.StrandPause.student",
    "mastery.TopicMastery.student",
    "mastery.WordsTranslation.student",
    "notices.Notice.student",
    "people.Caseload.student",
    "people.Demographics.student",
    "people.Enrollment.student",
    "people.Guardianship.student",
    "people.Household.students",
    "people.SchoolStay.student",
    "people.Student.merged_into",
    "people.StudentMerge.absorbed",
    "people.StudentMerge.student",
    "threads.Thread.student",
}


def test_every_field_that_names_a_student_is_known():
    assert {link.label for link in links_to(Student)} == ABOUT_STUDENTS


def test_every_field_that_names_a_user_is_their_own_or_a_deed():
    installed = {model._meta.app_label for model in apps.get_models()}
    own = {label for label in OWN if label.split(".")[0] in installed}

    assert {link.label for link in links_to(User)} == own | set(DEEDS)


def test_every_field_left_out_is_there():
    models = {model._meta.label: model for model in apps.get_models()}
    for label in LEFT_OUT:
        model, _, field = label.rpartition(".")
        assert model not in models or field in {one.name for one in models[model]._meta.fields}


@pytest.fixture
def known(world, school_day):
    own = world.own
    absorbed = enroll(own.group, given_name="Amara", family_name="Again")
    Student.objects.filter(pk=absorbed.pk).update(merged_into=own.student)
    classmate = Student.objects.get(user=world.classmate)
    for student, level in ((own.student, "2.5"), (classmate, "1.0")):
        record_mark(
            uuid=uuid4(),
            recorder=world.teacher,
            student=student,
            target=world.targets[0],
            level=Decimal(level),
            performed_on=school_day,
            day=school_day,
            group=own.group,
        )
    home = Household.objects.create(district=own.district, label="Guardian Person, 12 Elm Street")
    home.students.add(own.student, classmate)
    Invitation.objects.create(household=home, digest="letter", made_by=world.office, expires_on=school_day)
    Badge.objects.create(user=world.student, digest="badge", made_by=world.teacher, expires_on=school_day)
    for name, relation in (("teacher", "TEACHER"), ("guardian", "GUARDIAN")):
        record_views(
            viewer_id=world.people[name].pk,
            students=[(own.student.uuid, own.district.pk, relation)],
            page="topic",
            day=school_day,
        )
    record_entry(actor_id=world.student.pk, action="people.sign_in", subject_uuid=world.student.uuid)
    record_entry(actor_id=world.guardian.pk, action="test.guardian", subject_uuid=own.student.uuid)
    record_entry(actor_id=world.office.pk, action="test.office", subject_uuid=own.student.uuid)
    record_entry(actor_id=world.office.pk, action="test.other", subject_uuid=classmate.uuid)
    return world


def exported(person) -> Any:
    return json.loads("".join(export_person(person=person, made_at=timezone.now())))


def test_everything_about_a_student_comes_out(known, school_day):
    said = exported(known.own.student)

    assert (said["format"], said["version"]) == ("cairn-person", 1)
    assert said["person"] == {"uuid": str(known.own.student.uuid), "kind": "student"}
    assert {label: len(rows) for label, rows in said["rows"].items() if rows} == {
        "people.Student": 2,
        "people.User": 1,
        "people.Enrollment": 2,
        "people.Guardianship": 4,
        "people.Caseload": 3,
        "people.Household": 1,
        "people.Invitation": 1,
        "people.Badge": 1,
        "mastery.Assessment": 1,
        "mastery.Judgement": 1,
        "mastery.MasteryState": 1,
        "mastery.TopicMastery": 1,
        "mastery.AreaMastery": 1,
    }
    assert all(not rows for rows in said["deeds"].values())


def test_the_form_of_the_rows(known, school_day):
    rows = exported(known.own.student)["rows"]
    student = next(row for row in rows["people.Student"] if row["uuid"] == str(known.own.student.uuid))
    mark = rows["mastery.Assessment"][0]

    assert (student["given_name"], student["born_on"], student["grade"]) == ("Amara", "2016-03-01", "05")
    assert student["school"] == {"uuid": str(known.own.school.uuid), "name": "Hill"}
    assert student["user"] == {"uuid": str(known.student.uuid), "role": "this person"}
    assert (mark["level"], mark["performed_on"]) == ("2.50", school_day.isoformat())
    assert mark["recorder"] == {"uuid": str(known.teacher.uuid), "role": "recorder"}
    assert mark["target"]["name"] == "Step 1"
    guardians = {row["guardian"]["role"] for row in rows["people.Guardianship"]}
    assert guardians == {"guardian"}


def test_no_name_of_anybody_else_comes_out_and_no_key(known):
    text = "".join(export_person(person=known.own.student, made_at=timezone.now()))
    assert "Amara" in text

    for user in known.people.values():
        assert user == known.student or user.name not in text
    for word in ("Ben", "Classmate", "Elm Street", 'letter"', 'badge"', known.student.password):
        assert word not in text


def test_looks_and_deeds_come_out_without_the_other_guardians(known, school_day):
    said = exported(known.own.student)

    assert [(one["viewer"], one["page"], one["count"]) for one in said["looks"]] == [
        ({"role": "TEACHER", "uuid": str(known.teacher.uuid)}, "topic", 1),
        ({"role": "GUARDIAN"}, "topic", 1),
    ]
    audit = {one["action"]: one["actor"] for one in said["audit"] if one["action"].startswith(("people", "test"))}
    assert audit == {
        "people.sign_in": {"role": "this person", "uuid": str(known.student.uuid)},
        "test.guardian": {"role": "guardian"},
        "test.office": {"role": "actor", "uuid": str(known.office.uuid)},
    }


def test_of_a_teacher_come_out_their_own_things_and_which_marks_they_gave(known):
    said = exported(known.teacher)

    assert {label: len(rows) for label, rows in said["rows"].items() if rows} == {
        "people.User": 1,
        "people.Staffing": 1,
    }
    assert {label: len(rows) for label, rows in said["deeds"].items() if rows} == {
        "mastery.Assessment.recorder": 2,
        "mastery.Judgement.judge": 2,
        "people.Badge.made_by": 1,
        "audit.RecordView.viewer": 1,
    }
    assert "2.50" not in json.dumps(said)


def test_files_are_listed(known, tmp_path):
    from lpm.people.exports.person import _row
    from lpm.people.models import ImportRun

    files: list[dict[str, object]] = []
    run = ImportRun(organization=known.own.district, started_by=known.teacher, file="imports/one.zip")

    assert _row(run, set(), files)["file"] == "imports/one.zip"
    assert files == [{"model": "people.ImportRun", "row": str(run.uuid), "file": "imports/one.zip"}]
    assert _row(ImportRun(organization=known.own.district, started_by=known.teacher), set(), files)["file"] is None


# --- the page and the command


def test_the_file_is_named_after_nobody_and_noted(known, as_person):
    response = as_person(known.privacy_officer).get(
        reverse("people:person-export", kwargs={"person": known.own.student.uuid})
    )

    assert response.streaming
    assert response["Content-Disposition"] == f'attachment; filename="person-{known.own.student.uuid}.json"'
    assert json.loads(response.getvalue())["person"]["kind"] == "student"
    entry = Entry.objects.get(action="people.export_person")
    assert (entry.actor, entry.subject_uuid) == (known.privacy_officer, known.own.student.uuid)


def test_the_account_of_a_student_is_the_student(known, as_person):
    response = as_person(known.privacy_officer).get(
        reverse("people:person-export", kwargs={"person": known.student.uuid})
    )

    assert json.loads(response.getvalue())["person"] == {"uuid": str(known.own.student.uuid), "kind": "student"}


@pytest.mark.parametrize(("name", "status"), [("privacy_officer", 200), ("administrator", 404), ("teacher", 404)])
def test_somebody_with_an_account_comes_out_for_the_privacy_officer(name, status, known, as_person):
    address = reverse("people:person-export", kwargs={"person": known.teacher.uuid})

    assert as_person(known.people[name]).get(address).status_code == status


def test_the_service_asks_again(known, school_day):
    with pytest.raises(PermissionDenied):
        note_export(person=known.own.student, actor=known.administrator, day=school_day)

    assert not Entry.objects.filter(action="people.export_person").exists()


def test_the_command_prints_the_same(known):
    out = StringIO()
    call_command("export_person", str(known.own.student.uuid), stdout=out)

    assert json.loads(out.getvalue())["person"]["uuid"] == str(known.own.student.uuid)
    with pytest.raises(CommandError, match="nobody"):
        call_command("export_person", str(uuid4()), stdout=out)


def test_nobody_is_found_by_a_uuid_of_something_else(known):
    assert find_person(known.own.group.uuid, Student.objects, User.objects) is None


@pytest.mark.parametrize("count", [1, 30])
def test_an_export_takes_a_constant_number_of_queries(count, known, school_day, django_assert_num_queries):
    for n in range(count):
        record_views(
            viewer_id=known.teacher.pk,
            students=[(known.own.student.uuid, known.own.district.pk, "TEACHER")],
            page="topic",
            day=school_day - timedelta(days=n + 1),
        )
        record_mark(
            uuid=uuid4(),
            recorder=known.teacher,
            student=known.own.student,
            target=known.targets[1],
            level=Decimal("2.0"),
            performed_on=school_day,
            day=school_day,
            group=known.own.group,
        )

    with django_assert_num_queries(QUERIES):
        said = exported(known.own.student)

    assert len(said["rows"]["mastery.Assessment"]) == count + 1


QUERIES = 81
