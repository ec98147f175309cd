import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.enums import OrganizationKind, Role
from lpm.people.models import Lineage, Organization, RoleGrant, RosterSource, User
from lpm.people.services import WrongDates, WrongParent, create_organization, create_user, grant_role
from lpm.people.services.organizations import UnknownTimeZone, change_organization
from tests.world import DAY

pytestmark = pytest.mark.django_db


def make_tree() -> list[Organization]:
    tree: list[Organization] = []
    for kind in OrganizationKind:
        parent = tree[-1] if tree else None
        tree.append(create_organization(kind=kind, name=f"The {kind}", parent=parent))
    return tree


def test_create_organization_writes_every_ancestor_once() -> None:
    consortium, district, school, team = make_tree()

    rows = set(Lineage.objects.values_list("ancestor", "descendant", "depth"))
    expected = [consortium, district, school, team]
    assert rows == {
        (above.pk, below.pk, low - high)
        for low, below in enumerate(expected)
        for high, above in enumerate(expected)
        if high <= low
    }
    assert set(Organization.objects.under(district)) == {district, school, team}


def test_create_organization_keeps_the_hours_and_language_of_its_parent() -> None:
    district = create_organization(
        kind=OrganizationKind.DISTRICT, name="Norte", parent=None, time_zone="America/Lima", language="es"
    )
    school = create_organization(kind=OrganizationKind.SCHOOL, name="École 9", parent=district)

    school.refresh_from_db()
    assert (school.time_zone, school.language, school.sort_key) == ("America/Lima", "es", "ecole 00000009")


def test_create_organization_writes_one_audit_entry() -> None:
    district = create_organization(kind=OrganizationKind.DISTRICT, name="D", parent=None)

    [entry] = Entry.objects.all()
    assert (entry.actor_id, entry.action, entry.subject_uuid, entry.district_id) == (
        None,
        "people.create_organization",
        district.uuid,
        district.pk,
    )


def test_nobody_but_the_shell_makes_a_district(world) -> None:
    before = Organization.objects.count()

    for person, parent in ((world.administrator, None), (world.leader, world.own.district)):
        with pytest.raises(PermissionDenied):
            create_organization(kind=OrganizationKind.SCHOOL, name="New", parent=parent, actor=person, day=DAY)
    assert Organization.objects.count() == before


def test_a_new_school_has_the_hours_and_settings_of_its_district(world, as_person) -> None:
    world.own.district.opens_before = 7
    world.own.district.save()

    response = as_person(world.administrator).post(
        reverse("people:organization-add", args=[world.own.district.uuid]),
        {"kind": "school", "name": "Fern", "time_zone": "America/Chicago", "language": "es"},
    )

    fern = Organization.objects.get(name="Fern")
    assert response.url == reverse("people:organization-show", args=[fern.uuid])
    assert (fern.kind, fern.parent, fern.time_zone, fern.language, fern.opens_before) == (
        "school",
        world.own.district,
        "America/Chicago",
        "es",
        7,
    )
    assert set(fern.lineage.values_list("ancestor", "depth")) == {(fern.pk, 0), (world.own.district.pk, 1)}
    assert Entry.objects.get(action="people.create_organization", subject_uuid=fern.uuid).actor == world.administrator


def test_nothing_stands_under_a_team(world, as_person) -> None:
    team = create_organization(kind=OrganizationKind.TEAM, name="Fifth", parent=world.own.school)

    assert as_person(world.administrator).get(reverse("people:organization-add", args=[team.uuid])).status_code == 404


def test_a_new_time_zone_goes_down_to_whoever_had_the_same(world, as_person) -> None:
    hill, lake = world.own.school, world.other_school.school
    Organization.objects.filter(pk=lake.pk).update(time_zone="America/Chicago")
    create_organization(kind=OrganizationKind.TEAM, name="Fifth", parent=hill)

    response = as_person(world.administrator).post(
        reverse("people:organization-change", args=[world.own.district.uuid]),
        {"name": "Northern", "time_zone": "America/Denver", "language": "en"},
    )

    assert response.status_code == 302
    below = Organization.objects.under(world.own.district)
    assert set(below.values_list("name", "time_zone")) == {
        ("Northern", "America/Denver"),
        ("Hill", "America/Denver"),
        ("Fifth", "America/Denver"),
        ("Lake", "America/Chicago"),
    }
    entry = Entry.objects.get(action="people.change_organization")
    assert entry.details == {"changed": ["name", "time_zone"], "moved": 3}
    assert set(Organization.objects.under(world.other_district.district).values_list("time_zone", flat=True)) == {
        "America/New_York"
    }


