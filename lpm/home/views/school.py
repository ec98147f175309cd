"""The page of a school, for those who lead it or keep its office."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lpm.home.queries import Reach, read_office, with_card
from lpm.people.enums import OrganizationKind
from lpm.people.models import Group, Organization
from lpm.people.policy import Action
from lpm.people.queries.organizations import rights_at
from lpm.people.views import PersonRequest, get_permitted, permits, visible
from students.letters.queries import PARTS_NEEDED

RIGHTS = [
    Action.CREATE_GROUP,
    Action.MANAGE_STUDENT,
    Action.ROLL_OVER,
    Action.VIEW_PROGRESS,
    Action.OVERSEE_MESSAGES,
]


@require_GET
@permits(Action.VIEW_SCHOOL)
def school_groups(request: PersonRequest, school: UUID) -> HttpResponse:
    """Every group of a school; what waits for the office, for those who keep it. ``?ended``: the groups that were."""
    schools = Organization.objects.filter(kind=OrganizationKind.SCHOOL)
    shown = get_permitted(request, schools, uuid=school)
    user, day = request.user, request.day
    shows_ended, ended = "ended" in request.GET, Q(ends_on__lt=day)
    groups = visible(request, Group.objects).filter(school=shown)
    listed = groups.filter(ended) if shows_ended else groups.exclude(ended)
    opened = Group.objects.visible_to(user, Action.VIEW_GROUP, day).filter(school=shown)
    may = rights_at(user, shown, day, RIGHTS)
    keeps_office = "MANAGE_STUDENT" in may and not shows_ended
    context = {
        "school": shown,
        "groups": with_card(listed, day),
        "shows_ended": shows_ended,
        "has_ended": groups.filter(ended).exists(),
        "opened": set(opened.values_list("pk", flat=True)),
        "may": may,
        "has_letters": set(PARTS_NEEDED) <= set(shown.parts),
        "offices": read_office(user, Reach([shown]), day).schools if keeps_office else [],
    }
    return render(request, "home/school.html", context)
