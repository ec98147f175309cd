"""From one school year to the next."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.lib.grades import GRADES, grade_label, next_grade
from lpm.people.enums import GroupKind, TermKind
from lpm.people.models import (
    Caseload,
    Enrollment,
    Group,
    Guardianship,
    Organization,
    RosterSource,
    SchoolStay,
    SchoolYear,
    Staffing,
    Student,
    Term,
    User,
)
from lpm.people.policy import Action
from lpm.people.queries.year import find_turn, years_to_begin
from lpm.people.services.stays import settle_stays
from lpm.people.services.year import CannotBegin, RolledOver, Way, roll_over
from students.mastery.models import MasteryState
from students.mastery.services import record_mark
from tests.mastery.ways import choose_method
from tests.world import DAY, World, enroll

LAST, FIRST = DAY - timedelta(days=1), DAY + timedelta(days=30)


@pytest.fixture
def years(world: World) -> tuple[SchoolYear, SchoolYear]:
    """The old year ended yesterday, the new one begins in a month."""
    north = world.own.district
    old = SchoolYear.objects.create(
        organization=north, title="Old", ends_in=2026, starts_on=DAY - timedelta(days=300), ends_on=LAST
    )
    new = SchoolYear.objects.create(
        organization=north, title="New year", ends_in=2027, starts_on=FIRST, ends_on=FIRST + timedelta(days=290)
    )
    Group.objects.update(ends_on=None)
    settle_stays(student_ids=list(Student.objects.values_list("pk", flat=True)), day=DAY - timedelta(days=200))
    return old, new


def begin(world: World, new: SchoolYear, **more) -> RolledOver:
    values = {"organization": world.own.district, "actor": world.people["administrator"], "day": DAY} | more
    return roll_over(beginning=new, **values)


def picture() -> list[object]:
    """Every row that beginning a year may touch."""
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Student, SchoolStay, Enrollment, Staffing, Group, Caseload, Guardianship, User)
    ]


def stays(student: Student) -> list[tuple[str, str, date | None, date | None]]:
    rows = student.stays.order_by("starts_on").values_list("school__name", "grade", "starts_on", "ends_on")
    return list(rows)


def test_grades_follow_each_other():
    assert [next_grade(code) for code in ("PR", "PK", "TK", "KG", "01", "09", "11")] == [
        "PK", "KG", "KG", "01", "02", "10", "12",
    ]  # fmt: skip
    assert [next_grade("12"), next_grade("13")] == [None, None]
    assert [next_grade(code) for code in ("UG", "AE", "", "5th")] == ["UG", "AE", "", "5th"]
    assert [grade_label(code) for code in ("KG", "05", "5th", "")] == ["Kindergarten", "Grade 5", "5th", ""]
    assert all(next_grade(code) in {None, *GRADES} for code in GRADES)


def test_a_year_begins(world, years):
    own = world.own
    far = Student.objects.get(pk=world.other_district.student.pk)
    before = SchoolStay.objects.count()

    done = begin(world, years[1])

    own.student.refresh_from_db()
    assert own.student.grade == "06"
    assert stays(own.student) == [
        ("Hill", "05", DAY - timedelta(days=200), LAST),
        ("Hill", "06", DAY, None),
    ]
    north = Enrollment.objects.filter(district=own.district)
    assert set(north.values_list("ends_on", flat=True)) == {LAST}
    assert set(Group.objects.filter(district=own.district).values_list("ends_on", flat=True)) == {LAST}
    assert set(Enrollment.objects.filter(district=far.district).values_list("ends_on", flat=True)) == {None}
    assert Student.objects.get(pk=far.pk).grade == "05"
    assert SchoolStay.objects.count() == before + 5
    assert (done.moved_up, done.stayed, done.finished, done.moved_school) == (3, 2, 0, 0)
    assert (done.enrollments, done.groups) == (5, 4)
    entry = Entry.objects.get(action="people.roll_over")
    assert (entry.actor, entry.subject_uuid) == (world.people["administrator"], own.district.uuid)
    assert entry.details["moved_up"] == 3


def test_what_ended_before_stays_as_it_is(world, years):
    early = Enrollment.objects.get(student=world.own.student)
    Enrollment.objects.filter(pk=early.pk).update(ends_on=DAY - timedelta(days=90))
    past = Staffing.objects.get(user=world.people["past_teacher"])

    begin(world, years[1])

    early.refresh_from_db()
    assert early.ends_on == DAY - timedelta(days=90)
    assert Staffing.objects.get(pk=past.pk).ends_on == past.ends_on
    assert Staffing.objects.get(user=world.people["teacher"]).ends_on == LAST


def test_groups_of_the_new_year_and_those_that_last_go_on(world, years):
    own = world.own
    lasting, tied, coming = (
        Group.objects.create(district=own.district, school=own.school, kind=GroupKind.ADVISORY, name=name)
        for name in ("lasting", "tied", "coming")
    )
    Group.objects.filter(pk=lasting.pk).update(ends_on=FIRST + timedelta(days=100))
    Group.objects.filter(pk=coming.pk).update(starts_on=FIRST)
    term = Term.objects.create(
        school_year=years[1], kind=TermKind.TERM, title="Fall", starts_on=FIRST, ends_on=FIRST + timedelta(days=60)
    )
    tied.terms.add(term)
    for group in (lasting, tied, coming):
        Enrollment.objects.create(district=own.district, group=group, student=own.student)

    begin(world, years[1])

    rows = Enrollment.objects.filter(group__in=[lasting, tied, coming])
    assert set(rows.values_list("ends_on", flat=True)) == {None}
    assert set(Group.objects.filter(pk__in=[tied.pk, coming.pk]).values_list("ends_on", flat=True)) == {None}


def test_a_group_of_the_old_terms_ends_whatever_its_own_dates_say(world, years):
    old = Term.objects.create(
        school_year=years[0], kind=TermKind.TERM, title="Spring", starts_on=LAST - timedelta(days=60), ends_on=LAST
    )
    world.own.group.terms.add(old)
    Group.objects.filter(pk=world.own.group.pk).update(ends_on=FIRST + timedelta(days=3))

    begin(world, years[1])

    assert Enrollment.objects.get(student=world.own.student).ends_on == LAST


def test_beginning_again_changes_nothing(world, years):
    held = world.own.student
    begin(world, years[1], held=[held.uuid])
    once = picture()

    again = begin(world, years[1])  # and nobody is ticked this time
    by_leader = begin(world, years[1], organization=world.own.school, actor=world.people["leader"])

    assert again.is_nothing
    assert by_leader.is_nothing
    assert picture() == once
    assert Entry.objects.filter(action="people.roll_over").count() == 1
    assert stays(held) == [("Hill", "05", DAY - timedelta(days=200), LAST), ("Hill", "05", DAY, None)]


def test_a_group_made_since_is_of_the_new_year(world, years):
    own, lake = world.own, world.other_school
    begin(world, years[1], organization=own.school, actor=world.people["leader"])
    made = Group.objects.create(district=own.district, school=own.school, kind=GroupKind.CLASS, name="made since")
    enrolled = Enrollment.objects.create(district=own.district, group=made, student=own.student)

    begin(world, years[1])

    made.refresh_from_db()
    enrolled.refresh_from_db()
    assert (made.ends_on, enrolled.ends_on) == (None, None)
    assert Group.objects.get(pk=lake.group.pk).ends_on == LAST


def test_a_transfer_between_two_presses_does_not_raise_anybody_twice(world, years):
    from lpm.people.services.transfers import transfer_student

    begin(world, years[1])
    transfer_student(
        student=world.own.student, school=world.other_school.school, starts_on=DAY,
        actor=world.people["administrator"], day=DAY,
    )  # fmt: skip

    assert begin(world, years[1]).is_nothing
    assert Student.objects.get(pk=world.own.student.pk).grade == "06"


def test_ways_lead_to_another_school_or_out(world, years):
    own, lake = world.own, world.other_school.school
    senior = enroll(own.group, given_name="Sam", family_name="Senior", grade="12")
    thirteenth = enroll(own.group, given_name="Tess", family_name="Thirteen", grade="13")
    lasting = Group.objects.create(
        district=own.district, school=own.school, kind=GroupKind.SEMINAR, name="lasting",
        ends_on=FIRST + timedelta(days=90),
    )  # fmt: skip
    for student in (senior, own.student):
        Enrollment.objects.create(district=own.district, group=lasting, student=student)
    User.objects.filter(pk=own.student.user_id).update(organization=own.school)
    at_school = Caseload.objects.get(manager=world.people["case_manager"])
    choose_method(lake, own.framework, DAY, weight="0.99")
    mark = {"recorder": world.people["teacher"], "student": own.student, "target": own.targets[0], "day": DAY}
    for level in ("1.0", "3.0"):
        record_mark(uuid=uuid4(), level=Decimal(level), performed_on=DAY, **mark)
    assert MasteryState.objects.get(student=own.student).suggested_value == Decimal("2.30")

    done = begin(
        world,
        years[1],
        ways={(own.school.pk, "05"): Way(school_id=lake.pk), (own.school.pk, "13"): Way(stays=True)},
    )

    own.student.refresh_from_db()
    senior.refresh_from_db()
    thirteenth.refresh_from_db()
    at_school.refresh_from_db()
    assert (own.student.school, own.student.grade) == (lake, "06")
    assert own.student.user.organization == lake
    assert stays(own.student)[-1] == ("Lake", "06", DAY, None)
    assert (senior.grade, senior.left_on, senior.school) == ("12", LAST, own.school)
    assert (thirteenth.grade, thirteenth.left_on) == ("13", None)
    assert set(lasting.enrollments.values_list("ends_on", flat=True)) == {LAST}
    assert at_school.ends_on == LAST
    assert (done.moved_school, done.finished) == (2, 1)
    assert MasteryState.objects.get(student=own.student).suggested_value == Decimal("2.98")


def test_who_finishes_has_no_open_stay(world, years):
    senior = enroll(world.own.group, given_name="Sam", family_name="Senior", grade="12")
    settle_stays(student_ids=[senior.pk], day=DAY - timedelta(days=100))

    begin(world, years[1])

    assert stays(senior) == [("Hill", "12", DAY - timedelta(days=100), LAST)]


def test_a_family_goes_on_seeing_the_record(world, years):
    guardian = world.people["guardian"]
    begin(world, years[1], ways={(world.own.school.pk, "05"): Way(finishes=True)})
    student = Student.objects.get(pk=world.own.student.pk)
    assert student.left_on == LAST

    for day in (DAY, FIRST, FIRST + timedelta(days=400)):
        assert Student.objects.visible_to(guardian, Action.VIEW_STUDENT, day).filter(pk=student.pk).exists()
        own = Student.objects.visible_to(world.people["student"], Action.VIEW_STUDENT, day)
        assert own.filter(pk=student.pk).exists()


def test_teachers_lose_sight_when_their_window_closes(world, years):
    begin(world, years[1])
    students = Student.objects.filter(pk=world.own.student.pk)

    seen = [
        students.visible_to(world.people["teacher"], Action.RECORD_MARK, LAST + timedelta(days=n)).exists()
        for n in (14, 15)
    ]

    assert seen == [True, False]


def test_a_roster_owns_the_grades_of_its_students(world, years):
    own = world.own
    source = RosterSource.objects.create(organization=own.district, name="SIS")
    Student.objects.filter(pk=own.student.pk).update(source=source, sourced_id="1")

    begin(world, years[1])
    own.student.refresh_from_db()
    first = (own.student.grade, Enrollment.objects.get(student=own.student).ends_on)
    begin(world, years[1], takes_rostered=True)
    own.student.refresh_from_db()

    assert first == ("05", LAST)
    assert own.student.grade == "06"


def test_who_came_in_the_summer_keeps_the_grade_they_came_with(world, years):
    new = enroll(world.own.group, given_name="Nia", family_name="New", grade="08")
    settle_stays(student_ids=[new.pk], day=DAY + timedelta(days=1))

    begin(world, years[1], day=DAY + timedelta(days=2))

    assert Student.objects.get(pk=new.pk).grade == "08"


def test_without_an_old_year_the_day_before_the_new_one_is_the_last(world):
    new = SchoolYear.objects.create(
        organization=world.own.district, title="New", ends_in=2027, starts_on=DAY, ends_on=DAY + timedelta(days=290)
    )

    assert find_turn(world.own.school, new).last_day == LAST
    assert begin(world, new).moved_up == 3


def test_a_year_begins_neither_too_early_nor_too_late(world, years):
    old, new = years

    with pytest.raises(CannotBegin, match="not over yet"):
        begin(world, new, day=LAST - timedelta(days=1))
    with pytest.raises(CannotBegin, match="not the next one"):
        begin(world, old)
    with pytest.raises(CannotBegin, match="not the next one"):
        begin(world, new, day=FIRST + timedelta(days=180))
    assert list(years_to_begin(world.own.school, DAY)) == [new]
    assert list(years_to_begin(world.other_district.school, DAY)) == []


def test_a_year_is_begun_by_those_who_lead(world, years):
    hill, lake = world.own.school, world.other_school.school

    for name, organization in [("office", hill), ("teacher", hill), ("leader", lake), ("leader", world.own.district)]:
        with pytest.raises(PermissionDenied):
            begin(world, years[1], organization=organization, actor=world.people[name])
    with pytest.raises(PermissionDenied):
        begin(
            world, years[1], organization=hill, actor=world.people["leader"],
            ways={(hill.pk, "05"): Way(school_id=lake.pk)},
        )  # fmt: skip
    assert not begin(world, years[1], organization=hill, actor=world.people["leader"]).is_nothing
    assert Student.objects.get(pk=world.other_school.student.pk).grade == "05"
    assert not begin(world, years[1], actor=None).is_nothing


# The pages


def address(world: World, year: SchoolYear, organization: Organization | None = None) -> str:
    return reverse("people:rollover-preview", args=[(organization or world.own.district).uuid, year.uuid])


def test_the_years_to_begin_are_offered(world, years, as_person):
    page = reverse("people:rollover", args=[world.own.school.uuid])

    assert list(as_person(world.people["leader"]).get(page).context["years"]) == [years[1]]
    SchoolYear.objects.all().delete()
    assert "An administrator of your district adds it" in as_person(world.people["leader"]).get(page).text
    addition = reverse("people:school-year-add", args=[world.own.school.uuid])
    assert addition in as_person(world.people["administrator"]).get(page).text


def test_the_preview_counts_what_will_happen(world, years, as_person):
    enroll(world.own.group, given_name="Sam", family_name="Senior", grade="12")
    Student.objects.filter(pk=world.own.student.pk).update(is_provisional=True)

    preview = as_person(world.people["administrator"]).get(address(world, years[1])).context["preview"]
    moves = {(move.school.name, move.grade, move.student_count, move.is_open) for move in preview.moves}

    assert moves == {("Hill", "05", 2, True), ("Hill", "12", 1, True), ("Lake", "05", 1, True)}
    assert [student.family_name for student in preview.unknown.students] == ["Classmate", "Grown"]
    assert [student.pk for student in preview.provisional.students] == [world.own.student.pk]
    assert (preview.enrollment_count, preview.group_count, preview.student_count) == (6, 4, 6)
    done = begin(world, years[1])
    assert (done.enrollments, done.groups) == (6, 4)


def test_nothing_begins_before_everybody_has_a_place(world, years, as_person):
    client = as_person(world.people["administrator"])
    before = picture()

    response = client.post(address(world, years[1]), {"apply": "apply"})

    assert response.status_code == 422
    assert "Say where they go." in response.text
    assert picture() == before


def test_a_year_begins_from_the_page(world, years, as_person):
    own, lake = world.own, world.other_school.school
    client = as_person(world.people["administrator"])
    sam = enroll(lake_group(world), given_name="Sam", family_name="Stayer", grade="06")
    kit = enroll(lake_group(world), given_name="Kit", family_name="Keeper", grade="06")
    chosen = {
        f"{own.school.uuid}.05": str(lake.uuid),
        f"{lake.uuid}.06": "stay",
    }

    found = client.post(address(world, years[1]), {"look": "look", "find": "stay", "held": [str(kit.uuid), "x"]})
    assert (found.status_code, found.context["found"], found.context["held"]) == (200, [sam], [kit])
    assert Student.objects.get(pk=own.student.pk).grade == "05"
    done = client.post(
        address(world, years[1]),
        chosen | {"apply": "apply", "held": [str(world.other_school.student.uuid)]},
        follow=True,
    )

    grades = dict(Student.objects.filter(district=own.district).values_list("family_name", "grade"))
    assert grades == {
        "of Birch": "06", "of Alder": "06", "of Cedar": "05", "Stayer": "06", "Keeper": "06",
        "Classmate": "", "Grown": "",
    }  # fmt: skip
    assert Student.objects.get(pk=own.student.pk).school == lake
    assert "The new school year has begun." in done.text
    assert done.context["preview"].is_done
    again = client.post(address(world, years[1]), {"apply": "apply"}, follow=True)
    assert "Nothing was left to do" in again.text


def lake_group(world: World) -> Group:
    group: Group = world.other_school.group
    return group


def test_the_page_says_when_it_is_too_early(world, years, as_person):
    SchoolYear.objects.filter(pk=years[0].pk).update(ends_on=DAY + timedelta(days=3))
    client = as_person(world.people["administrator"])
    ways = {f"{place.school.uuid}.05": "up" for place in (world.own, world.other_school)}

    shown = client.get(address(world, years[1]))
    response = client.post(address(world, years[1]), ways | {"apply": "apply"}, follow=True)

    assert not shown.context["is_over"]
    assert "not over yet" in response.text
    assert client.get(address(world, years[0])).status_code == 404


def test_students_of_a_roster_are_told_apart(world, years, as_person):
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    for student in Student.objects.filter(district=world.own.district):
        Student.objects.filter(pk=student.pk).update(source=source, sourced_id=str(student.pk))
    client = as_person(world.people["administrator"])

    kept = client.get(address(world, years[1])).context["preview"]
    taken = client.post(address(world, years[1]), {"look": "look", "takes_rostered": "on"}).context["preview"]

    assert (kept.rostered_count, kept.student_count) == (5, 0)
    assert (taken.rostered_count, taken.student_count) == (0, 5)


def test_the_preview_and_the_turn_take_the_same_queries_for_10_and_60(world, years, as_person):
    client = as_person(world.people["administrator"])
    counts = []
    for size in (10, 50):
        fill(world, size)
        with CaptureQueriesContext(connection) as shown:
            client.get(address(world, years[1]))
        with CaptureQueriesContext(connection) as turned:
            begin(world, years[1])
        counts.append((len(shown), len(turned)))
        Student.objects.all().update(grade="05")
        SchoolStay.objects.all().delete()
        Enrollment.objects.all().update(ends_on=None)
        Staffing.objects.all().update(ends_on=None)
        Group.objects.all().update(ends_on=None)

    assert counts == [(22, 17)] * 2


def fill(world: World, size: int) -> None:
    own = world.own
    students = [
        Student(district=own.district, school=own.school, given_name="A", family_name=f"B {n}", grade="05")
        for n in range(size)
    ]
    for student in students:
        student.fill_sort_key()
    Student.objects.bulk_create(students)
    Enrollment.objects.bulk_create(
        [Enrollment(district=own.district, group=own.group, student=student) for student in students]
    )
