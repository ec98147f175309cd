"""Every route, for every kind of person, at their own place and three others: who gets in, and nobody else.

A route that is in the URL configuration and not in ``EXPECTED`` fails the suite, and so does one that takes a method
which is neither there nor in ``MORE``. Whoever is not named gets 404, and somebody who is not signed in is sent to
sign in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.http.request import HttpHeaders
from django.template.backends.django import Template
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import lpm.urls
from lpm.people.enums import ImportKind, ImportState
from lpm.people.models import ImportRun, Organization, Student, User
from lpm.people.policy import OPENED_BY, POLICY, SEEING, Action, Relation
from students.mastery.models import Assessment
from students.mastery.services import record_mark
from tests.routes import EXPECTED, MORE, PARTS
from tests.routes.common import FAMILY, HEADS, LOOKING, PLACES, Expected
from tests.world import DAY, Place, World, build_world

pytestmark = pytest.mark.usefixtures("not_traced")

BARE: dict[str, str] = {}
HTMX = {"HX-Request": "true"}
CASES = [*sorted(EXPECTED.items(), key=lambda case: case[0]), *MORE]


Asked = tuple[str, str, str, str, bool]  # who, method, address, what they accept, whether as htmx


def case_name(value: object) -> str:
    if isinstance(value, Expected):
        return "-".join([value.method, value.accept, *value.payload.values()])
    return str(value)


def routes(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route by name."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", pattern


PATTERNS = dict(routes(get_resolver().url_patterns))
ROUTES = {name: tuple(pattern.pattern.converters) for name, pattern in PATTERNS.items()}
VIEWS = {name: pattern.callback for name, pattern in PATTERNS.items()}


def test_every_route_has_an_expectation():
    assert set(EXPECTED) == set(ROUTES)


def test_every_view_says_what_it_permits():
    public = {name for name, expected in EXPECTED.items() if expected.is_public}

    assert {name for name in ROUTES if not hasattr(VIEWS[name], "permits")} == public


@dataclass(frozen=True)
class Walk:
    """The world, everybody signed in, and what there is at each place; made once for all routes.

    ``answered`` are the answers that the same question would have again, and ``looked`` the headers of htmx that were
    looked for in the request under way.
    """

    world: World
    clients: dict[str, Client]
    objects: dict[str, dict[str, Any]]
    answered: dict[Asked, int] = field(default_factory=dict)
    looked: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def walk(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Walk]:
    """Refusals are answered without their page, which has tests of its own: it would be most of the time here."""
    files = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files"))
    plain = pytest.MonkeyPatch.context()
    with (
        plain as patch,
        files,
        django_db_blocker.unblock(),
        time_machine.travel(f"{DAY}T15:00:00+00:00"),
        transaction.atomic(),
    ):
        refuse_without_page(patch)
        looked: set[str] = set()
        patch.setattr(HttpHeaders, "__getitem__", looking_up(looked))
        with connection.cursor() as cursor:  # a third of what the database does here is to look for the best plan
            cursor.execute("SET LOCAL join_collapse_limit = 1; SET LOCAL from_collapse_limit = 1")
        world = build_world()
        clients = {name: Client() for name in world.people}
        for name, client in clients.items():
            client.force_login(world.people[name])
        objects = {place: objects_of(world, here) for place, here in world.places.items()}
        yield Walk(world, clients, objects, looked=looked)
        transaction.set_rollback(True)


def refuse_without_page(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lpm.urls, "handler404", lambda request, exception: HttpResponse(status=404), raising=False)
    patch.setattr(lpm.urls, "handler403", lambda request, exception: HttpResponse(status=403), raising=False)


def looking_up(looked: set[str]) -> Callable[[HttpHeaders, str], str]:
    """Looks up a header as ever, and notes in ``looked`` when it is one of htmx."""
    look_up = HttpHeaders.__getitem__

    def noted(headers: HttpHeaders, name: str) -> str:
        if name.upper().startswith("HX-"):
            looked.add(name)
        return look_up(headers, name)

    return noted


def at_places() -> Iterator[Any]:
    """Every case at each place; one that names no place in its address or form, at one."""
    for route, expected in CASES:
        named = ROUTES[route] or expected.query or expected.method == "post"
        for place in PLACES if named else PLACES[:1]:
            yield pytest.param(route, expected, place, id=f"{route}-{case_name(expected)}-{place}")


@pytest.mark.parametrize(("route", "expected", "place"), at_places())
def test_only_those_named_get_in(route: str, expected: Expected, place: str, walk: Walk):
    objects = walk.objects[place]
    answers = dict(expected.answers.get(place, {}))
    if (first := asked_before(walk, route, expected, place)) is not None:
        assert answers == expected.answers.get(first, {})  # the very same request has the same answers
        return
    rest = set(walk.clients) - {name for names in answers.values() for name in names}
    if rest:
        answers[expected.rest] = answers.get(expected.rest, set()) | rest

    if expected.method == "post" or place == "own":
        assert statuses(walk, route, expected, objects) == answers
    if expected.method == "get":  # at the own place once more, as htmx asks
        with nothing_rendered():
            assert statuses(walk, route, expected, objects, headers=HTMX if place == "own" else BARE) == answers


@contextmanager
def nothing_rendered() -> Iterator[None]:
    """Who gets in is decided before the page is made; making it for everybody at one place is enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", lambda self, context=None, request=None: "")
        yield


