"""People who work in an organization: the list, one of them, their account and their roles."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.people.enums import Role
from lpm.people.forms.staff import EndForm, PersonForm, RoleForm
from lpm.people.models import Organization, RoleGrant, User
from lpm.people.policy import Action
from lpm.people.queries.organizations import may
from lpm.people.queries.sign_in import has_second_factor
from lpm.people.queries.staff import staff, staff_list, with_work, work_of
from lpm.people.services.organizations import RosterOwns
from lpm.people.services.roles import (
    AboveActor,
    AlreadyEnded,
    AlreadyHeld,
    LastAdministrator,
    TooLate,
    WrongDates,
    end_role,
    grant_role,
)
from lpm.people.services.sign_in import remove_second_step
from lpm.people.services.users import (
    EmailTaken,
    OwnAccount,
    UsernameTaken,
    change_user,
    close_account,
    create_user,
    reopen_account,
)
from lpm.people.views.door import PersonRequest, get_permitted, permits, visible

ABOVE_ACTOR = gettext_lazy(
    "This person holds a role, or sees students, that are not yours to look after. Ask who administers the district."
)
PAGE = 50
SENTENCES: dict[type[Exception], Any] = {
    UsernameTaken: gettext_lazy("Somebody else of the district signs in with this name."),
    EmailTaken: gettext_lazy("Somebody else of the district has this e-mail address."),
    RosterOwns: gettext_lazy("The roster writes the names, the sign-in name and the e-mail: they are changed there."),
    AboveActor: ABOVE_ACTOR,
    OwnAccount: gettext_lazy("You are signed in with this account. Somebody else has to close it."),
    WrongDates: gettext_lazy("The last day lies before the first."),
    TooLate: gettext_lazy("This day is over. What a role let somebody do on it has been done."),
    AlreadyHeld: gettext_lazy("This person holds that role there on some of these days already."),
    AlreadyEnded: gettext_lazy("This role has ended, or ends before that day. Give it again where it is needed."),
    LastAdministrator: gettext_lazy(
        "Nobody would be left to administer the district. Give somebody else that role first."
    ),
}
REFUSALS = tuple(SENTENCES)
FIELDS: dict[type[Exception], str] = {UsernameTaken: "username", EmailTaken: "email"}  # what was typed wrong


@require_GET
@permits(Action.VIEW_DIRECTORY)
def staff_list_page(request: PersonRequest, organization: UUID) -> HttpResponse:
    """Everybody who works in the organization and below; ``?q=`` finds by name, ``?page=`` turns pages of 50."""
    shown = get_permitted(request, Organization.objects, uuid=organization)
    text = request.GET.get("q", "").strip()
    people = staff_list(visible(request, User.objects), shown, text)
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    page.object_list = with_work(page.object_list, request.user, request.day)
    context = {
        "organization": shown,
        "page": page,
        "text": text,
        "query": urlencode({"q": text}) if text else "",
        "may_add": may(request.user, Action.MANAGE_STAFF, shown, request.day),
        "crumbs": [_crumb(shown)],
    }
    return render(request, "people/staff.html", context)


def _crumb(organization: Organization) -> dict[str, str]:
    url = reverse("people:organization-show", kwargs={"organization": organization.uuid})
    return {"url": url, "label": organization.name}


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STAFF)
def staff_add(request: PersonRequest, organization: UUID) -> HttpResponse:
    shown = get_permitted(request, Organization.objects, uuid=organization)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = create_user(organization=shown, actor=request.user, day=request.day, **form.cleaned_data)
        except (UsernameTaken, EmailTaken) as refused:
            form.add_error(FIELDS[type(refused)], SENTENCES[type(refused)])
        else:
            said = _("The account is there. The sign-in name is %(name)s.")
            messages.success(request, said % {"name": person.username})
            return redirect("people:user-show", member=person.uuid)
    url = reverse("people:staff-list", kwargs={"organization": shown.uuid})
    crumbs = [_crumb(shown), {"url": url, "label": _("Staff")}]
    return _form_page(request, form, _("Add somebody"), _("Add"), crumbs)


def _form_page(
    request: PersonRequest, form: forms.Form, title: str, action: str, crumbs: list[dict[str, str]], **context: Any
) -> HttpResponse:
    context = {"form": form, "title": title, "action": action, "crumbs": crumbs, "back": crumbs[-1]["url"], **context}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "people/user_form.html", context, status=status)


def _member(request: PersonRequest, member: UUID) -> User:
    """Somebody who works there; students and guardians have pages of their own."""
    person: User = get_permitted(request, staff(User.objects.select_related("organization")), uuid=member)
    return person


def _way_to(person: User) -> list[dict[str, str]]:
    """Of somebody whom the person asking may see by where they belong."""
    assert person.organization is not None
    url = reverse("people:staff-list", kwargs={"organization": person.organization.uuid})
    return [
        _crumb(person.organization),
        {"url": url, "label": _("Staff")},
        {"url": reverse("people:user-show", kwargs={"member": person.uuid}), "label": person.name},
    ]


@require_GET
@permits(Action.VIEW_DIRECTORY)
def user_show(request: PersonRequest, member: UUID) -> HttpResponse:
    """Who somebody is: their account, roles with dates, groups, and how many are on their caseload."""
    person = _member(request, member)
    work = work_of(person, request.user, request.day)
    giving = RoleGrant.objects.visible_to(request.user, Action.GRANT_ROLE, request.day).filter(user=person)
    changed = User.objects.visible_to(request.user, Action.MANAGE_STAFF, request.day).filter(pk=person.pk)
    granted = User.objects.visible_to(request.user, Action.GRANT_ROLE, request.day)
    may_change = changed.exists()
    may_help = may_change and person.is_active and person != request.user
    context = {
        "person": person,
        "work": work,
        "grants": [(grant, _standing(grant, request)) for grant in work.grants],
        "endable": set(giving.values_list("pk", flat=True)),
        "may_change": may_change,
        "may_help": may_help,
        "has_second_step": may_help and has_second_factor(person),
        "may_grant": granted.filter(pk=person.pk).exists(),
        "crumbs": _way_to(person)[:-1],
    }
    return render(request, "people/user.html", context)


def _standing(grant: RoleGrant, request: PersonRequest) -> str:
    """now, to_come, ended or withdrawn (it ended before it began)."""
    if grant.starts_on and grant.ends_on and grant.ends_on < grant.starts_on:
        return "withdrawn"
    if grant.ends_on and grant.ends_on < request.day:
        return "ended"
    return "to_come" if grant.starts_on and grant.starts_on > request.day else "now"


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STAFF)
def user_change(request: PersonRequest, member: UUID) -> HttpResponse:
    person = _member(request, member)
    crumbs, title = _way_to(person), _("Change %(name)s") % {"name": person.name}
    form = PersonForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            change_user(user=person, actor=request.user, day=request.day, **form.cleaned_data)
        except REFUSALS as refused:
            form.add_error(FIELDS.get(type(refused)), SENTENCES[type(refused)])
        else:
            messages.success(request, _("It is changed."))
            return redirect("people:user-show", member=person.uuid)
    return _form_page(request, form, title, _("Save"), crumbs, from_roster=bool(person.source_id))


@require_POST
@permits(Action.MANAGE_STAFF)
def user_close(request: PersonRequest, member: UUID) -> HttpResponse:
    person = _member(request, member)
    try:
        close_account(user=person, actor=request.user, day=request.day)
        messages.success(request, _("The account is closed. What this person did stays."))
    except REFUSALS as refused:
        messages.error(request, SENTENCES[type(refused)])
    return redirect("people:user-show", member=person.uuid)


@require_POST
@permits(Action.MANAGE_STAFF)
def user_reopen(request: PersonRequest, member: UUID) -> HttpResponse:
    person = _member(request, member)
    try:
        reopen_account(user=person, actor=request.user, day=request.day)
        messages.success(request, _("The account is open again, with the roles and groups that are in force."))
    except REFUSALS as refused:
        messages.error(request, SENTENCES[type(refused)])
    return redirect("people:user-show", member=person.uuid)


@require_POST
@permits(Action.MANAGE_STAFF)
def second_step_remove(request: PersonRequest, member: UUID) -> HttpResponse:
    """Somebody lost their second step and their spare codes."""
    person = _member(request, member)
    if person == request.user:
        raise PermissionDenied
    try:
        remove_second_step(person=person, actor=request.user, day=request.day)
        messages.success(
            request, _("The second step is gone. This person comes in by password and can set up another.")
        )
    except REFUSALS as refused:
        messages.error(request, SENTENCES[type(refused)])
    return redirect("people:user-show", member=person.uuid)


@require_http_methods(["GET", "POST"])
@permits(Action.GRANT_ROLE)
def role_grant(request: PersonRequest, member: UUID) -> HttpResponse:
    person = _member(request, member)
    initial = {"starts_on": request.day, "organization": person.organization and person.organization.uuid}
    form = RoleForm(request.POST or None, organizations=visible(request, Organization.objects), initial=initial)
    if request.method == "POST" and form.is_valid():
        data = {**form.cleaned_data, "role": Role(form.cleaned_data["role"])}
        try:
            grant_role(user=person, actor=request.user, day=request.day, **data)
        except REFUSALS as refused:
            form.add_error(None, SENTENCES[type(refused)])
        else:
            messages.success(request, _("The role is given."))
            return redirect("people:user-show", member=person.uuid)
    title = _("Give %(name)s a role") % {"name": person.name}
    return _form_page(request, form, title, _("Give the role"), _way_to(person))


@require_http_methods(["GET", "POST"])
@permits(Action.GRANT_ROLE)
def role_end(request: PersonRequest, grant: UUID) -> HttpResponse:
    """End a role, or withdraw one that has not begun."""
    shown = get_permitted(request, RoleGrant.objects.select_related("user__organization", "organization"), uuid=grant)
    form = EndForm(request.POST or None, initial={"last_day": request.day - timedelta(days=1)})
    if request.method == "POST" and form.is_valid():
        try:
            end_role(grant=shown, actor=request.user, day=request.day, **form.cleaned_data)
        except REFUSALS as refused:
            form.add_error(None, SENTENCES[type(refused)])
        else:
            messages.success(request, _("The role has its last day."))
            return redirect(_after(request, shown))
    title = _("End a role: %(role)s, %(organization)s") % {
        "role": shown.get_role_display(),
        "organization": shown.organization.name,
    }
    return _form_page(request, form, title, _("End the role"), _before(request, shown))


def _sees(request: PersonRequest, person: User) -> bool:
    """A role here may be held by somebody who belongs elsewhere."""
    seen = staff(User.objects.visible_to(request.user, Action.VIEW_DIRECTORY, request.day))
    return bool(seen.filter(pk=person.pk).exists())


def _before(request: PersonRequest, grant: RoleGrant) -> list[dict[str, str]]:
    return _way_to(grant.user) if _sees(request, grant.user) else [_crumb(grant.organization)]


def _after(request: PersonRequest, grant: RoleGrant) -> str:
    return _before(request, grant)[-1]["url"]
