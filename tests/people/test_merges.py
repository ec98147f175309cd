"""Two records of one child become one, and two again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms.models import model_to_dict
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.enums import CaseloadKind
from lpm.people.models import (
    Caseload,
    Demographics,
    Enrollment,
    Guardianship,
    Household,
    RosterSource,
    SchoolStay,
    Student,
    StudentMerge,
    User,
)
from lpm.people.policy import Action
from lpm.people.queries.guardians import read_opened
from lpm.people.queries.students import find_doubles
from lpm.people.services.guardians import let_guardian_write, restrict_guardian
from lpm.people.services.merges import MergeRefused, merge_students, unmerge_students
from lpm.people.services.students import add_student
from lpm.people.signals import records_changed
from tests.world import DAY, World, enroll, guard, person

FALL, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
CHANGING: list[Any] = [
    Student,
    Enrollment,
    Guardianship,
    Caseload,
    SchoolStay,
    Household.students.through,
    User,
    Demographics,
]


@pytest.fixture
def double(world) -> Student:
    """A second record of the student of ``own``, made by a teacher."""
    return add_student(
        school=world.own.school,
        given_name="Amara",
        family_name="Birch",
        actor=world.teacher,
        day=FALL,
        is_provisional=True,
        group=world.own.group,
    )


def merge(world: World, kept: Student, absorbed: Student, actor: User | None = None) -> StudentMerge:
    return merge_students(kept=kept, absorbed=absorbed, actor=actor or world.administrator, day=DAY)


def unmerge(world: World, row: StudentMerge, actor: User | None = None) -> None:
    unmerge_students(merge=row, actor=actor or world.administrator, day=DAY)


def everything() -> dict[str, dict[int, Any]]:
    """Every row that a merge may change, with all its values."""
    return {model._meta.label: {row.pk: values_of(row) for row in model._base_manager.all()} for model in CHANGING}


def values_of(row: Model) -> dict[str, Any]:
    return {**model_to_dict(row), "student": getattr(row, "student_id", None)}


def seen(user: User, action: Action = Action.VIEW_PROFILE) -> set[Student]:
    return set(Student.objects.visible_to(user, action, DAY))


def test_a_merged_record_is_seen_by_nobody(world, double):
    guard(world.guardian, double)
    Caseload.objects.create(district=double.district, student=double, manager=world.case_manager)
    viewers = ("administrator", "teacher", "guardian", "case_manager", "office", "privacy_officer", "operator")
    for name in viewers:
        assert double in seen(world.people[name]), name

    merge(world, world.own.student, double)

    for name in viewers:
        for action in Action:
            assert double not in seen(world.people[name], action), (name, action)
        assert world.own.student in seen(world.people[name]), name


def test_what_hangs_on_the_record_goes_over(world, double):
    other = world.other_class.group
    seat = Enrollment.objects.create(district=double.district, group=other, student=double)
    aunt = guard(person("aunt", world.own.district), double)
    load = Caseload.objects.create(district=double.district, student=double, manager=world.school_teacher)
    home = Household.objects.create(district=double.district, label="Aunt's home")
    home.students.add(double)

    merge(world, world.own.student, double)

    kept = world.own.student
    assert Enrollment.objects.get(pk=seat.pk).student == kept
    assert Guardianship.objects.get(pk=aunt.pk).student == kept
    assert Caseload.objects.get(pk=load.pk).student == kept
    assert list(home.students.all()) == [kept]


def test_nothing_is_doubled(world, double):
    kept = world.own.student
    guard(world.guardian, double)
    Caseload.objects.create(district=double.district, student=double, manager=world.case_manager)
    home = Household.objects.create(district=double.district)
    home.students.add(double, kept)

    merge(world, kept, double)

    assert Enrollment.objects.filter(student=kept, group=world.own.group).count() == 1
    assert Guardianship.objects.filter(student=kept, guardian=world.guardian).count() == 1
    assert Caseload.objects.filter(student=kept, manager=world.case_manager).count() == 1
    assert home.students.filter(pk=kept.pk).count() == 1
    assert SchoolStay.objects.filter(student=kept, ends_on=None).count() == 1


def test_caseloads_of_other_days_and_kinds_are_not_the_same(world, double):
    Caseload.objects.filter(student=world.own.student).delete()
    made = {"district": double.district, "manager": world.case_manager}
    Caseload.objects.create(**made, student=world.own.student, starts_on=OCTOBER)
    Caseload.objects.create(**made, student=double, ends_on=FALL)
    Caseload.objects.create(**made, student=double, kind=CaseloadKind.THERAPIST)

    merge(world, world.own.student, double)

    assert Caseload.objects.filter(student=world.own.student).count() == 3


@pytest.mark.parametrize("restricted", ["kept", "absorbed"])
def test_a_guardian_restricted_in_one_record_is_restricted(restricted, world, double):
    guard(world.guardian, double, is_restricted=restricted == "absorbed")
    Guardianship.objects.filter(guardian=world.guardian, student=world.own.student).update(
        is_restricted=restricted == "kept"
    )

    row = merge(world, world.own.student, double)

    assert world.own.student not in seen(world.guardian)

    unmerge(world, row)

    assert seen(world.guardian) == {double if restricted == "kept" else world.own.student}


@pytest.mark.parametrize(
    ("kept", "absorbed", "writes"),
    [
        ((True, True), (True, False), False),
        ((False, True), (True, False), False),  # left over from a restriction that was lifted
        ((True, True), (True, True), True),
        ((True, True), (False, False), True),  # unrestricted writes as any guardian
        ((False, False), (True, True), False),
    ],
)
def test_a_restricted_guardian_writes_on_where_both_records_let_them(kept, absorbed, writes, world, double):
    father = person("father", world.own.district)
    row = guard(father, world.own.student, is_restricted=kept[0], may_write=kept[1])
    guard(father, double, is_restricted=absorbed[0], may_write=absorbed[1])
    before = everything()["people.Guardianship"]

    made = merge(world, world.own.student, double)

    row.refresh_from_db()
    assert (row.is_restricted, row.may_write) == (True, writes)
    unmerge(world, made)
    assert everything()["people.Guardianship"] == before


def test_a_group_of_both_lasts_as_long_as_the_two_did(world, double):
    kept = world.own.student
    Enrollment.objects.filter(student=kept).update(starts_on=OCTOBER, ends_on=DAY)

    row = merge(world, kept, double)

    dates = Enrollment.objects.filter(student=kept).values_list("starts_on", "ends_on")
    assert list(dates) == [(FALL, None)]

    unmerge(world, row)

    assert list(dates.all()) == [(OCTOBER, DAY)]
    assert list(Enrollment.objects.filter(student=double).values_list("starts_on", "ends_on")) == [(FALL, None)]


def test_of_two_seats_in_a_group_the_one_of_the_roster_stays(world, double):
    kept = world.own.student
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    hand = Enrollment.objects.get(student=kept)
    Enrollment.objects.filter(student=double).update(source=source, sourced_id="e1", starts_on=OCTOBER)
    rostered = Enrollment.objects.get(student=double)

    row = merge(world, kept, double)

    assert list(kept.enrollments.values_list("pk", "starts_on")) == [(rostered.pk, None)]

    unmerge(world, row)

    assert list(kept.enrollments.values_list("pk", "starts_on")) == [(hand.pk, None)]
    assert list(double.enrollments.values_list("pk", "starts_on")) == [(rostered.pk, OCTOBER)]


def test_the_record_that_stays_is_the_one_the_roster_knows_from_then_on(world, double):
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    rostered = world.own.student
    Student.objects.filter(pk=rostered.pk).update(source=source, sourced_id="s1")

    row = merge(world, double, rostered)

    known = Student.objects.filter(source=source).values_list("pk", "sourced_id", "is_provisional")
    assert list(known) == [(double.pk, "s1", False)]

    unmerge(world, row)

    assert list(known.all()) == [(rostered.pk, "s1", False)]
    double.refresh_from_db()
    assert (double.source, double.sourced_id, double.is_provisional) == (None, "", True)


def test_what_was_empty_is_filled_and_emptied_again(world, double):
    Student.objects.filter(pk=double.pk).update(preferred_name="Ama", pronouns="they", born_on=date(2016, 3, 2))

    row = merge(world, world.own.student, double)

    filled = Student.objects.filter(pk=world.own.student.pk).values_list("preferred_name", "pronouns", "born_on")
    assert filled.get() == ("Ama", "they", date(2016, 3, 1))
    assert "Ama" not in str(row.moved)
    filled.update(pronouns="she")

    unmerge(world, row)

    assert filled.get() == ("", "she", date(2016, 3, 1))


def test_what_one_record_does_not_say_for_counts_the_other_does(world, double):
    common = {"district": double.district}
    Demographics.objects.create(student=world.own.student, sex="female", races=["asian"], is_hispanic=False, **common)
    said = {"sex": "male", "is_hispanic": True, "home_language": "so", "programmes": ["meals"], "races": ["white"]}
    Demographics.objects.create(student=double, **said, **common)

    row = merge(world, world.own.student, double)

    fields = ("sex", "races", "is_hispanic", "home_language", "programmes")
    known = Demographics.objects.filter(student=world.own.student).values_list(*fields)
    assert known.get() == ("female", ["asian"], False, "so", ["meals"])
    assert row.moved["counted_by"] == ["home_language", "programmes"]
    known.update(programmes=["gifted"])

    unmerge(world, row)

    assert known.get() == ("female", ["asian"], False, "", ["gifted"])
    assert Demographics.objects.filter(student=double).values_list(*fields).get() == tuple(
        said[name] for name in fields
    )


def test_a_merge_of_before_is_taken_back_as_well(world, double):
    row = merge(world, world.own.student, double)
    del row.moved["counted_by"]
    row.save(update_fields=["moved"])

    unmerge(world, row)

    assert not Demographics.objects.exists()


def test_the_only_sign_in_goes_over(world, double):
    row = merge(world, double, world.own.student)

    assert Student.objects.get(user=world.student) == double
    assert seen(world.student) == {double}

    unmerge(world, row)

    assert Student.objects.get(user=world.student) == world.own.student


def test_of_two_sign_ins_the_one_of_the_record_that_stays_is_open(world, double):
    second = person("second", world.own.school)
    Student.objects.filter(pk=double.pk).update(user=second)

    row = merge(world, world.own.student, double)

    assert set(User.objects.filter(pk__in=[second.pk, world.student.pk], is_active=True)) == {world.student}

    unmerge(world, row)

    assert User.objects.get(pk=second.pk).is_active
    assert seen(second) == {double}


def test_an_account_that_was_closed_before_stays_closed(world, double):
    second = person("second", world.own.school)
    User.objects.filter(pk=second.pk).update(is_active=False)
    Student.objects.filter(pk=double.pk).update(user=second)

    unmerge(world, merge(world, world.own.student, double))

    assert not User.objects.get(pk=second.pk).is_active


def test_earlier_schools_go_over_where_they_do_not_overlap(world, double):
    SchoolStay.objects.all().delete()
    kept, lake = world.own.student, world.other_school.school
    here = {"district": double.district, "school": lake}
    SchoolStay.objects.create(**here, student=kept, starts_on=OCTOBER)
    earlier = SchoolStay.objects.create(**here, student=double, starts_on=FALL, ends_on=OCTOBER - timedelta(days=1))
    both = SchoolStay.objects.create(**here, student=double, starts_on=OCTOBER)
    Student.objects.filter(pk__in=[kept.pk, double.pk]).update(school=lake, grade="")

    row = merge(world, kept, double)

    assert set(SchoolStay.objects.filter(student=double)) == {both}
    assert earlier in SchoolStay.objects.filter(student=kept)

    unmerge(world, row)

    assert set(SchoolStay.objects.filter(student=double)) == {earlier, both}


def test_unmerging_puts_everything_back(world, double):
    """Everything at once: each kind of row, alike and not."""
    kept = world.own.student
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    Student.objects.filter(pk=double.pk).update(
        preferred_name="Ama", source=source, sourced_id="s1", user=person("second", world.own.school)
    )
    Student.objects.filter(pk=kept.pk).update(is_provisional=True)
    Enrollment.objects.create(district=double.district, group=world.other_class.group, student=double)
    guard(world.guardian, double, is_restricted=True)
    guard(person("aunt", world.own.district), double)
    Caseload.objects.create(district=double.district, student=double, manager=world.school_teacher)
    Household.objects.create(district=double.district).students.add(double)
    Household.objects.create(district=double.district).students.add(double, kept)
    Demographics.objects.create(district=double.district, student=double, home_language="so", programmes=["meals"])
    SchoolStay.objects.filter(student=kept).delete()
    SchoolStay.objects.create(district=double.district, student=kept, school=kept.school, grade="05", starts_on=OCTOBER)
    before = everything()

    row = merge(world, Student.objects.get(pk=kept.pk), Student.objects.get(pk=double.pk))
    between = everything()
    unmerge(world, row)

    assert between != before
    assert everything() == before


def test_what_changed_since_stays_with_the_record_that_was_kept(world, double):
    kept = world.own.student
    aunt = guard(person("aunt", world.own.district), double)
    row = merge(world, kept, double)
    Guardianship.objects.filter(pk=aunt.pk).update(relationship="aunt")
    Enrollment.objects.filter(student=kept).update(ends_on=DAY)
    later = enroll(world.other_class.group, given_name="Later", family_name="Still")
    seat = later.enrollments.get()
    Enrollment.objects.filter(pk=seat.pk).update(student=kept)

    unmerge(world, row)

    assert Guardianship.objects.get(pk=aunt.pk).student == double
    assert set(kept.enrollments.values_list("group__name", "ends_on")) == {("Birch", DAY), ("Alder", None)}


def test_a_record_that_had_absorbed_another_hands_it_on(world, double):
    third = enroll(world.own.group, given_name="A.", family_name="Birch")
    first = merge(world, double, third)

    second = merge(world, world.own.student, double)

    absorbed = Student.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into")
    assert set(absorbed) == {(third.pk, world.own.student.pk), (double.pk, world.own.student.pk)}
    with pytest.raises(MergeRefused, match="since"):
        unmerge(world, first)

    unmerge(world, second)

    assert set(absorbed.all()) == {(third.pk, double.pk)}

    unmerge(world, first)

    assert set(absorbed.all()) == set()


def test_each_writes_one_entry_and_tells_the_apps_above_once(world, double):
    told: list[tuple[set[int], date]] = []

    def listen(student_ids: Any, day: date, **kwargs: Any) -> None:
        told.append((set(student_ids), day))

    records_changed.connect(listen)
    try:
        row = merge(world, world.own.student, double)
        unmerge(world, row)
    finally:
        records_changed.disconnect(listen)

    pks = {world.own.student.pk, double.pk}
    assert told == [(pks, DAY), (pks, DAY)]
    entries = Entry.objects.filter(subject_uuid=world.own.student.uuid).order_by("pk")
    assert list(entries.values_list("action", "actor", "district_id")) == [
        ("people.merge_students", world.administrator.pk, world.own.district.pk),
        ("people.unmerge_students", world.administrator.pk, world.own.district.pk),
    ]
    assert entries[0].details["absorbed"] == str(double.uuid)
    row.refresh_from_db()
    assert (row.merged_by, row.undone_by, row.undone_at is not None) == (
        world.administrator,
        world.administrator,
        True,
    )


# --- what is refused


def test_a_record_is_not_merged_with_itself(world):
    with pytest.raises(MergeRefused, match="one record"):
        merge(world, world.own.student, world.own.student)


def test_a_record_is_merged_once(world, double):
    row = merge(world, world.own.student, double)

    for kept, absorbed in ((double, world.other_class.student), (world.other_class.student, double)):
        with pytest.raises(MergeRefused, match="merged before"):
            merge(world, kept, absorbed)
    unmerge(world, row)
    with pytest.raises(MergeRefused, match="already"):
        unmerge(world, row)


def test_records_of_two_districts_are_not_merged(world):
    with pytest.raises(MergeRefused, match="districts"):
        merge(world, world.own.student, world.other_district.student)


@pytest.mark.parametrize("name", ["teacher", "leader", "office", "privacy_officer", "far_administrator", "stranger"])
def test_both_records_must_be_theirs_to_change(name, world):
    """Those who lead the school of one of the two do not lead that of the other."""
    with pytest.raises(PermissionDenied):
        merge(world, world.own.student, world.other_school.student, actor=world.people[name])
    row = merge(world, world.own.student, world.other_school.student)
    with pytest.raises(PermissionDenied):
        unmerge(world, row, actor=world.people[name])
    assert Student.objects.get(pk=world.other_school.student.pk).merged_into == world.own.student


# --- pages


def page(name: str, *rows: Any) -> str:
    return reverse(f"people:{name}", args=[row.uuid for row in rows])


def test_the_office_merges_on_a_page_and_takes_it_back(world, double, as_person):
    client = as_person(world.office)
    guard(world.past_teacher, double)
    asked = client.get(page("student-merge", world.own.student, double))
    kept, absorbed = asked.context["sides"]
    assert (kept.student, kept.groups, kept.evidence_count) == (world.own.student, ["Birch"], 0)
    assert kept.guardians == [f"{name} Person" for name in ("Guardian", "Guardian From Nowhere", "Restricted Guardian")]
    assert (absorbed.student, absorbed.groups, absorbed.guardians) == (double, ["Birch"], ["Past Teacher Person"])

    response = client.post(page("student-merge", world.own.student, double))

    assert response.url == page("student-show", world.own.student)
    row = StudentMerge.objects.get()
    assert page("merge-undo", row) in client.get(response.url).content.decode()

    client.post(page("merge-undo", row))

    assert Student.objects.get(pk=double.pk).merged_into is None
    assert page("merge-undo", row) not in client.get(response.url).content.decode()


def test_the_address_of_a_merged_record_leads_to_the_one_that_stays(world, double, as_person):
    merge(world, world.own.student, double)

    for name in ("office", "teacher", "guardian", "narrow_caseload"):
        response = as_person(world.people[name]).get(page("student-show", double))
        assert (response.status_code, response.url) == (302, page("student-show", world.own.student)), name
    for name in ("stranger", "far_administrator", "past_guardian"):
        assert as_person(world.people[name]).get(page("student-show", double)).status_code == 404, name
    assert as_person(world.office).get(page("student-change", double)).status_code == 404


def test_what_cannot_be_merged_or_taken_back_is_said(world, double, as_person):
    client = as_person(world.office)

    response = client.post(page("student-merge", world.own.student, world.own.student), follow=True)

    assert "This is one record, not two." in response.content.decode()
    row = merge(world, world.own.student, double)
    unmerge(world, row)
    response = client.post(page("merge-undo", row), follow=True)
    assert "These are two records again already." in response.content.decode()


def test_likely_records_are_offered_and_others_found(world, double, as_person):
    Student.objects.filter(pk=double.pk).update(family_name="of Birch")
    Student.objects.create(
        district=double.district, school=world.other_school.school, given_name="Amara", family_name="of Birch"
    )
    client = as_person(world.office)

    response = client.get(page("merge-choose", world.own.student))
    assert list(response.context["likely"]) == [double]
    assert list(response.context["found"]) == []

    response = client.get(page("merge-choose", world.own.student), {"q": "ben class"})
    assert [student.given_name for student in response.context["found"]] == ["Ben"]
    assert "Nobody of that name here." in client.get(page("merge-choose", double), {"q": "zzz"}).content.decode()


def test_likely_doubles_of_a_school(world, double, as_person):
    Student.objects.filter(pk=double.pk).update(family_name="of Birch")
    response = as_person(world.office).get(page("student-doubles", world.own.school))

    assert response.context["pairs"] == [[world.own.student, double]]
    nobody = as_person(world.administrator).get(page("student-doubles", world.other_school.school))
    assert "No doubles in sight" in nobody.content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_doubles_ask_the_database_the_same_number_of_times(rows, world, as_person, django_assert_num_queries):
    for n in range(rows):
        for _twice in range(2):
            enroll(world.own.group, given_name=f"Child {n}", family_name="Twice")
    client = as_person(world.office)
    client.get(page("student-doubles", world.own.school))

    with django_assert_num_queries(6):
        response = client.get(page("student-doubles", world.own.school))
    assert len(response.context["pairs"]) == rows


@pytest.mark.parametrize(
    ("born_on", "is_provisional", "pairs"),
    [(None, False, 1), (date(2016, 3, 1), False, 1), (date(2015, 3, 1), False, 0), (date(2015, 3, 1), True, 1)],
)
def test_namesakes_of_different_birth_dates_are_two_children(born_on, is_provisional, pairs, world):
    kept = world.own.student
    other = enroll(
        world.own.group, given_name="Amará", family_name="Of Birch", born_on=born_on, is_provisional=is_provisional
    )

    found = find_doubles(Student.objects.filter(school=world.own.school))

    assert found == [(kept.pk, other.pk)] * pairs


def test_the_record_of_a_roster_is_the_one_to_keep(world):
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    other = enroll(world.own.group, given_name="Amy", preferred_name="Amara", family_name="of Birch")
    Student.objects.filter(pk=other.pk).update(source=source, sourced_id="s1")

    assert find_doubles(Student.objects.filter(district=other.district)) == [(other.pk, world.own.student.pk)]


def test_a_home_of_somebody_restricted_opens_the_kept_record_neither(world, double):
    father = person("father", world.own.district)
    guard(father, world.own.student)
    house = Household.objects.create(district=world.own.district)
    house.students.set([double])
    guard(father, double, is_restricted=True, household=house)
    assert read_opened([house.pk], DAY) == {}

    merge(world, world.own.student, double)

    assert read_opened([house.pk], DAY) == {}


def test_a_restriction_somebody_decided_since_is_not_lifted(world, double):
    father = person("father", world.own.district)
    row = guard(father, world.own.student)
    guard(father, double, is_restricted=True)
    made = merge(world, world.own.student, double)
    restrict_guardian(guardianship=row, is_restricted=True, day=DAY, actor=world.office)

    unmerge(world, made)

    row.refresh_from_db()
    assert row.is_restricted


@pytest.mark.parametrize("decides", [restrict_guardian, let_guardian_write])
def test_that_somebody_may_not_write_as_was_decided_since_is_not_lifted(decides, world, double):
    father = person("father", world.own.district)
    row = guard(father, world.own.student, is_restricted=True, may_write=True)
    guard(father, double, is_restricted=True)
    made = merge(world, world.own.student, double)
    answer = {"is_restricted": True} if decides is restrict_guardian else {"may_write": False}
    decides(guardianship=row, day=DAY, actor=world.office, **answer)

    unmerge(world, made)

    row.refresh_from_db()
    assert (row.is_restricted, row.may_write) == (True, False)
