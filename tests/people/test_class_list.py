"""A pasted class list: reading the lines, finding who is meant, and the two presses of the page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from lpm.audit.models import Entry
from lpm.people.calculations.class_list import Found, Known, match_lines, parse_list
from lpm.people.models import Enrollment, Student
from lpm.people.queries.groups import read_list
from tests.world import enroll

KNOWN = [
    Known(1, "José", "Núñez"),
    Known(2, "Amara Louise", "Diallo", born_on=date(2016, 3, 1)),
    Known(3, "Thomas", "James"),
    Known(4, "James", "Thomas"),
    Known(5, "Zoe", "O'Brien", preferred="Zed"),
    Known(6, "Ana", "Lopez", grade="05", born_on=date(2016, 3, 4)),
    Known(7, "Ana", "Lopez", grade="06", born_on=date(2015, 9, 9)),
    Known(8, "Kim", "Vu", is_there=True),
]
LETTERS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200)
LINES = st.one_of(LETTERS, st.text(alphabet="abÉ ,;\t\n\"'.0123456789-/", max_size=120))


def read(line: str) -> tuple[str, str]:
    (found,) = parse_list(line)
    return found.given, found.family


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Diallo, Amara", ("Amara", "Diallo")),
        ("Amara Diallo", ("Amara", "Diallo")),
        ("  12. Amara   Diallo ", ("Amara", "Diallo")),
        ("Ana Maria de la Cruz", ("Ana Maria", "de la Cruz")),
        ("Diallo\tAmara\t05\t2016-03-01", ("Amara", "Diallo")),
        ("Diallo;Amara;5", ("Amara", "Diallo")),
        ('"Diallo, Amara",5', ("Amara", "Diallo")),
        ("Diallo, Amara, 5, 3/1/2016", ("Amara", "Diallo")),
        ("Amara", ("Amara", "")),
        ("12345", ("", "")),
    ],
)
def test_a_line_is_read(line, expected):
    assert read(line) == expected


def test_a_heading_says_where_things_are():
    heading, line = parse_list("First name\tLast name\tDOB\tGrade\nAmara\tDiallo\t2016-03-01\t05")

    assert heading.is_heading
    assert (line.given, line.family, line.grade, line.born) == ("Amara", "Diallo", "05", (date(2016, 3, 1),))


def test_a_heading_of_names_alone():
    heading, first, second = parse_list("Student\nDiallo, Amara\nBen Abrams")

    assert heading.is_heading
    assert [(line.given, line.family) for line in (first, second)] == [("Amara", "Diallo"), ("Ben", "Abrams")]


def test_a_date_that_may_be_two_days_is_both():
    (line,) = parse_list("Diallo, Amara, 03/04/2016")
    assert set(line.born) == {date(2016, 3, 4), date(2016, 4, 3)}
    assert parse_list("Diallo, Amara, 31/31/2016")[0].born == ()


@pytest.mark.parametrize(
    ("line", "found", "who"),
    [
        ("nunez JOSE", Found.MATCHED, 1),
        ("NÚÑEZ, josé", Found.MATCHED, 1),
        ("Zed O’Brien", Found.MATCHED, 5),
        ("Zoë OBrien", Found.MATCHED, 5),
        ("James, Thomas", Found.MATCHED, 3),
        ("Thomas James", Found.DOUBTFUL, (3, 4)),
        ("Amara Diallo", Found.DOUBTFUL, (2,)),
        ("Amra Diallo", Found.DOUBTFUL, (2,)),
        ("A. Diallo", Found.DOUBTFUL, (2,)),
        ("Diallo, Amara Louise, 2010-01-01", Found.DOUBTFUL, (2,)),
        ("Jose, Nunez", Found.DOUBTFUL, (1,)),
        ("Lopez, Ana", Found.DOUBTFUL, (6, 7)),
        ("Lopez, Ana, 6", Found.MATCHED, 7),
        ("Lopez, Ana, 03/04/2016", Found.MATCHED, 6),
        ("Vu, Kim", Found.THERE, 8),
        ("Ben Nobody", Found.UNKNOWN, None),
        ("Zoe", Found.DOUBTFUL, (5,)),
        ("404", Found.UNKNOWN, None),
    ],
)
def test_who_is_meant(line, found, who):
    (match,) = match_lines(parse_list(line), KNOWN)

    assert (match.found, match.candidates or match.pk) == (found, who)


def test_a_name_said_twice_counts_once():
    matches = match_lines(parse_list("José Núñez\nNunez, Jose\nBen Nobody\nBen Nobody"), KNOWN)

    assert [match.found for match in matches] == [Found.MATCHED, Found.REPEATED, Found.UNKNOWN, Found.REPEATED]


@given(LINES)
def test_every_line_that_is_not_blank_appears_once(text):
    written = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    lines = parse_list(text)

    assert [(line.number, line.text) for line in lines] == written
    assert [match.line for match in match_lines(lines, KNOWN)] == lines


@given(LINES)
def test_a_matched_student_is_matched_once(text):
    matched = [match.pk for match in match_lines(parse_list(text), KNOWN) if match.found == Found.MATCHED]

    assert len(matched) == len(set(matched))


# --- the page


@pytest.fixture
def twins(world):
    """Two of one name in another class of the school, and one of another name."""
    group = world.other_class.group
    return [
        enroll(group, given_name="Ana", family_name="Lopez", grade="05", born_on=date(2016, 1, 1)),
        enroll(group, given_name="Ana", family_name="Lopez", grade="05", born_on=date(2016, 2, 2)),
        enroll(group, given_name="Noé", family_name="Abrams"),
    ]


def paste_url(world) -> str:
    return reverse("people:group-paste", kwargs={"group": world.own.group.uuid})


def press(client, world, text, **fields):
    return client.post(paste_url(world), {"text": text, "starts_on": "2026-11-19", "ends_on": "", **fields})


def fingerprint(response) -> str:
    return str(response.context["listing"].fingerprint)


def test_nothing_is_saved_before_the_second_press(world, as_person, twins):
    before = Enrollment.objects.count(), Student.objects.count()

    response = press(as_person(world.office), world, "Abrams, Noe\nAna Lopez\nNew Child", step="look")

    assert response.status_code == 200
    html = response.content.decode()
    assert "Say who is meant by 1 line" in html
    assert "Ana Lopez, grade 5, Hill, born Jan. 1, 2016" in html
    assert "Add New <strong>Child</strong> as a new student" in html
    assert "checked" not in html.split("<main")[1]
    assert (Enrollment.objects.count(), Student.objects.count()) == before


def test_the_second_press_saves_what_was_chosen(world, as_person, twins, school_day):
    client = as_person(world.office)
    text = "Abrams, Noe\nAna Lopez\nNew Child\nOther Child\nBen Classmate"
    shown = press(client, world, text, step="look")

    response = press(
        client,
        world,
        text,
        step="save",
        fingerprint=fingerprint(shown),
        **{"line-2": str(twins[1].uuid), "line-3": "new"},
    )

    assert response.status_code == 302
    rows = Enrollment.objects.filter(group=world.own.group, starts_on=school_day, ends_on=None)
    child = Student.objects.get(family_name="Child")
    assert set(rows.values_list("student", flat=True)) == {twins[1].pk, twins[2].pk, child.pk}
    assert (child.given_name, child.school, child.is_provisional) == ("New", world.own.school, True)
    entry = Entry.objects.get(action="people.receive_class_list")
    assert entry.details == {"students": 3, "added": 1}


def test_a_teacher_adds_somebody_new_whom_the_office_sees_to_confirm(world, as_person):
    client = as_person(world.teacher)
    shown = press(client, world, "New Child")

    press(client, world, "New Child", step="save", fingerprint=fingerprint(shown), **{"line-1": "new"})

    assert list(Student.objects.filter(is_provisional=True).values_list("family_name", flat=True)) == ["Child"]
    page = as_person(world.office).get(reverse("people:group-show", kwargs={"group": world.own.group.uuid}))
    assert "New Child" in page.content.decode()
    assert "not confirmed" in page.content.decode()


def test_a_teacher_is_told_of_nobody_they_do_not_teach(world, as_person, twins):
    html = press(as_person(world.teacher), world, "Abrams, Noe\nAna Lopez").content.decode()

    assert "2 names we do not know" in html
    assert str(twins[0].uuid) not in html


def test_an_answer_that_was_not_offered_is_left_out(world, as_person, twins):
    client = as_person(world.teacher)
    shown = press(client, world, "Ana Lopez")

    fields = {"line-1": str(twins[0].uuid)}
    response = press(client, world, "Ana Lopez", step="save", fingerprint=fingerprint(shown), **fields)

    assert response.status_code == 422
    assert "Nobody is chosen yet" in response.content.decode()
    assert not Enrollment.objects.filter(group=world.own.group, student=twins[0]).exists()


def test_what_changed_since_the_first_press_is_shown_again(world, as_person, twins):
    client = as_person(world.office)
    shown = press(client, world, "Abrams, Noe")
    enroll(world.other_class.group, given_name="Noe", family_name="Abrams")

    response = press(client, world, "Abrams, Noe", step="save", fingerprint=fingerprint(shown))

    assert response.status_code == 422
    assert "Something has changed since you looked" in response.content.decode()
    assert not Enrollment.objects.filter(group=world.own.group, student__family_name="Abrams").exists()


def test_back_to_the_names_keeps_them(world, as_person):
    response = press(as_person(world.teacher), world, "New Child", step="again")

    assert response.status_code == 200
    assert "New Child</textarea>" in response.content.decode()


def test_without_names_the_page_says_so(world, as_person):
    response = press(as_person(world.teacher), world, "")

    assert response.status_code == 422
    assert "Paste the names first." in response.content.decode()


@pytest.mark.parametrize("rows", [1, 30])
def test_a_list_is_read_in_one_query(rows, world, school_day, django_assert_num_queries):
    for n in range(rows):
        enroll(world.other_class.group, given_name=f"Child{n}", family_name="Many")
    text = "\n".join(f"Many, Child{n}" for n in range(rows))

    with django_assert_num_queries(1):
        listing = read_list(
            text=text, group=world.own.group, starts_on=None, ends_on=None, user=world.office, day=school_day
        )

    assert len(listing.having(Found.MATCHED)) == rows


def test_1500_names_are_read_and_saved(world, as_person, django_assert_max_num_queries):
    own = world.own
    Student.objects.bulk_create(
        Student(
            district=own.district,
            school=own.school,
            given_name=f"Given{n:04}",
            family_name="Many",
            sort_key=f"many {n}",
        )
        for n in range(1500)
    )
    text = "\n".join(f"Given{n:04} Many" for n in range(1500)) + "\n" + "\n".join(f"X{n} Unknown" for n in range(900))
    client = as_person(world.office)

    shown = press(client, world, text)
    assert len(shown.context["matched"]) == 1500
    assert len(shown.context["listing"].unknown) == 400
    assert len(shown.context["listing"].later) == 500
    with django_assert_max_num_queries(25):
        response = press(client, world, text, step="save", fingerprint=fingerprint(shown))

    assert response.status_code == 302
    assert Enrollment.objects.filter(group=own.group, student__family_name="Many").count() == 1500


def test_a_student_who_left_is_not_meant(world, school_day):
    enroll(world.other_class.group, given_name="Gone", family_name="Away", left_on=school_day - timedelta(days=1))

    listing = read_list(
        text="Gone Away", group=world.own.group, starts_on=None, ends_on=None, user=world.office, day=school_day
    )

    assert [row.found for row in listing.rows] == [Found.UNKNOWN]
