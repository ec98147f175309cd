"""Where a person begins, and the page of a school."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from lpm.home.queries import Places, children_of, find_places, groups_of, schools_of, with_card
from lpm.people.enums import OrganizationKind
from lpm.people.models import Group, Organization
from lpm.people.policy import Action
from lpm.people.queries.groups import schools_for_groups, stood_in
from lpm.people.queries.organizations import rights_at
from lpm.people.views import PersonRequest, get_permitted, permits, visible


@require_GET
@permits(None)
def home(request: PersonRequest) -> HttpResponse:
    """To the one place of somebody who has one; else a page of all of theirs."""
    places = find_places(request.user, request.day)
    user, day = request.user, request.day
    children = children_of(user, day).by_name()
    if _only(places, "student") and places.student:
        return redirect("student:path", student=places.student.uuid)
    if _only(places, "is_guardian") and (child := children.first()):
        return redirect("student:family", student=child.uuid)
    context = {
        "places": places,
        "is_substitute": places.is_teacher and stood_in(user, day).exists(),
        "taught_schools": schools_for_groups(user, day) if places.is_teacher else [],
        "groups": with_card(groups_of(user, day), day) if places.is_teacher else [],
        "schools": schools_of(Organization.objects.visible_to(user, Action.VIEW_SCHOOL, day))
        if places.is_leader
        else [],
        "children": children if places.is_guardian else [],
    }
    return render(request, "home/home.html", context)


def _only(places: Places, name: str) -> bool:
    others = {"student", "is_guardian", "is_teacher", "is_leader", "may_import"} - {name}
    return bool(getattr(places, name)) and not any(getattr(places, other) for other in others)


@require_GET
@permits(Action.VIEW_SCHOOL)
def school_groups(request: PersonRequest, school: UUID) -> HttpResponse:
    """Every group of a school, for those who lead it."""
    schools = Organization.objects.filter(kind=OrganizationKind.SCHOOL)
    shown = get_permitted(request, schools, uuid=school)
    groups = with_card(visible(request, Group.objects).filter(school=shown), request.day)
    user, day = request.user, request.day
    opened = Group.objects.visible_to(user, Action.VIEW_GROUP, day).filter(school=shown)
    context = {
        "school": shown,
        "groups": groups,
        "opened": set(opened.values_list("pk", flat=True)),
        "may": rights_at(user, shown, day, [Action.CREATE_GROUP, Action.MANAGE_STUDENT, Action.ROLL_OVER]),
    }
    return render(request, "home/school.html", context)