def test_an_unknown_time_zone_is_refused(world, as_person) -> None:
    address = reverse("people:organization-change", args=[world.own.school.uuid])
    data = {"name": "Hill", "time_zone": "America/Nowhere", "language": "en"}

    assert as_person(world.administrator).post(address, data).status_code == 422
    with pytest.raises(UnknownTimeZone):
        change_organization(organization=world.own.school, actor=None, day=DAY, **data)


def test_the_name_of_a_rostered_school_is_the_rosters(world, as_person) -> None:
    school = world.own.school
    school.source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    school.sourced_id = "hill"
    school.save()
    data = {"name": "Other", "time_zone": "America/New_York", "language": "es"}
    client = as_person(world.administrator)
    address = reverse("people:organization-change", args=[school.uuid])

    refused = client.post(address, data)

    assert refused.status_code == 422
    assert "This comes from the roster, and is changed there." in refused.content.decode()
    assert client.post(address, {**data, "name": "Hill"}).status_code == 302
    school.refresh_from_db()
    assert (school.name, school.language) == ("Hill", "es")


def test_the_tree_shows_what_somebody_administers_and_nothing_else(world, as_person) -> None:
    create_organization(kind=OrganizationKind.TEAM, name="Fifth", parent=world.own.school)

    page = as_person(world.administrator).get(reverse("people:organization-list"))

    [north] = page.context["branches"]
    names = [north.organization.name, [(b.organization.name, [t.organization.name for t in b]) for b in north]]
    assert names == ["North", [("Hill", ["Fifth"]), ("Lake", [])]]
    assert "South" not in page.content.decode()


@pytest.mark.parametrize("school_count", [1, 30])
@pytest.mark.parametrize(("route", "query_count"), [("people:organization-list", 4), ("people:organization-show", 11)])
def test_pages_of_organizations_cost_the_same(
    route, query_count, school_count, world, as_person, django_assert_num_queries
) -> None:
    for n in range(school_count):
        create_organization(kind=OrganizationKind.SCHOOL, name=f"School {n}", parent=world.own.district)
    client = as_person(world.administrator)
    address = reverse(route, args=[world.own.district.uuid] if route.endswith("show") else [])
    client.get(address)

    with django_assert_num_queries(query_count):
        assert client.get(address).status_code == 200


def test_the_hub_counts_who_is_there(world, as_person) -> None:
    page = as_person(world.administrator).get(
        reverse("people:organization-show", args=[world.other_school.school.uuid])
    )

    counts = page.context["counts"]
    assert (counts.students, counts.staff, counts.groups) == (1, 0, 1)


def test_the_office_looks_and_changes_nothing(world, as_person) -> None:
    page = (
        as_person(world.office).get(reverse("people:organization-show", args=[world.own.school.uuid])).content.decode()
    )

    assert reverse("people:staff-list", args=[world.own.school.uuid]) in page
    for route in ("people:settings-change", "people:organization-change", "people:organization-add"):
        assert reverse(route, args=[world.own.school.uuid]) not in page


@pytest.mark.parametrize("kind", OrganizationKind)
@pytest.mark.parametrize("above", [*OrganizationKind, None])
def test_create_organization_accepts_the_order_of_the_domain_alone(
    kind: OrganizationKind, above: OrganizationKind | None
) -> None:
    parents = {organization.kind: organization for organization in make_tree()}
    before = Organization.objects.count()
    allowed = {
        (OrganizationKind.CONSORTIUM, None),
        (OrganizationKind.DISTRICT, None),
        (OrganizationKind.DISTRICT, OrganizationKind.CONSORTIUM),
        (OrganizationKind.SCHOOL, OrganizationKind.DISTRICT),
        (OrganizationKind.TEAM, OrganizationKind.SCHOOL),
    }
    parent = parents[above] if above else None

    if (kind, above) in allowed:
        assert create_organization(kind=kind, name="New", parent=parent).parent == parent
        return
    with pytest.raises(WrongParent):
        create_organization(kind=kind, name="New", parent=parent)
    assert Organization.objects.count() == before


