"""The page of notices: one's own alone, by day, read or not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from lpm.notices.enums import NoticeKind
from lpm.notices.models import Delivery, Notice
from lpm.notices.services import settle, tell
from lpm.people.enums import Part
from lpm.people.models import Guardianship, Organization, User
from tests.world import DAY, World


def told(person: User, world: World, number: int = 1, kind: NoticeKind = NoticeKind.LEVEL) -> Notice:
    tell(people=[person], kind=kind, key=str(number), path="/somewhere", student=world.own.student, topic="Fractions")
    return Notice.objects.get(person=person, kind=kind, key=str(number))


def test_somebody_is_told_once(world: World):
    guardian = world.guardian
    for _again in range(2):
        tell(
            people=[guardian, world.student], kind=NoticeKind.LEVEL, key="day", path="/there", student=world.own.student
        )

    rows = Notice.objects.values_list("person", "kind", "key", "path", "student", "read_at")
    assert set(rows) == {
        (one.pk, "level", "day", "/there", world.own.student.pk, None) for one in (guardian, world.student)
    }
    assert Delivery.objects.count() == 0  # neither has an address


@pytest.mark.parametrize("path", ["//elsewhere.example", "https://elsewhere.example", "there"])
def test_a_notice_leads_to_a_page_of_ours_alone(world: World, path: str):
    with pytest.raises(ValueError, match=path):
        tell(people=[world.guardian], kind=NoticeKind.LEVEL, key="day", path=path)


def test_the_page_has_ones_own_notices_in_ones_own_words(world: World, as_person):
    student = world.own.student
    student.preferred_name, student.family_preferred_name = "Ari", "Mari"
    student.save()
    for person in (world.guardian, world.student, world.teacher):
        told(person, world)
    tell(people=[world.teacher], kind=NoticeKind.READY, key="1", path="/", student=student, target="Step 1")

    def words(name: str) -> set[str]:
        days = as_person(getattr(world, name)).get(reverse("notices:list")).context["days"]
        return {row.words for day in days for row in day.rows}

    assert words("guardian") == {"There is something new about what Mari can do."}
    assert words("student") == {"There is something new for you in “Fractions”."}
    assert words("teacher") == {"There is something new about what Ari can do.", "Ari is ready to show “Step 1”."}
    assert words("classmate") == set()


def test_who_sees_a_student_no_more_reads_nothing_of_them(world: World, as_person):
    notice = told(world.guardian, world)
    client = as_person(world.guardian)
    assert [row.notice for day in client.get("/notices/").context["days"] for row in day.rows] == [notice]

    Guardianship.objects.filter(guardian=world.guardian).update(is_restricted=True)

    response = client.get("/notices/")
    assert (response.context["days"], response.context["unread"]) == ([], 0)
    assert client.get(reverse("notices:open", args=[notice.uuid])).status_code == 404
    client.post(reverse("notices:read"), {"notice": notice.uuid})
    notice.refresh_from_db()
    assert notice.read_at is None

    message = told(world.guardian, world, kind=NoticeKind.MESSAGE)
    Guardianship.objects.filter(guardian=world.guardian).update(may_write=True)
    assert [row.notice for day in client.get("/notices/").context["days"] for row in day.rows] == [message]


def kinds_read(person: User) -> set[str]:
    return {notice.kind for notice in Notice.objects.of(person, DAY)}


@pytest.mark.parametrize(
    ("off", "family", "student"),
    [
        (Part.FAMILIES, {"message"}, {"level", "message"}),
        (Part.STUDENTS, {"level", "message"}, {"message"}),
        (Part.MESSAGES, {"level"}, {"level"}),
    ],
)
def test_of_a_part_that_is_off_nothing_is_read(world: World, off: Part, family: set[str], student: set[str]):
    for person in (world.guardian, world.student):
        for kind in (NoticeKind.LEVEL, NoticeKind.MESSAGE):
            told(person, world, kind=kind)

    Organization.objects.update(parts=[part for part in Part if part != off])

    assert (kinds_read(world.guardian), kinds_read(world.student)) == (family, student)


def test_notices_are_grouped_by_the_days_of_the_school(world: World, as_person):
    first, second, third = (told(world.guardian, world, number) for number in range(3))
    at = timezone.now().replace(hour=4, minute=30)  # half past eleven in the evening before, at school
    for notice, made_at in ((first, at), (second, at - timedelta(hours=1)), (third, at + timedelta(hours=1))):
        Notice.objects.filter(pk=notice.pk).update(made_at=made_at)

    days = as_person(world.guardian).get("/notices/").context["days"]

    assert [(str(day.day), [row.notice for row in day.rows]) for day in days] == [
        ("2026-11-19", [third]),
        ("2026-11-18", [first, second]),
    ]


def test_following_a_notice_reads_it_and_leads_there(world: World, as_person):
    notice, other = told(world.guardian, world, 1), told(world.guardian, world, 2)

    response = as_person(world.guardian).get(reverse("notices:open", args=[notice.uuid]))

    assert (response.status_code, response.url) == (302, "/somewhere")
    assert list(Notice.objects.unread()) == [other]


def test_one_is_read_or_all_of_them(world: World, as_person):
    notices = [told(world.guardian, world, number) for number in range(3)]
    of_another = told(world.student, world)
    client = as_person(world.guardian)

    client.post(reverse("notices:read"), {"notice": notices[0].uuid})
    assert set(Notice.objects.unread()) == {*notices[1:], of_another}

    client.post(reverse("notices:read"))
    assert set(Notice.objects.unread()) == {of_another}
    assert client.post(reverse("notices:read"), {"notice": "no uuid"}).status_code == 404


def test_what_is_settled_is_read_by_all(world: World):
    for person in (world.teacher, world.co_teacher):
        told(person, world, 1, NoticeKind.READY)
    other = told(world.teacher, world, 2, NoticeKind.READY)

    settle(people=[world.teacher, world.co_teacher], kind=NoticeKind.READY, begins="1")

    assert set(Notice.objects.unread()) == {other}


def test_the_bell_counts_what_is_new(world: World, as_person):
    client = as_person(world.guardian)
    assert client.get("/notices/").wsgi_request.unread == 0

    for number in range(100):
        told(world.guardian, world, number)

    page = client.get("/notices/?page=2")
    assert page.wsgi_request.unread == 100
    assert "99+" in page.content.decode()
    assert "100 notices are new" in page.content.decode()


@pytest.mark.parametrize("count", [0, 1, 30])
def test_the_page_costs_the_same_however_much_there_is(world: World, as_person, count: int, django_assert_num_queries):
    for number in range(count):
        told(world.guardian, world, number)
    client = as_person(world.guardian)
    client.get("/notices/")

    with django_assert_num_queries(8 if count else 6):
        client.get("/notices/")