def asked_before(walk: Walk, route: str, expected: Expected, place: str) -> str | None:
    """The earlier place at which the case is the same request: what a district has is there in all of its schools."""
    if expected.method != "get":
        return None  # a form names the student and the school
    asked = question(route, expected, walk.objects[place])
    earlier = PLACES[: PLACES.index(place)]
    return next((name for name in earlier if question(route, expected, walk.objects[name]) == asked), None)


@pytest.mark.parametrize(("key", "place"), [("student", place) for place in PLACES[1:]] + [("target", PLACES[-1])])
@pytest.mark.parametrize("route", ["mastery:mark-form", "mastery:mark-record"])
def test_a_group_opens_nothing_of_another_place(route: str, key: str, place: str, walk: Walk):
    expected = EXPECTED[route]
    mixed = {**walk.objects["own"], key: walk.objects[place][key]}

    heads = {*HEADS, *LOOKING}  # they may see the group, and not record
    assert statuses(walk, route, expected, mixed) == {404: set(walk.clients) - heads, 403: heads}


def test_a_group_takes_back_no_mark_of_another_place(walk: Walk):
    mixed = {**walk.objects["own"], "mark": walk.objects["other_district"]["mark"]}

    heads = {*HEADS, *LOOKING}
    assert statuses(walk, "mastery:mark-undo", EXPECTED["mastery:mark-undo"], mixed) == {
        404: set(walk.clients) - heads,
        403: heads,
    }


@pytest.mark.parametrize("route", sorted(EXPECTED))
def test_a_route_takes_no_other_method(route: str, walk: Walk):
    known = {expected.method for name, expected in CASES if name == route}
    client = walk.clients["administrator"]

    for method in {"get", "post", "put", "delete"} - known:
        assert client.generic(method.upper(), address(route, walk.objects["own"])).status_code == 405


@pytest.mark.parametrize(("route", "expected"), CASES, ids=case_name)
def test_somebody_unknown_is_sent_to_sign_in(route: str, expected: Expected, walk: Walk):
    response = respond(Client(), route, expected, walk.objects["own"])

    assert response.status_code == expected.anonymous
    if not expected.is_public and expected.anonymous != 401:  # to a program no page to sign in is shown
        assert response.url.startswith(reverse("home:sign-in"))


