from datetime import date

import pytest

from lpm.audit.models import Entry
from lpm.people.enums import OrganizationKind, Role
from lpm.people.models import Lineage, Organization, RoleGrant, User
from lpm.people.services import WrongDates, WrongParent, create_organization, create_user, grant_role

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
    actor = User.objects.create(username="a", given_name="A", family_name="A")
    district = create_organization(kind=OrganizationKind.DISTRICT, name="D", parent=None, actor=actor)

    [entry] = Entry.objects.all()
    assert (entry.actor_id, entry.action, entry.subject_uuid, entry.district_id) == (
        actor.pk,
        "people.create_organization",
        district.uuid,
        district.pk,
    )


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
