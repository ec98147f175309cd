"""Operators see a district in a session alone: with a reason, an end, and a line in the audit. And the audit's page."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from lpm.audit.models import Entry
from lpm.audit.services import record_entry
from lpm.people.models import OperatorSession, Organization, PeopleSettings, RoleGrant, Student
from lpm.people.policy import Action
from lpm.people.queries.audit import SENTENCES, action_title
from lpm.people.services.operators import (
    AlreadyOpen,
    BelongsSomewhere,
    WrongSession,
    end_session,
    make_operator,
    open_session,
)
from tests.world import World, person

PAGE = reverse("people:operator-session")
REASON = "A class list does not load"


def text(response) -> str:
    assert response.status_code == 200
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(strip_tags(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)).split())


@pytest.fixture
def operator(world):
    """An operator without a session."""
    user = person("night_watch", None)
    make_operator(user=user)
    return user


def sees(user, student, day) -> bool:
    return Student.objects.visible_to(user, Action.VIEW_STUDENT, day).filter(pk=student.pk).exists()


def begin(client, district, **changes):
    return client.post(PAGE, {"organization": district.uuid, "reason": REASON, "hours": "2", **changes})


def test_an_operator_opens_a_session_sees_the_district_and_ends_it(world, operator, as_person, school_day):
    client = as_person(operator)
    assert not sees(operator, world.own.student, school_day)

    response = begin(client, world.own.district)

    session = OperatorSession.objects.get(operator=operator)
    assert response.url == PAGE
    assert (session.organization, session.reason) == (world.own.district, REASON)
    assert session.ends_at - session.starts_at == timedelta(hours=2)
    assert sees(operator, world.own.student, school_day)
    assert not sees(operator, world.other_district.student, school_day)
    assert "Open: North" in text(client.get(PAGE))

    client.post(reverse("people:operator-end", kwargs={"session": session.uuid}))

    assert not sees(operator, world.own.student, school_day)
    assert "Open a session" in text(client.get(PAGE))
    noted = Entry.objects.filter(subject_uuid=session.uuid).order_by("pk")
    assert [(one.action, one.actor, one.district_id, one.details) for one in noted] == [
        ("people.open_operator_session", operator, world.own.district.pk, {"hours": 2}),
        ("people.end_operator_session", operator, world.own.district.pk, {}),
    ]


def test_a_session_ends_by_itself(world, operator, school_day):
    session = open_session(operator=operator, organization=world.own.district, reason=REASON, hours=1)
    assert sees(operator, world.own.student, school_day)

    with time_machine.travel(session.ends_at):
        assert not sees(operator, world.own.student, school_day)


@pytest.mark.parametrize(
    "changes",
    [{"reason": "too short"}, {"reason": "          "}, {"hours": "5"}, {"hours": "0"}, {"hours": ""}],
)
def test_a_session_needs_a_reason_and_an_end(changes, world, operator, as_person):
    assert begin(as_person(operator), world.own.district, **changes).status_code == 422

    assert not OperatorSession.objects.filter(operator=operator).exists()


def test_a_session_is_over_a_district_and_nothing_else(world, operator, as_person):
    assert begin(as_person(operator), world.own.school).status_code == 422

    for organization, reason, hours in [
        (world.own.school, REASON, 1),
        (world.own.district, "short", 1),
        (world.own.district, REASON, 0),
        (world.own.district, REASON, 5),
    ]:
        with pytest.raises(WrongSession):
            open_session(operator=operator, organization=organization, reason=reason, hours=hours)


def test_there_is_one_session_at_a_time(world, operator, as_person):
    client = as_person(operator)
    begin(client, world.own.district)

    response = begin(client, world.other_district.district)

    assert response.status_code == 422
    with pytest.raises(AlreadyOpen):
        open_session(operator=operator, organization=world.other_district.district, reason=REASON, hours=1)
    assert OperatorSession.objects.filter(operator=operator).count() == 1


def test_who_is_no_operator_opens_and_ends_nothing(world, school_day):
    with pytest.raises(PermissionDenied):
        open_session(operator=world.administrator, organization=world.own.district, reason=REASON, hours=1)
    session = OperatorSession.objects.get(operator=world.operator)
    with pytest.raises(PermissionDenied):
        end_session(session=session, operator=world.past_operator)

    assert sees(world.operator, world.own.student, school_day)


def test_a_session_that_has_ended_is_ended_once(world):
    session = OperatorSession.objects.get(operator=world.past_operator)

    end_session(session=session, operator=world.past_operator)

    assert OperatorSession.objects.get(pk=session.pk).ends_at == session.ends_at
    assert not Entry.objects.filter(action="people.end_operator_session").exists()


def test_an_operator_ends_no_session_of_another(world, operator, as_person, school_day):
    session = OperatorSession.objects.get(operator=world.operator)

    response = as_person(operator).post(reverse("people:operator-end", kwargs={"session": session.uuid}))

    assert response.status_code == 404
    assert sees(world.operator, world.own.student, school_day)


def test_a_look_of_an_operator_is_noted_as_one(world, as_person):
    from lpm.audit.models import RecordView

    as_person(world.operator).get(reverse("student:path", kwargs={"student": world.own.student.uuid}))

    assert [(one.viewer_id, one.relation) for one in RecordView.objects.all()] == [(world.operator.pk, "OPERATOR")]


# --- the command


def test_the_command_makes_and_ends_an_operator(world, school_day):
    out = StringIO()
    call_command("make_operator", "stranger", stdout=out)
    world.stranger.refresh_from_db()
    assert world.stranger.is_operator
    open_session(operator=world.stranger, organization=world.own.district, reason=REASON, hours=4)

    call_command("make_operator", "Stranger", "--end", stdout=out)

    world.stranger.refresh_from_db()
    assert not world.stranger.is_operator
    assert OperatorSession.objects.get(operator=world.stranger).ends_at <= timezone.now()
    assert list(
        Entry.objects.filter(subject_uuid=world.stranger.uuid).order_by("pk").values_list("action", flat=True)
    ) == [
        "people.make_operator",
        "people.end_operator",
    ]


@pytest.mark.parametrize("name", ["teacher", "nobody at all"])
def test_somebody_of_a_school_is_no_operator(name, world):
    with pytest.raises(CommandError, match="belongs to no organization"):
        call_command("make_operator", name, stdout=StringIO())

    assert not world.teacher.is_operator


def test_the_service_makes_nobody_of_a_school_an_operator(world):
    with pytest.raises(BelongsSomewhere):
        make_operator(user=world.teacher)


# --- the audit


def audit(district: Organization) -> str:
    return reverse("people:audit-list", kwargs={"district": district.uuid})


@pytest.fixture
def audited(world: World, school_day):
    """Four entries of the district on two days, one of another, one of none."""
    Entry.objects.all().delete()
    own = world.own.district.pk

    def note(actor, action, district_id, hours=0):
        entry = record_entry(
            actor_id=actor.pk if actor else None,
            action=action,
            subject_uuid=world.own.student.uuid,
            district_id=district_id,
        )
        Entry.objects.filter(pk=entry.pk).update(at=timezone.now() - timedelta(hours=hours))

    note(world.administrator, "people.grant_role", own)
    note(world.teacher, "people.sign_in", own, hours=1)
    note(None, "people.import_roster", own, hours=24)
    note(world.teacher, "strange.thing", own, hours=25)
    note(world.far_administrator, "people.grant_role", world.other_district.district.pk)
    note(None, "people.sign_in_failed", None)
    return SimpleNamespace(world=world, page=audit(world.own.district), day=school_day)


def told(response) -> list[tuple[str, str]]:
    assert response.status_code == 200
    return [(deed.name, deed.said) for deed in response.context["deeds"]]


GAVE, CAME_IN = ("Administrator Person", "gave a role"), ("Teacher Person", "signed in")
BROUGHT, STRANGE = ("The system", "brought in people and classes"), ("Teacher Person", "strange.thing")


def test_the_audit_says_who_did_what_in_the_district_and_nowhere_else(audited, as_person):
    response = as_person(audited.world.administrator).get(audited.page)

    assert told(response) == [GAVE, CAME_IN, BROUGHT, STRANGE]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kind": "people.grant_role"}, [GAVE]),
        ({"kind": "not one"}, [GAVE, CAME_IN, BROUGHT, STRANGE]),
        ({"person": "teach"}, [CAME_IN, STRANGE]),
        ({"person": "person TEACHER"}, [CAME_IN, STRANGE]),
        ({"person": "nobody"}, []),
        ({"since": "2026-11-19"}, [GAVE, CAME_IN]),
        ({"until": "2026-11-18"}, [BROUGHT, STRANGE]),
        ({"since": "2026-11-18", "until": "2026-11-19", "person": "teacher"}, [CAME_IN, STRANGE]),
        ({"since": "soon"}, [GAVE, CAME_IN, BROUGHT, STRANGE]),
    ],
)
def test_the_audit_is_filtered(query, expected, audited, as_person):
    response = as_person(audited.world.privacy_officer).get(audited.page, query)

    assert told(response) == expected
    assert ("Nothing found" in response.content.decode()) is (not expected)


@pytest.mark.parametrize("count", [1, 30])
def test_the_audit_takes_a_constant_number_of_queries(count, audited, as_person, django_assert_num_queries):
    for _ in range(count):
        record_entry(
            actor_id=audited.world.leader.pk, action="people.sign_in", district_id=audited.world.own.district.pk
        )
    client = as_person(audited.world.administrator)
    client.get(audited.page)

    with django_assert_num_queries(QUERIES):
        response = client.get(audited.page)

    assert len(told(response)) == count + 4


QUERIES = 7


def test_older_entries_are_on_another_page_and_the_filter_goes_along(audited, as_person):
    for _ in range(51):
        record_entry(actor_id=None, action="people.sign_in", district_id=audited.world.own.district.pk)
    client = as_person(audited.world.administrator)

    first = client.get(audited.page, {"kind": "people.sign_in"})
    second = client.get(audited.page, {"kind": "people.sign_in", "page": "2"})

    assert len(told(first)) == 50
    assert "?kind=people.sign_in&amp;page=2" in first.content.decode()
    assert len(told(second)) == 2


def test_the_audit_tells_of_every_session_of_an_operator(world, as_person):
    OperatorSession.objects.filter(operator=world.past_operator).update(organization=world.other_district.district)

    page = text(as_person(world.privacy_officer).get(audit(world.own.district)))

    assert "Operator Person Somebody cannot sign in" in page
    assert "Past Operator" not in page


def test_who_looks_after_one_school_does_not_read_the_audit_of_the_district(world, as_person):
    RoleGrant.objects.filter(user=world.privacy_officer).update(organization=world.own.school)
    client = as_person(world.privacy_officer)

    assert client.get(audit(world.own.district)).status_code == 404
    assert client.get(audit(world.own.school)).status_code == 404


def test_the_privacy_officer_is_told_what_has_to_be_looked_after(world, as_person, school_day):
    PeopleSettings.objects.create(organization=world.own.district, valid_from=school_day, retention_years=1)
    Student.objects.filter(pk=world.other_school.student.pk).update(left_on="2020-01-01")
    Student.objects.filter(pk=world.own.student.pk).update(born_on=None)
    Student.objects.filter(pk=world.other_district.student.pk).update(born_on=None)

    response = as_person(world.privacy_officer).get(audit(world.own.district))

    assert (response.context["expired_count"], response.context["undated_count"]) == (1, 1)
    assert "1 student left longer ago than records are kept" in text(response)
    assert "records are kept" not in text(as_person(world.administrator).get(audit(world.own.district)))


def test_everything_that_people_do_is_said_in_words():
    """A service that notes something new gets a sentence here."""
    services = (Path(apps.get_app_config("people").path) / "services").rglob("*.py")
    codes = {code for file in services for code in re.findall(r'"(people\.[a-z_]+)"', file.read_text("utf-8"))}

    assert "people.erase_person" in codes
    assert codes - set(SENTENCES) == set()


def test_every_sentence_says_something_else():
    assert len({str(said) for said in SENTENCES.values()}) == len(SENTENCES)
    assert action_title("no.such_thing") == "no.such_thing"
