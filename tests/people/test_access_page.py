"""Who can see a record, and who has seen it: by role for families, by name for the privacy officer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.html import strip_tags

from lpm.audit.models import Entry, RecordView
from lpm.audit.services import record_views
from lpm.lib.charts import strip
from lpm.people.enums import CaseloadKind, Role, StaffRole
from lpm.people.models import Caseload, Enrollment, Group, Guardianship, OperatorSession, Organization, Student
from lpm.people.policy import POLICY, Action, Relation
from lpm.people.queries.privacy import MEANINGS, TITLES, Reader, find_circles, find_open_session, find_seers
from lpm.people.services.privacy import allow_guardians
from lpm.people.templatetags.operators import operator_banner
from tests.world import World, enroll, grant, guard, person, teach


def address(student: Student) -> str:
    return reverse("people:student-access", kwargs={"student": student.uuid})


def said(response) -> str:
    assert response.status_code == 200
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split())


def look(world: World, name: str, relation: str, day, page="topic", times=1):
    student = world.own.student
    for _ in range(times):
        record_views(
            viewer_id=world.people[name].pk,
            students=[(student.uuid, student.district_id, relation)],
            page=page,
            day=day,
        )


def names(circles) -> dict[str, set[str]]:
    return {circle.relation.name: {user.username for user in circle.people} for circle in circles}


# --- who can


def test_every_relation_that_opens_a_record_has_words():
    assert set(TITLES) == set(MEANINGS) == POLICY[Action.VIEW_STUDENT]


def test_who_can_see_is_exactly_who_sees(world, school_day):
    """Whoever is found by a relation sees the record by the rules, and nobody is forgotten."""
    for student in [world.own.student, Student.objects.get(user=world.grown_student), world.other_district.student]:
        found = {user for relation in POLICY[Action.VIEW_STUDENT] for user in find_seers(student, relation, school_day)}
        rows = Student.objects.filter(pk=student.pk)
        expected = {
            user for user in world.people.values() if rows.visible_to(user, Action.VIEW_STUDENT, school_day).exists()
        }
        assert found == expected


def test_the_office_is_told_by_name_relation_by_relation(world, school_day):
    circles = find_circles(world.own.student, Reader.FULL, world.privacy_officer, school_day)

    assert names(circles) == {
        "SELF": {"student"},
        "GUARDIAN": {"guardian", "guardian_from_nowhere"},
        "TEACHER": {"teacher", "co_teacher", "teacher_here_leader_there", "teacher_from_afar"},
        "SUBSTITUTE": {"substitute"},
        "CASE_MANAGER": {"case_manager"},
        "COUNSELOR": {"counselor"},
        "LEADER": {"leader"},
        "ADMINISTRATOR": {"administrator"},
        "PRIVACY_OFFICER": {"privacy_officer"},
        "OPERATOR": {"operator"},
    }


def test_somebody_who_is_no_operator_any_more_or_whose_account_is_closed_is_not_counted(world, school_day):
    for name in ("operator", "counselor"):
        assert find_circles(world.own.student, Reader.FULL, world.privacy_officer, school_day)
        user = world.people[name]
        user.is_operator, user.is_active = False, name == "operator"
        user.save()

    found = names(find_circles(world.own.student, Reader.FULL, world.privacy_officer, school_day))
    assert "OPERATOR" not in found
    assert "COUNSELOR" not in found


def test_a_family_is_told_roles_counts_and_groups_and_no_name(world, as_person, school_day):
    Enrollment.objects.create(district=world.own.district, group=world.other_class.group, student=world.own.student)
    teach(person("alder", world.own.school), world.other_class.group)

    page = said(as_person(world.guardian).get(address(world.own.student)))

    assert "Teachers Teach or co-teach a group" in page
    assert "Groups: Alder, Birch. 5" in page
    assert "Counselors" not in page
    assert "Guardians Adults in contact with the student, until the student comes of age" in page
    assert "not told" in page
    for user in world.people.values():
        assert user in (world.guardian, world.student) or user.name not in page


def test_a_student_is_told_how_many_guardians(world, school_day):
    circles = find_circles(world.own.student, Reader.FAMILY, world.student, school_day)

    assert {circle.relation.name: circle.count for circle in circles} == {
        "SELF": 1,
        "GUARDIAN": 2,
        "TEACHER": 4,
        "SUBSTITUTE": 1,
        "CASE_MANAGER": 1,
        "LEADER": 1,
        "ADMINISTRATOR": 1,
        "PRIVACY_OFFICER": 1,
        "OPERATOR": 1,
    }


def test_a_head_is_told_by_name_who_can_and_by_role_who_has(world, as_person, school_day):
    look(world, "teacher", "TEACHER", school_day)

    page = said(as_person(world.leader).get(address(world.own.student)))

    can, has = (
        page.split("Who has seen it", 2)[-2:] if page.count("Who has seen it") > 1 else page.split("Who has seen it")
    )
    assert "Counselor Person" in page
    assert "Co Teacher Person" in can
    assert "Teacher Person" not in has


# --- who has


@pytest.fixture
def looked(world, school_day):
    """Looks of every kind on two days."""
    look(world, "teacher", "TEACHER", school_day, times=2)
    look(world, "co_teacher", "TEACHER", school_day, page="grid")
    look(world, "teacher_from_afar", "TEACHER", school_day)
    look(world, "counselor", "COUNSELOR", school_day)
    look(world, "guardian_from_nowhere", "GUARDIAN", school_day, page="family")
    look(world, "guardian", "GUARDIAN", school_day, page="family")
    look(world, "case_manager", "CASE_MANAGER", school_day - timedelta(days=1), page="path")
    look(world, "operator", "OPERATOR", school_day - timedelta(days=1), page="path")
    look(world, "stranger", "", school_day - timedelta(days=1), page="path")
    other = world.other_class.student
    record_views(
        viewer_id=world.leader.pk, students=[(other.uuid, other.district_id, "LEADER")], page="path", day=school_day
    )
    return world


BY_ROLE = {
    (0, "TEACHER", False, ("a topic", "the grid of a group"), 3, ""),
    (0, "TEACHER", True, ("a topic",), 1, ""),
    (1, "CASE_MANAGER", False, ("the path",), 1, ""),
    (1, "OPERATOR", True, ("the path",), 1, ""),
}


def looks_shown(response, day) -> set[tuple[object, ...]]:
    return {
        ((day - one.day).days, one.relation, one.is_outside, tuple(sorted(one.pages)), one.count, one.name)
        for one in response.context["looks"]
    }


@pytest.mark.parametrize("name", ["guardian", "guardian_from_nowhere", "student", "leader", "administrator"])
def test_looks_are_told_by_role_and_day(name, looked, as_person, school_day):
    response = as_person(looked.people[name]).get(address(looked.own.student))

    assert looks_shown(response, school_day) == BY_ROLE
    assert "from outside the district" in said(response)


def test_the_privacy_officer_is_told_all_by_name(looked, as_person, school_day):
    response = as_person(looked.privacy_officer).get(address(looked.own.student))

    assert {
        (days, relation, name, count) for days, relation, _, _, count, name in looks_shown(response, school_day)
    } == {
        (0, "TEACHER", "Teacher Person", 2),
        (0, "TEACHER", "Co Teacher Person", 1),
        (0, "TEACHER", "Teacher From Afar Person", 1),
        (0, "COUNSELOR", "Counselor Person", 1),
        (0, "GUARDIAN", "Guardian From Nowhere Person", 1),
        (0, "GUARDIAN", "Guardian Person", 1),
        (1, "CASE_MANAGER", "Case Manager Person", 1),
        (1, "OPERATOR", "Operator Person", 1),
        (1, "", "Stranger Person", 1),
    }
    page = said(response)
    assert "Somebody whose reason is not known" in page
    assert "names roles, not people" not in page


def test_what_another_guardian_does_as_a_teacher_is_no_news_for_the_family(looked, as_person, school_day):
    guard(looked.co_teacher, looked.own.student, is_restricted=True)

    response = as_person(looked.guardian).get(address(looked.own.student))

    assert ("TEACHER", 2) in {(one.relation, one.count) for one in response.context["looks"] if not one.is_outside}
    assert ("TEACHER", 3) not in {(one.relation, one.count) for one in response.context["looks"]}


def test_looks_at_a_record_that_was_merged_count(looked, as_person, school_day):
    absorbed = enroll(looked.own.group, given_name="Amara", family_name="Again")
    record_views(
        viewer_id=looked.leader.pk,
        students=[(absorbed.uuid, absorbed.district_id, "LEADER")],
        page="path",
        day=school_day,
    )
    Student.objects.filter(pk=absorbed.pk).update(merged_into=looked.own.student)

    response = as_person(looked.guardian).get(address(looked.own.student))

    assert looks_shown(response, school_day) == {*BY_ROLE, (0, "LEADER", False, ("the path",), 1, "")}


def test_nobody_has_looked_yet(world, as_person):
    assert "Nobody has looked yet" in said(as_person(world.guardian).get(address(world.own.student)))


def test_a_look_by_a_real_page_is_told_and_looking_at_this_page_is_none(world, as_person, school_day):
    as_person(world.teacher).get(reverse("student:path", kwargs={"student": world.own.student.uuid}))
    as_person(world.leader).get(address(world.own.student))

    response = as_person(world.guardian).get(address(world.own.student))

    assert looks_shown(response, school_day) == {(0, "TEACHER", False, ("the path",), 1, "")}


def test_marks_and_what_waits_on_a_device_are_no_looks(world, as_person, school_day):
    """Sending a mark from the grid asks for no page: it is work, not a look."""
    payload = {
        "uuid": "01935f3c-0000-7000-8000-000000000001",
        "student": world.own.student.uuid,
        "target": world.targets[0].uuid,
        "level": "2.5",
    }
    response = as_person(world.teacher).post(
        reverse("mastery:mark-record", kwargs={"group": world.own.group.uuid}),
        payload,
        headers={"accept": "application/json"},
    )

    assert response.status_code == 201
    assert RecordView.objects.count() == 0


@pytest.mark.parametrize("count", [1, 30])
def test_a_page_of_days_takes_a_constant_number_of_queries(
    count, world, as_person, school_day, django_assert_num_queries
):
    for n in range(count):
        look(world, "teacher", "TEACHER", school_day - timedelta(days=n))
        seat = person(f"more_{n}", world.own.school)
        teach(seat, world.own.group)
    client = as_person(world.guardian)
    client.get(address(world.own.student))

    with django_assert_num_queries(QUERIES):
        response = client.get(address(world.own.student))

    assert len(response.context["looks"]) == count


QUERIES = 19


def test_older_days_are_on_another_page(world, as_person, school_day):
    for n in range(51):
        look(world, "teacher", "TEACHER", school_day - timedelta(days=n))
    client = as_person(world.guardian)

    first, second = (client.get(f"{address(world.own.student)}?page={n}") for n in (1, 2))

    assert [one.day for one in second.context["looks"]] == [school_day - timedelta(days=50)]
    assert len(first.context["looks"]) == 50
    assert "Page 1 of 2" in said(first)


# --- of age


def allow(client, student, *guardianships):
    return client.post(
        reverse("people:student-allow", kwargs={"student": student.uuid}),
        {"allowed": [one.uuid for one in guardianships]},
    )


def test_a_student_of_age_says_who_goes_on_seeing(world, as_person, school_day):
    grown = Student.objects.get(user=world.grown_student)
    new, old = (Guardianship.objects.get(guardian=world.people[n]) for n in ("guardian_of_grown", "guardian_allowed"))
    path = reverse("student:path", kwargs={"student": grown.uuid})
    assert as_person(world.guardian_of_grown).get(path).status_code == 404
    assert as_person(world.guardian_allowed).get(path).status_code == 200

    response = allow(as_person(world.grown_student), grown, new)

    assert response.url == address(grown)
    assert as_person(world.guardian_of_grown).get(path).status_code == 200
    assert as_person(world.guardian_allowed).get(path).status_code == 404
    entry = Entry.objects.get(action="people.allow_guardians")
    assert entry.subject_uuid == grown.uuid
    assert entry.details == {"allowed": [str(new.uuid)], "withdrawn": [str(old.uuid)]}


def test_a_student_of_age_is_shown_the_guardians_to_choose_from(world, as_person, school_day):
    grown = Student.objects.get(user=world.grown_student)
    guard(world.restricted_guardian, grown, is_restricted=True)
    guard(world.past_guardian, grown, ends_on=school_day - timedelta(days=1))

    form = as_person(world.grown_student).get(address(grown)).context["form"]

    assert {name for _, name in form.fields["allowed"].choices} == {
        "Guardian Of Grown Person",
        "Guardian Allowed Person",
    }
    assert form.initial["allowed"] == [str(Guardianship.objects.get(guardian=world.guardian_allowed).uuid)]


@pytest.mark.parametrize(("age", "status"), [(16, 302), (18, 403)])
def test_a_child_decides_nothing_yet(age, status, world, as_person, school_day):
    Organization.objects.filter(pk=world.own.school.pk).update(age_of_rights=age)
    Student.objects.filter(pk=world.own.student.pk).update(born_on="2010-01-01")
    mine = Guardianship.objects.get(guardian=world.guardian)

    response = allow(as_person(world.student), world.own.student, mine)

    assert response.status_code == status
    assert Guardianship.objects.get(pk=mine.pk).student_allows is (status == 302)


def test_the_service_asks_who_decides_and_whether_of_age(world, school_day):
    grown = Student.objects.get(user=world.grown_student)
    for student, actor in [(grown, world.guardian_allowed), (grown, world.leader), (world.own.student, world.student)]:
        with pytest.raises(PermissionDenied):
            allow_guardians(student=student, actor=actor, allowed=[], day=school_day)

    assert Guardianship.objects.get(guardian=world.guardian_allowed).student_allows


def test_a_guardian_of_somebody_else_cannot_be_let_in(world, as_person, school_day):
    grown = Student.objects.get(user=world.grown_student)
    other = Guardianship.objects.get(guardian=world.guardian)

    response = allow(as_person(world.grown_student), grown, other)

    assert response.status_code == 302
    assert not Guardianship.objects.get(pk=other.pk).student_allows
    assert not Entry.objects.filter(action="people.allow_guardians").exists()


def test_a_student_of_age_without_guardians_has_nobody_to_choose(world, as_person):
    grown = Student.objects.get(user=world.grown_student)
    Guardianship.objects.filter(student=grown).delete()

    assert "there is nobody to choose" in said(as_person(world.grown_student).get(address(grown)))


def test_a_counselor_and_a_teacher_of_several_groups_are_counted_once(world, school_day):
    advisory = Group.objects.create(district=world.own.district, school=world.own.school, kind="advisory", name="Oak")
    teach(world.teacher, advisory)
    teach(world.teacher, advisory, role=StaffRole.CO_TEACHER)
    Enrollment.objects.create(district=world.own.district, group=advisory, student=world.own.student)
    Caseload.objects.create(
        district=world.own.district,
        student=world.own.student,
        manager=world.counselor,
        kind=CaseloadKind.THERAPIST,
    )
    circles = {c.relation: c for c in find_circles(world.own.student, Reader.FULL, world.privacy_officer, school_day)}

    assert circles[Relation.COUNSELOR].count == 1
    assert circles[Relation.TEACHER].count == 4
    assert circles[Relation.TEACHER].places == ["Birch", "Oak"]


def test_a_leader_of_another_school_is_not_counted(world, school_day):
    grant(world.stranger, world.other_school.school, Role.LEADER)

    assert world.stranger not in find_seers(world.own.student, Relation.LEADER, school_day)


# --- the banner


def test_an_operator_is_told_that_a_session_is_open_and_others_cost_nothing(world, django_assert_num_queries):
    session = OperatorSession.objects.get(operator=world.operator)

    with django_assert_num_queries(1):
        assert operator_banner({"user": world.operator}) == {"session": session}
    with django_assert_num_queries(0):
        assert operator_banner({"user": world.teacher}) == {"session": None}
        assert operator_banner({}) == {"session": None}
    assert operator_banner({"user": world.past_operator}) == {"session": None}


def test_nobody_has_no_session():
    assert find_open_session(None) is None


# --- the drawing


def test_a_strip_has_a_dot_for_each_day_of_the_weeks_drawn(school_day):
    days = {school_day: 1, school_day - timedelta(days=13): 5, school_day - timedelta(days=14): 1}

    drawn = strip({"Teachers & <others>": days, "Somebody of whom there is much to say": {}}, school_day, 2, "Looks")

    assert re.findall(r'<circle class="dot" cx="(\d+)" cy="(\d+)" r="(\d)"/>', drawn) == [
        ("174", "13", "5"),
        ("343", "13", "3"),
    ]
    assert "Teachers &amp; &lt;others&gt;" in drawn
    assert "Somebody of whom there …" in drawn
    assert 'aria-label="Looks"' in drawn
