"""The demonstration district: made by the importers and batch services, the same each time, alive on any day."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from curriculum.models import ContentArea, Target, Translation
from lpm.demo.calculations.plan import make_plan
from lpm.demo.services import PEOPLE, build_district
from lpm.demo.services.unchecked import unchecked
from lpm.notices.enums import DeliveryKind
from lpm.notices.models import Delivery
from lpm.people.enums import OrganizationKind, Role
from lpm.people.models import (
    Caseload,
    Closure,
    Demographics,
    Group,
    Guardianship,
    Household,
    Organization,
    RoleGrant,
    SchoolStay,
    Student,
    User,
)
from lpm.people.policy import Action
from students.letters.services import write_letter
from students.mastery.enums import ProgressDimension, RequestState
from students.mastery.models import (
    Absence,
    Assessment,
    MasteryState,
    ReadyRequest,
    Remark,
    SchoolProgress,
    Seminar,
    ShowingSession,
    WordsTranslation,
)
from students.mastery.queries import find_differences
from students.threads.models import Message, MessageTranslation
from tests.demo.conftest import DAY, STUDENTS
from tests.demo.district import said


def test_the_same_seed_on_the_same_day_makes_the_same_district(built, district):
    """Also where it is so large that the database checks the rows at the end; and then all checks are there again."""
    assert said() == built.unchecked
    assert built.checks_after == built.checks


def test_another_seed_makes_another_district():
    first, other = (make_plan(students=12, years=1, seed=seed, day=DAY) for seed in ("tide", "ebb"))

    assert first == make_plan(students=12, years=1, seed="tide", day=DAY)
    assert set(first.children.values()) != set(other.children.values())


def test_states_are_what_the_record_says(district):
    """As ``verify_mastery`` asks, which wants a transaction of its own."""
    students = list(Student.objects.select_related("school"))

    assert find_differences(students, district) == []
    assert MasteryState.objects.filter(is_proficient=True).count() > 5 * STUDENTS


def test_the_district_has_what_a_district_has(district):
    kinds = list(Organization.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["consortium", "district", *["school"] * 4]
    assert Organization.objects.get(kind=OrganizationKind.DISTRICT).name == "Penobscot Bay Schools"
    assert Student.objects.filter(left_on=None).count() == STUDENTS
    assert Student.objects.filter(left_on=None, is_early_reader=True).count() == (
        Student.objects.filter(left_on=None, grade__in=["KG", "01"]).count()
    )
    roles = set(RoleGrant.objects.values_list("user__username", "role", "organization__kind"))
    assert roles >= {
        ("consortium", Role.LEADER, "consortium"),
        ("superintendent", Role.LEADER, "district"),
        ("curriculum", Role.CURRICULUM_LEAD, "district"),
        ("registrar", Role.ADMINISTRATOR, "district"),
        ("privacy", Role.PRIVACY_OFFICER, "district"),
        ("darsenault", Role.LEADER, "school"),
        ("office", Role.OFFICE, "school"),
    }
    assert {row.manager.username for row in Caseload.objects.select_related("manager")} >= {"pgreeley", "lvasquez"}
    assert Closure.objects.filter(title="Snow day").count() == 4
    assert Seminar.objects.count() == 2
    assert ShowingSession.objects.filter(starts_at__gt=datetime.now(UTC)).count() == ShowingSession.objects.count()


def test_homes_and_what_is_counted_stand_beside_the_students(district):
    plan = make_plan(students=STUDENTS, years=2, seed="tide", day=DAY)
    rows = {row.student.sourced_id: row for row in Demographics.objects.select_related("student")}
    told = {key: (row.sex, row.is_hispanic, row.home_language) for key, row in rows.items()}
    children = {key: child for key, (_family, child) in plan.children.items()}

    assert told == {key: (one.sex, one.is_hispanic, one.language) for key, one in children.items()}
    assert {key: (set(row.races), set(row.programmes)) for key, row in rows.items()} == {
        key: (set(one.races), set(one.programmes)) for key, one in children.items()
    }
    assert Guardianship.objects.filter(household=None).count() == 0
    assert Household.objects.count() == sum(len(family.homes) for family in plan.families)
    restricted = Guardianship.objects.get(guardian__username="inkemelu", student__grade="06")
    assert (restricted.is_restricted, restricted.may_write) == (True, True)
    assert User.objects.get(username="crosado").language == "es"
    assert User.objects.get(username="mkabongo").language == "fr"


def test_years_behind_are_behind(district):
    amara = Student.objects.get(user__username="aokeke")

    assert list(SchoolStay.objects.filter(student=amara).order_by("starts_on").values_list("grade", "ends_on")) == [
        ("04", date(2026, 8, 30)),
        ("05", None),
    ]
    assert Assessment.objects.filter(student=amara, performed_on__lt="2026-06-19").exists()
    assert Assessment.objects.filter(performed_on__range=("2026-06-20", "2026-08-30")).count() == 0
    assert 60 * STUDENTS < Assessment.objects.count() < 140 * Student.objects.count()


def test_the_curriculum_speaks_the_languages_of_the_families(district):
    assert set(ContentArea.objects.values_list("domain", flat=True)) >= {"content"}
    assert {row.domain for row in ContentArea.objects.exclude(domain="content")} == {"reasoning", "habits"}
    every = Target.objects.current().count()
    assert Translation.objects.filter(language="es", target__isnull=False).exclude(i_can="").count() == every
    assert Translation.objects.filter(language="fr", target__isnull=False).exclude(i_can="").count() == every
    assert Target.objects.current().filter(topic__area__title="Mathematics").count() >= 75


def test_habits_are_told_by_words_of_their_own(district):
    area = ContentArea.objects.get(domain="habits")
    scale = area.framework.scale

    assert list(area.framework.areas.all()) == [area]
    assert [level.name for level in scale.levels.order_by("value") if level.name] == [
        "rarely yet",
        "sometimes",
        "often",
        "consistently",
    ]
    marks = Assessment.objects.filter(target__topic__area=area)
    assert set(marks.values_list("level", flat=True)) <= {1, 2, 3, 4}
    assert {row.year for row in marks.dates("performed_on", "year")} == {2025, 2026}
    assert MasteryState.objects.filter(target__topic__area=area).exists()


def test_the_student_of_the_readme_has_her_newest_work_in_fractions_and_is_ready(district):
    amara = Student.objects.get(user__username="aokeke")
    newest = Assessment.objects.filter(student=amara).latest("recorded_at")
    waiting = ReadyRequest.objects.filter(student=amara, state=RequestState.WAITING)

    assert newest.target.topic.code == "FR"
    assert newest.recorder == User.objects.get(username="mthibodeau")
    assert newest.target in [request.target for request in waiting]


def test_a_substitute_offered_marks_that_wait_for_the_teacher(district):
    offered = Assessment.objects.filter(kind="offered")

    assert list(offered.values_list("recorder__username", flat=True)) == ["standin"] * 3
    teacher = User.objects.get(username="mthibodeau")
    assert set(Assessment.objects.visible_to(teacher, Action.RECORD_MARK, DAY).filter(kind="offered")) == set(offered)


def test_words_stand_in_other_languages_too(district):
    put = WordsTranslation.objects.values_list("student__user__username", "language", "translator__username")

    assert set(put) == {
        ("mrosado", "es", "mthibodeau"),
        ("mrosado", "en", "mthibodeau"),
        ("jkabongo", "fr", "mthibodeau"),
        ("jkabongo", "en", "mthibodeau"),
    }
    early = Remark.objects.filter(student__user__username="jsoule", is_for_family=True)
    assert early.filter(student__is_early_reader=True).exists()


def test_who_was_not_there_is_noted_on_school_days_of_this_year(district):
    plan = make_plan(students=STUDENTS, years=2, seed="tide", day=DAY)
    school = {day for _week, days in plan.years[-1].weeks(DAY) for day in days}
    missed = Absence.objects.all()

    assert {row.day for row in missed} <= school
    assert missed.filter(student__given_name="Ana-Alejandra", day=plan.last_school_day).count() == 1


def test_letters_of_the_week_wait_to_go_out_to_a_few_families(district):
    waiting = Delivery.objects.filter(kind=DeliveryKind.FAMILY_LETTER)

    assert set(waiting.values_list("person__username", flat=True)) >= {"nokeke", "cnkemelu", "crosado", "mkabongo"}
    assert not waiting.filter(person__username="inkemelu").exists()
    for row in waiting:
        assert write_letter(delivery=row, now=datetime.now(UTC))


def test_the_schools_are_counted(district):
    counted = SchoolProgress.objects.filter(dimension=ProgressDimension.ALL)

    assert set(counted.values_list("school__sourced_id", flat=True)) == {"0h", "0m", "0u", "0i"}
    assert sum(row.student_count for row in counted) == STUDENTS
    assert sum(row.learned_count for row in counted) > STUDENTS / 2


def test_everybody_named_can_sign_in_with_one_click_and_by_no_password(district, client):
    for person in PEOPLE:
        user = User.objects.get(username=person.username)
        assert not user.has_usable_password()
        assert user.demo_caption == person.caption
        response = client.post(reverse("home:demo-sign-in"), {"person": user.uuid})
        assert (response.status_code, client.session["_auth_user_id"]) == (302, str(user.pk))
        assert client.get(response.url, follow=True).status_code == 200


def test_nobody_else_can(district, client):
    other = User.objects.filter(demo_caption="").earliest("pk")

    assert client.post(reverse("home:demo-sign-in"), {"person": other.uuid}).status_code == 404
    assert client.post(reverse("home:demo-sign-in"), {"person": "anybody"}).status_code == 404


def test_outside_demo_mode_there_is_no_way_in(district, client, settings):
    user = User.objects.get(username="mthibodeau")
    settings.DEMO = False

    assert client.post(reverse("home:demo-sign-in"), {"person": user.uuid}).status_code == 404
    assert user.name not in client.get(reverse("home:sign-in")).content.decode()


def test_it_says_what_it_is_doing(built):
    assert [line.strip() for line in built.lines][:2] == ["People and classes", "Roles, caseloads, substitutes"]


@pytest.mark.django_db
def test_the_command_makes_it_once_and_alive_on_any_day(capsys, monkeypatch):
    """In the summer too."""
    monkeypatch.setenv("LPM_DEMO_STUDENTS", "12")
    with time_machine.travel("2027-07-04T15:00:00+00:00"):
        call_command("demo", "--if-empty", "--years", "1")
        call_command("demo", "--if-empty")
        call_command("demo", "--people")
        day = date(2027, 7, 4)
        teacher = User.objects.get(username="mthibodeau")

        assert Group.objects.visible_to(teacher, Action.VIEW_GROUP, day).exists()
        assert Student.objects.visible_to(teacher, Action.RECORD_MARK, day).filter(user__username="aokeke").exists()
        assert Assessment.objects.filter(performed_on__gte=day).count() == 0
        assert Assessment.objects.filter(performed_on__week_day__in=[1, 7]).count() == 0
        assert Assessment.objects.filter(recorded_at__gt=datetime.now(UTC)).count() == 0

    assert Organization.objects.filter(kind=OrganizationKind.DISTRICT).count() == 1
    out = capsys.readouterr().out
    assert "Making the demonstration district: 12 students, 1 years" in out
    assert "Marguerite Thibodeau: Teacher of Grades 5 and 6 Math" in out
    with pytest.raises(CommandError, match="There is data already"):
        call_command("demo")


@pytest.mark.django_db
def test_a_large_district_is_made_town_by_town(monkeypatch, school_day):
    monkeypatch.setattr("lpm.demo.calculations.plan.OF_A_TOWN", 12)
    lines: list[str] = []
    build_district(students=16, years=1, say=lines.append)

    assert {"Town 1 of 2", "Town 2 of 2"} <= {line.strip() for line in lines}
    assert Organization.objects.filter(kind=OrganizationKind.SCHOOL).count() == 8
    assert RoleGrant.objects.filter(role=Role.LEADER, organization__kind=OrganizationKind.SCHOOL).count() == 8
    assert find_differences(list(Student.objects.select_related("school")), school_day) == []
    assert set(Assessment.objects.values_list("student__school", flat=True)) == (
        set(Student.objects.values_list("school", flat=True))
    )


@pytest.mark.django_db
def test_unchecked_rows_have_to_fit_in_the_end(world):
    def write() -> None:
        with unchecked("mastery_absence"), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE mastery_absence ALTER uuid SET DEFAULT gen_random_uuid()")
            cursor.execute(
                "INSERT INTO mastery_absence (district_id, student_id, group_id, noted_by_id, day) "
                "VALUES (0, 0, 0, 0, '2026-11-19')"
            )

    assert refused(write)


def refused(write: Callable[[], None]) -> bool:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


@pytest.mark.django_db
@pytest.mark.parametrize("size", [["--students", "3"], ["--years", "9"]])
def test_the_command_refuses_a_size_that_makes_no_district(size):
    with pytest.raises(CommandError, match="students"):
        call_command("demo", *size)

    assert not Organization.objects.exists()


@pytest.mark.django_db
def test_the_command_refuses_outside_demo_mode(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="demo mode only"):
        call_command("demo")

    assert not Organization.objects.exists()


def test_a_few_people_have_written_to_each_other(district):
    written = Message.objects.values_list("thread__student__user__username", "author__username", "language")

    assert set(written) == {
        ("aokeke", "aokeke", "en"),
        ("aokeke", "mthibodeau", "en"),
        ("enkemelu", "cnkemelu", "en"),
        ("enkemelu", "mthibodeau", "en"),
        ("enkemelu", "inkemelu", "en"),
        ("mrosado", "crosado", "es"),
        ("mrosado", "mthibodeau", "en"),
    }
    assert MessageTranslation.objects.get().message.language == "es"


def test_waiting_requests_are_open(district):
    waiting = ReadyRequest.objects.filter(state=RequestState.WAITING)
    assert waiting.filter(answered_at__isnull=False).count() == 0
    answered = ReadyRequest.objects.filter(state=RequestState.ANSWERED)
    assert answered.exists()
    assert answered.filter(answer=None).count() == 0


def test_with_production_settings_the_route_does_not_exist():
    program = (
        "import django; django.setup()\n"
        "from django.urls import NoReverseMatch, resolve, Resolver404, reverse\n"
        "try: reverse('home:demo-sign-in')\n"
        "except NoReverseMatch: pass\n"
        "else: raise SystemExit('it has an address')\n"
        "try: resolve('/demo-sign-in')\n"
        "except Resolver404: print('no route')\n"
    )
    production = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lpm.settings",
        "LPM_MODE": "production",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "cairn.example.org",
        "LPM_FILES_ON_DISK": "true",
    }

    ran = subprocess.run([sys.executable, "-c", program], env=production, capture_output=True, text=True, check=False)

    assert ran.stdout == "no route\n", ran.stderr
