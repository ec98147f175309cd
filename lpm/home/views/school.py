"""The page of a school, for those who lead it or keep its office."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lpm.home.queries import Reach, read_office, with_card
from lpm.people.enums import OrganizationKind
from lpm.people.models import Group, Organization
from lpm.people.policy import Action
from lpm.people.queries.organizations import rights_at
from lpm.people.views import PersonRequest, get_permitted, permits, visible

RIGHTS = [Action.CREATE_GROUP, Action.MANAGE_STUDENT, Action.ROLL_OVER, Action.VIEW_PROGRESS]


@require_GET
@permits(Action.VIEW_SCHOOL)
def school_groups(request: PersonRequest, school: UUID) -> HttpResponse:
    """Every group of a school; what waits for the office, for those who keep it."""
    schools = Organization.objects.filter(kind=OrganizationKind.SCHOOL)
    shown = get_permitted(request, schools, uuid=school)
    groups = with_card(visible(request, Group.objects).filter(school=shown), request.day)
    user, day = request.user, request.day
    opened = Group.objects.visible_to(user, Action.VIEW_GROUP, day).filter(school=shown)
    may = rights_at(user, shown, day, RIGHTS)
    context = {
        "school": shown,
        "groups": groups,
        "opened": set(opened.values_list("pk", flat=True)),
        "may": may,
        "offices": read_office(user, Reach([shown]), day).schools if "MANAGE_STUDENT" in may else [],
    }
    return render(request, "home/school.html", context)