def test_create_user_writes_one_audit_entry_with_the_district() -> None:
    district, school = make_tree()[1:3]
    user = create_user(username="a", given_name="A", family_name="A", organization=school)

    entry = Entry.objects.get(action="people.create_user")
    assert (entry.actor_id, entry.subject_uuid, entry.district_id) == (None, user.uuid, district.pk)


def test_grant_role_makes_a_grant_and_an_entry() -> None:
    school = make_tree()[2]
    user = User.objects.create(username="a", given_name="A", family_name="A")

    grant = grant_role(user=user, organization=school, role=Role.LEADER, starts_on=date(2026, 9, 1))

    assert list(RoleGrant.objects.values_list("pk", "user", "organization", "role", "starts_on", "ends_on")) == [
        (grant.pk, user.pk, school.pk, "leader", date(2026, 9, 1), None)
    ]
    entry = Entry.objects.get(action="people.grant_role")
    assert (entry.subject_uuid, entry.district_id) == (user.uuid, school.parent_id)


def test_grant_role_refuses_an_end_before_the_beginning() -> None:
    school = make_tree()[2]
    user = User.objects.create(username="a", given_name="A", family_name="A")

    with pytest.raises(WrongDates):
        grant_role(
            user=user,
            organization=school,
            role=Role.LEADER,
            starts_on=date(2026, 9, 1),
            ends_on=date(2026, 8, 31),
        )
    assert not RoleGrant.objects.exists()


def test_the_shell_makes_a_district_and_a_school_below_it(capsys) -> None:
    call_command("create_organization", "district", "Northfield", "--time-zone", "America/Lima", "--language", "es")
    call_command("create_organization", "school", "Hill", "--under", "Northfield")

    rows = Organization.objects.order_by("pk").values_list("name", "parent__name", "time_zone", "language")
    assert list(rows) == [("Northfield", None, "America/Lima", "es"), ("Hill", "Northfield", "America/Lima", "es")]
    said = capsys.readouterr().out.split()
    assert said == [str(uuid) for uuid in Organization.objects.order_by("pk").values_list("uuid", flat=True)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["school", "Hill"], "A team belongs to a school, a school to a district"),
        (["district", "North", "--time-zone", "Nowhere"], "There is no time zone of this name."),
    ],
)
def test_the_shell_is_told_what_cannot_be(arguments, sentence) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("create_organization", *arguments)
    assert not Organization.objects.exists()


@pytest.mark.parametrize("who", ["administrator", "leader", "office", "privacy_officer", "operator"])
def test_an_organization_leads_where_one_may_go(who, world, as_person):
    client = as_person(world.people[who])
    parts = {}
    for place in (world.own.district, world.own.school):
        answer = client.get(reverse("people:organization-show", args=[place.uuid]))
        ways = set(re.findall(rf'href="(/[a-z]+/{place.uuid}/[a-z.-]+/?)"', answer.content.decode()))
        assert {client.get(way).status_code for way in ways} <= {200}
        parts[place.kind] = {way.split("/", 3)[3] for way in ways}

    everybody = {"students/", "staff/", "calendar/"}
    manages = {"change", "add", "settings", "parts", "next-year/", "roster-drop", "oneroster.zip"}
    assert (
        parts
        == {
            "administrator": {
                "district": everybody | manages | {"audit"},
                "school": everybody | manages | {"letters/", "take-in"},
            },
            "leader": {"district": set(), "school": everybody | {"letters/", "take-in", "next-year/"}},
            "office": {"district": set(), "school": everybody | {"letters/", "take-in"}},
            "privacy_officer": {"district": everybody | {"audit"}, "school": everybody},
            "operator": {"district": everybody, "school": everybody},
        }[who]
    )
