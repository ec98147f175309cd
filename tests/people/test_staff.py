"""People who work in a school: accounts and roles, and who may change them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from lpm.audit.models import Entry
from lpm.people.enums import Role
from lpm.people.models import Caseload, Organization, RoleGrant, RosterSource, User
from lpm.people.policy import Action
from lpm.people.queries.staff import propose_username
from lpm.people.services import create_user, grant_role
from lpm.people.services.roles import WITHIN_LEADERSHIP, AboveActor, LastAdministrator, check_account, end_role
from lpm.people.services.users import UsernameTaken, change_user, close_account
from tests.world import DAY, grant, guard, person, teach

YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)


def send(client, route: str, row, **data):
    return client.post(reverse(route, args=[row.uuid]), data)


def listed(page) -> set[str]:
    return {user.username for user in page.context["page"].object_list}


def test_staff_are_neither_students_nor_guardians_alone(world, as_person):
    page = as_person(world.leader).get(reverse("people:staff-list", args=[world.own.school.uuid]))

    assert listed(page) == {
        "teacher", "co_teacher", "past_teacher", "substitute", "past_substitute", "case_manager", "leader",
        "past_leader", "teacher_here_leader_there", "office", "counselor", "narrow_caseload", "school_teacher",
        "writer", "past_writer",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["co teach", "CO_TEACHER", "co@example.org"])
def test_somebody_is_found_by_name_sign_in_name_or_email(text, world, as_person):
    User.objects.filter(username="co_teacher").update(email="co@example.org")

    page = as_person(world.leader).get(reverse("people:staff-list", args=[world.own.school.uuid]), {"q": text})

    assert listed(page) == {"co_teacher"}


def test_nobody_of_that_name(world, as_person):
    page = as_person(world.leader).get(reverse("people:staff-list", args=[world.own.school.uuid]), {"q": "zzz"})

    assert "Nobody of that name" in page.content.decode()


@pytest.mark.parametrize(("more", "shown"), [(1, 16), (60, 50)])
def test_the_list_costs_the_same_and_turns_pages(more, shown, world, as_person, django_assert_num_queries):
    for n in range(more):
        grant(person(f"more{n}", world.own.school), world.own.school, Role.OFFICE)
    client = as_person(world.leader)
    address = reverse("people:staff-list", args=[world.own.school.uuid])
    client.get(address)

    with django_assert_num_queries(9):
        page = client.get(address)
    assert len(page.context["page"].object_list) == shown


def test_somebody_is_added_with_a_proposed_name(world, as_person):
    person("mlopez", world.other_school.school)
    person("Mlopez", world.other_district.school)

    send(
        as_person(world.leader), "people:staff-add", world.own.school,
        given_name="Máría", family_name="López", email="m@example.org", username="", language="es",
    )  # fmt: skip

    made = User.objects.get(given_name="Máría")
    assert (made.username, made.email, made.language) == ("mlopez2", "m@example.org", "es")
    assert (made.organization, made.district, made.has_usable_password()) == (
        world.own.school,
        world.own.district,
        False,
    )
    entry = Entry.objects.get(action="people.create_user")
    assert (entry.actor, entry.subject_uuid, entry.details) == (world.leader, made.uuid, {})


def test_names_are_proposed_as_people_type_them(world):
    assert propose_username("Jo", "O’Neill-Smith", None) == "joneillsmith"
    assert propose_username("", "李", None) == "李"
    assert propose_username("", "–", None) == "person"
    assert len(propose_username("A", "b" * 99, None)) == 40


def test_a_name_that_somebody_has_is_refused(world, as_person):
    data = {"given_name": "A", "family_name": "B", "email": "", "language": ""}

    response = send(as_person(world.leader), "people:staff-add", world.own.school, username="TEACHER", **data)

    assert response.status_code == 422
    assert response.context["form"].errors == {"username": ["Somebody else of the district signs in with this name."]}
    changed = send(as_person(world.leader), "people:user-change", world.co_teacher, username="teacher", **data)
    assert changed.status_code == 422
    with pytest.raises(UsernameTaken):
        create_user(username="teacher", given_name="A", family_name="B", organization=world.own.school)


def test_an_email_that_somebody_of_the_district_has_is_refused(world, as_person):
    User.objects.filter(pk=world.guardian.pk).update(email="Taken@example.org")
    User.objects.filter(pk=world.far_teacher.pk).update(email="far@example.org")
    client = as_person(world.leader)
    new = {"given_name": "A", "family_name": "B", "username": "ab", "language": ""}
    refusal = {"email": ["Somebody else of the district has this e-mail address."]}

    added = send(client, "people:staff-add", world.own.school, email="taken@EXAMPLE.org", **new)
    changed = send(client, "people:user-change", world.teacher, email="taken@example.org", **new)

    assert (added.status_code, added.context["form"].errors) == (422, refusal)
    assert (changed.status_code, changed.context["form"].errors) == (422, refusal)
    assert not User.objects.filter(username="ab").exists()
    assert send(client, "people:staff-add", world.own.school, email="far@example.org", **new).status_code == 302


def test_an_email_that_two_have_already_hinders_no_other_change(world, as_person):
    User.objects.filter(pk__in=[world.teacher.pk, world.guardian.pk]).update(email="both@example.org")
    data = {"given_name": "Ann", "family_name": "Zed", "username": "teacher", "language": ""}

    response = send(as_person(world.leader), "people:user-change", world.teacher, email="both@example.org", **data)

    assert response.status_code == 302
    assert User.objects.filter(given_name="Ann", email="both@example.org").get() == world.teacher


def test_an_account_is_changed(world, as_person):
    data = {"given_name": "Ann", "family_name": "Zed", "email": "z@example.org", "username": "az", "language": ""}

    send(as_person(world.leader), "people:user-change", world.teacher, **data)

    assert User.objects.filter(pk=world.teacher.pk, sort_key="zed ann", **data).exists()
    entry = Entry.objects.get(action="people.change_user")
    assert entry.details == {"changed": ["email", "family_name", "given_name", "username"]}


def test_the_roster_owns_names_and_an_email_that_it_gave(world, as_person):
    source = RosterSource.objects.create(organization=world.own.district, name="SIS")
    User.objects.filter(pk=world.teacher.pk).update(source=source, sourced_id="t")
    same = {"given_name": "Teacher", "family_name": "Person", "username": "teacher", "language": ""}
    client = as_person(world.leader)

    assert send(client, "people:user-change", world.teacher, email="", **{**same, "username": "t"}).status_code == 422
    assert send(client, "people:user-change", world.teacher, email="t@example.org", **same).status_code == 302
    assert send(client, "people:user-change", world.teacher, email="u@example.org", **same).status_code == 422
    assert list(User.objects.filter(pk=world.teacher.pk).values_list("username", "email")) == [
        ("teacher", "t@example.org")
    ]


def test_an_account_is_closed_and_opened_again(world, as_person):
    client = as_person(world.leader)

    send(client, "people:user-close", world.teacher)
    closed = User.objects.get(pk=world.teacher.pk).is_active
    send(client, "people:user-reopen", world.teacher)

    assert (closed, User.objects.get(pk=world.teacher.pk).is_active) == (False, True)
    actions = Entry.objects.filter(subject_uuid=world.teacher.uuid).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["people.close_account", "people.reopen_account"]


def test_nobody_closes_their_own_account(world, as_person):
    page = as_person(world.leader).post(reverse("people:user-close", args=[world.leader.uuid]), follow=True)

    assert "Somebody else has to close it." in page.content.decode()
    assert User.objects.get(pk=world.leader.pk).is_active


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, Role.CURRICULUM_LEAD])
def test_a_leader_touches_no_account_with_a_role_that_they_could_not_give(role, world, as_person):
    held = grant(world.teacher, world.own.school, role, starts_on=TOMORROW)
    client = as_person(world.leader)
    data = {"given_name": "A", "family_name": "B", "email": "mine@example.org", "username": "teacher", "language": ""}

    responses = [send(client, "people:user-change", world.teacher, **data)]
    for route in ("people:user-close", "people:user-reopen"):
        send(client, route, world.teacher)

    assert responses[0].status_code == 422
    assert "that are not yours to look after" in responses[0].content.decode()
    assert User.objects.filter(pk=world.teacher.pk, email="", is_active=True).exists()
    assert not Entry.objects.filter(subject_uuid=world.teacher.uuid).exists()
    RoleGrant.objects.filter(pk=held.pk).update(starts_on=None, ends_on=YESTERDAY)
    assert send(client, "people:user-change", world.teacher, **data).status_code == 302


def test_a_leader_touches_no_account_with_a_role_elsewhere(world):
    assert WITHIN_LEADERSHIP == [Role.LEADER, Role.OFFICE]
    check_account(user=world.office, actor=world.leader, day=DAY)

    with pytest.raises(AboveActor):
        check_account(user=world.teacher_here_leader_there, actor=world.leader, day=DAY)
    with pytest.raises(PermissionDenied):
        check_account(user=world.administrator, actor=world.leader, day=DAY)


def test_a_role_is_given_over_what_one_administers(world, as_person):
    send(
        as_person(world.administrator), "people:role-grant", world.teacher,
        role="privacy_officer", organization=world.own.school.uuid, starts_on=TOMORROW, ends_on="",
    )  # fmt: skip

    made = RoleGrant.objects.get(user=world.teacher)
    assert (made.role, made.organization, made.starts_on, made.ends_on) == (
        "privacy_officer",
        world.own.school,
        TOMORROW,
        None,
    )
    assert Entry.objects.get(action="people.grant_role").actor == world.administrator


def test_an_administrator_of_a_school_gives_nothing_above_it(world, as_person):
    grant(world.teacher, world.own.school, Role.ADMINISTRATOR)
    data = {"role": "administrator", "starts_on": DAY, "ends_on": ""}

    for organization in (world.own.district, world.other_school.school, world.other_district.district):
        for somebody in (world.teacher, world.leader):
            response = send(
                as_person(world.teacher), "people:role-grant", somebody, organization=organization.uuid, **data
            )
            assert response.status_code == 422
            with pytest.raises(PermissionDenied):
                grant_role(
                    user=somebody, organization=organization, role=Role.ADMINISTRATOR, starts_on=DAY,
                    actor=world.teacher, day=DAY,
                )  # fmt: skip
    assert RoleGrant.objects.filter(user__in=[world.teacher, world.leader]).count() == 2
    with pytest.raises(PermissionDenied):  # nor to somebody who does not belong there
        grant_role(
            user=world.far_teacher, organization=world.own.school, role=Role.OFFICE, starts_on=DAY,
            actor=world.teacher, day=DAY,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "word"),
    [(YESTERDAY, "", "is over"), (TOMORROW, DAY, "before the first"), (TOMORROW, "", "already")],
)
def test_a_grant_that_cannot_be_is_refused(starts_on, ends_on, word, world, as_person):
    response = send(
        as_person(world.administrator), "people:role-grant", world.leader,
        role="leader", organization=world.own.school.uuid, starts_on=starts_on, ends_on=ends_on,
    )  # fmt: skip

    assert response.status_code == 422
    assert word in " ".join(response.context["form"].non_field_errors())
    assert RoleGrant.objects.filter(user=world.leader).count() == 1


def test_a_role_ends_at_once_or_on_a_day_and_stays_on_the_page(world, as_person):
    client = as_person(world.administrator)
    [held] = RoleGrant.objects.filter(user=world.leader)

    send(client, "people:role-end", held, last_day=TOMORROW)
    later = RoleGrant.objects.get(pk=held.pk).ends_on
    send(client, "people:role-end", held, last_day=YESTERDAY)

    assert (later, RoleGrant.objects.get(pk=held.pk).ends_on) == (TOMORROW, YESTERDAY)
    assert not Organization.objects.visible_to(world.leader, Action.VIEW_SCHOOL, DAY).exists()
    page = client.get(reverse("people:user-show", args=[world.leader.uuid]))
    assert [standing for _grant, standing in page.context["grants"]] == ["ended"]
    for day in (TOMORROW, YESTERDAY, DAY - timedelta(days=2)):
        assert send(client, "people:role-end", held, last_day=day).status_code == 422


def test_a_role_that_has_not_begun_is_withdrawn(world, as_person):
    coming = grant(world.teacher, world.own.school, Role.OFFICE, starts_on=DAY + timedelta(days=9))
    client = as_person(world.administrator)

    send(client, "people:role-end", coming, last_day=DAY)

    coming.refresh_from_db()
    assert (coming.starts_on, coming.ends_on) == (DAY + timedelta(days=9), DAY + timedelta(days=8))
    page = client.get(reverse("people:user-show", args=[world.teacher.uuid]))
    assert [standing for _grant, standing in page.context["grants"]] == ["withdrawn"]
    for n in range(20):
        places = Organization.objects.visible_to(world.teacher, Action.VIEW_DIRECTORY, DAY + timedelta(days=n))
        assert not places.exists()


def test_the_last_administrator_of_a_district_stays(world, as_person):
    [held] = RoleGrant.objects.filter(user=world.administrator)

    response = send(as_person(world.administrator), "people:role-end", held, last_day=DAY)

    assert response.status_code == 422
    assert "Nobody would be left to administer the district." in response.content.decode()
    with pytest.raises(LastAdministrator):
        close_account(user=world.administrator, actor=None, day=DAY)
    closed = person("closed", world.own.district)
    grant(closed, world.own.district, Role.ADMINISTRATOR)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    grant(world.teacher, world.own.district, Role.ADMINISTRATOR, ends_on=DAY)
    with pytest.raises(LastAdministrator):
        end_role(grant=held, last_day=DAY, actor=None, day=DAY)
    end_role(grant=held, last_day=YESTERDAY, actor=None, day=DAY)
    assert RoleGrant.objects.get(pk=held.pk).ends_on == YESTERDAY


def test_ending_a_role_asks_again(world):
    [held] = RoleGrant.objects.filter(user=world.office)

    for somebody in (world.leader, world.office, world.far_administrator):
        with pytest.raises(PermissionDenied):
            end_role(grant=held, last_day=DAY, actor=somebody, day=DAY)


def test_a_page_shows_the_groups_and_the_caseload_that_the_reader_may_know(world, as_person):
    client = as_person(world.leader)

    teacher = client.get(reverse("people:user-show", args=[world.teacher.uuid]))
    counselor = client.get(reverse("people:user-show", args=[world.counselor.uuid]))

    assert [row.group.name for row in teacher.context["work"].staffing] == ["Birch"]
    assert counselor.context["work"].caseload_count == 1
    both = client.get(reverse("people:user-show", args=[world.teacher_here_leader_there.uuid]))
    assert both.context["work"].grants == []  # over another school
    assert client.get(reverse("people:user-show", args=[world.student.uuid])).status_code == 404


@pytest.mark.parametrize("tie", ["guardian", "caseload", "staffing"])
def test_a_leader_takes_over_no_account_that_sees_another_school(tie, world):
    there, member = world.other_school, person("member", world.own.school)
    if tie == "guardian":
        guard(member, there.student)
    elif tie == "caseload":
        Caseload.objects.create(district=there.district, manager=member, student=there.student)
    else:
        teach(member, there.group)
    wanted = {"given_name": "A", "family_name": "B", "username": "member", "email": "mine@example.org", "language": ""}

    with pytest.raises(AboveActor):
        change_user(user=member, actor=world.leader, day=DAY, **wanted)

    change_user(user=member, actor=world.administrator, day=DAY, **wanted)
    close_account(user=member, actor=world.leader, day=DAY)
