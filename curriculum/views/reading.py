"""Reading the curriculum: made transparent to everyone who learns, teaches or parents by it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from curriculum.models import Framework, GuideLevel, Target, Topic
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, visible

CURRENT = Q(targets__part_of__isnull=True, targets__retired_on__isnull=True)


@require_GET
@permits(Action.VIEW_CURRICULUM)
def framework_list(request: PersonRequest) -> HttpResponse:
    frameworks = visible(request, Framework.objects).select_related("owner").by_title()
    return render(request, "curriculum/frameworks.html", {"frameworks": frameworks})


@require_GET
@permits(Action.VIEW_CURRICULUM)
def framework_show(request: PersonRequest, framework: UUID) -> HttpResponse:
    """The areas and topics of a framework."""
    shown = get_permitted(request, Framework.objects.select_related("owner"), uuid=framework)
    topics = Topic.objects.annotate(target_count=Count("targets", filter=CURRENT)).in_order()
    areas = shown.areas.prefetch_related(Prefetch("topics", topics)).order_by("position", "pk")
    return render(request, "curriculum/framework.html", {"framework": shown, "areas": areas})


@require_GET
@permits(Action.VIEW_CURRICULUM)
def topic_show(request: PersonRequest, topic: UUID) -> HttpResponse:
    """A topic's targets along the progression, each with its scoring guide."""
    shown = get_permitted(request, Topic.objects.select_related("area__framework"), uuid=topic)
    guide = GuideLevel.objects.order_by("-value")
    parts = Target.objects.filter(retired_on__isnull=True).in_order()
    targets = Target.objects.filter(topic=shown).current().in_order()
    targets = targets.prefetch_related(Prefetch("guide", guide), Prefetch("parts", parts))
    return render(request, "curriculum/topic.html", {"topic": shown, "targets": targets})