def test_what_a_school_has_not_opened_is_not_there_for_students_and_families(walk: Walk):
    """Their homes say that they are not open yet; lists for programs are empty, and refuse each mark that is sent."""
    waiting = [(route, expected) for route, expected in CASES if getattr(VIEWS[route], "permits", None) in OPENED_BY]
    seen: dict[int, set[str]] = defaultdict(set)
    with transaction.atomic(), nothing_rendered():
        Organization.objects.filter(pk=walk.world.own.school.pk).update(parts=[])
        for route, expected in waiting:
            for name in FAMILY:
                seen[respond(walk.clients[name], route, expected, walk.objects["own"]).status_code].add(route)
        transaction.set_rollback(True)

    lists = {"api:student-list", "api:assessment-batch", "api:judgement-batch"}
    assert seen == {
        200: {"student:path", "student:family", "student:early", "student:children", *lists},
        302: {"student:children"},  # of a guardian, to the home of the first child; a student has none
        404: {route for route, _expected in waiting} - {*seen[200], *seen[302]},
    }


def statuses(
    walk: Walk, route: str, expected: Expected, objects: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[int, set[str]]:
    """Who gets which status. Whatever is not public, no browser keeps, nor takes a part of it for the whole."""
    seen: dict[int, set[str]] = defaultdict(set)
    for name in walk.clients:
        seen[status_for(walk, name, route, expected, objects, headers)].add(name)
    return seen


def status_for(
    walk: Walk,
    name: str,
    route: str,
    expected: Expected,
    objects: dict[str, Any],
    headers: dict[str, str] | None,
) -> int:
    """Nobody asks again what is answered as before: the answer looked neither at the form that came along, nor, page
    and all, for whether htmx asks; and whatever it did was taken back.
    """
    asked = (name, expected.method, question(route, expected, objects), expected.accept)
    if (*asked, headers == HTMX) in walk.answered:
        return walk.answered[*asked, headers == HTMX]
    walk.looked.clear()
    response = respond(walk.clients[name], route, expected, objects, headers)
    assert "HX-Request" in response["Vary"].split(", ")
    assert expected.is_public or response["Cache-Control"] == "private, no-store"
    if headers is None and not response.wsgi_request.environ["wsgi.input"].read_started:
        for as_htmx in [False] if walk.looked else [False, True]:
            walk.answered[*asked, as_htmx] = response.status_code
    status: int = response.status_code
    return status


def address(route: str, objects: dict[str, Any]) -> str:
    return reverse(route, kwargs={name: objects[name].uuid for name in ROUTES[route]})


def question(route: str, expected: Expected, objects: dict[str, Any]) -> str:
    """The address with its query."""
    query = urlencode({name: objects[name].uuid for name in expected.query})
    return address(route, objects) + (f"?{query}" if query else "")


def respond(
    client: Client, route: str, expected: Expected, objects: dict[str, Any], headers: dict[str, str] | None = None
) -> Any:
    """Send the request, and take back whatever it did."""
    url = question(route, expected, objects)
    signed_in = deepcopy(client.cookies)
    with transaction.atomic():
        if expected.body:
            response = client.post(url, expected.body(objects), content_type="application/json")
        elif expected.method == "post":
            response = client.post(url, payload(objects) | expected.payload, headers={"accept": expected.accept})
        else:
            response = client.get(url, headers=headers)
        transaction.set_rollback(True)
    client.cookies = signed_in
    return response


def objects_of(world: World, here: Place) -> dict[str, Any]:
    objects: dict[str, Any] = {
        "group": here.group,
        "student": here.student,
        "school": here.school,
        "topic": here.topic,
        "framework": here.framework,
        "target": here.targets[0],
        "run": checked_run(world, here),
    }
    recorders = {"own": "teacher", "other_district": "far_teacher"}
    for place, recorder in recorders.items():
        if here is world.places[place]:
            objects["mark"] = mark_by(world.people[recorder], here)
    for part in PARTS:
        if hasattr(part, "objects"):
            objects.update(part.objects(world, here))
    return objects


def mark_by(recorder: User, here: Place) -> Assessment:
    recorded = record_mark(
        uuid=uuid4(),
        recorder=recorder,
        student=here.student,
        target=here.targets[0],
        level=here.framework.scale.high,
        performed_on=DAY,
        day=DAY,
        group=here.group,
    )
    return recorded.assessment


def checked_run(world: World, here: Place) -> ImportRun:
    return ImportRun.objects.create(
        kind=ImportKind.ROSTER,
        organization=here.district,
        started_by=world.people["administrator"],
        file_name="roster.zip",
        state=ImportState.CHECKED,
    )


def payload(objects: dict[str, Any]) -> dict[str, Any]:
    mark = objects.get("mark")
    return {
        "uuid": uuid4(),
        "student": objects["student"].uuid,
        "target": objects["target"].uuid,
        "level": "2.5",
        "mark": mark.uuid if mark else uuid4(),
        "language": "es",
        "organization": objects["school"].uuid,
        "file": SimpleUploadedFile("file.zip", b"whatever it is"),
    }


def test_a_curriculum_lead_sees_curriculum_imports_only(world: World, as_person):
    run = checked_run(world, world.places["own"])
    client = as_person(world.people["curriculum_lead"])
    address = reverse("home:import-show", args=[run.uuid])
    assert client.get(address).status_code == 404

    ImportRun.objects.filter(pk=run.pk).update(kind=ImportKind.CURRICULUM)

    assert client.get(address).status_code == 200


def test_every_action_is_in_the_policy_and_every_relation_is_used():
    assert set(POLICY) == set(Action)
    assert set().union(*POLICY.values()) == set(Relation)
    assert set(SEEING) | {action for shown in SEEING.values() for action in shown.values()} <= set(Action)
    assert {name for shown in SEEING.values() for name in shown} <= {m._meta.model_name for m in apps.get_models()}


def about_students() -> list[type[models.Model]]:
    """Every model with a row about one student."""
    return [
        model
        for model in apps.get_models()
        if model is Student
        or any(isinstance(f, models.ForeignKey) and f.related_model is Student for f in model._meta.get_fields())
    ]


@pytest.mark.parametrize("model", about_students(), ids=lambda model: model._meta.label)
def test_everything_about_a_student_has_a_district_and_a_door(model):
    assert model._meta.get_field("district")
    assert hasattr(model.objects, "visible_to")


def test_students_seen_are_exactly_those_of_the_relations(world: World, school_day):
    def seen(name: str, action: Action) -> set[str]:
        return {s.name for s in Student.objects.visible_to(world.people[name], action, school_day)}

    own = {"Amara of Birch", "Ben Classmate", "Gwen Grown"}
    assert seen("teacher", Action.RECORD_MARK) == own
    assert seen("teacher_here_leader_there", Action.RECORD_MARK) == own
    assert seen("teacher_here_leader_there", Action.VIEW_STUDENT) == {*own, "Amara of Cedar"}
    assert seen("leader", Action.VIEW_STUDENT) == {*own, "Amara of Alder"}
    assert seen("leader", Action.RECORD_MARK) == set()
    assert seen("guardian", Action.VIEW_STUDENT) == {"Amara of Birch"}
    assert seen("guardian_from_nowhere", Action.VIEW_STUDENT) == {"Amara of Birch"}
    assert seen("teacher_from_afar", Action.VIEW_STUDENT) == own
    assert seen("guardian_of_grown", Action.VIEW_STUDENT) == set()
    assert seen("grown_student", Action.VIEW_STUDENT) == {"Gwen Grown"}
    assert seen("case_manager", Action.VIEW_STUDENT) == {"Amara of Birch"}


def test_a_closed_account_sees_nothing(world: World, school_day):
    teacher = world.people["teacher"]
    assert Student.objects.visible_to(teacher, Action.VIEW_STUDENT, school_day).exists()

    teacher.is_active = False

    assert not Student.objects.visible_to(teacher, Action.VIEW_STUDENT, school_day).exists()
