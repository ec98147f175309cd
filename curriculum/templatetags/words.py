"""How pages say a target: in the words of a class or school, with the curriculum's own beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.db.models import Exists, OuterRef, QuerySet

from curriculum.models import Framework, Target, Topic
from curriculum.queries.words import Sentence, Whose, groups_to_unpack
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization
from lpm.people.policy import Action

register = template.Library()

STAFF_PAGES = frozenset({"teacher", "admin"})
FEW_SCHOOLS = 3  # more are reached from the page of what each of them uses


@register.filter
def said_in(target: Target, sentences: Mapping[int, Sentence]) -> Sentence:
    """The target's sentence among those of ``sentence_for``; else as the framework says it, in no language named."""
    own = target.for_students
    return sentences.get(target.pk) or Sentence(own, target.language, Whose.OWN, own, target.language)


@register.inclusion_tag("curriculum/staff_links.html", takes_context=True)
def staff_links(
    context: dict[str, Any],
    framework: Framework | None = None,
    topic: Topic | None = None,
    target: Target | None = None,
) -> dict[str, Any]:
    """What staff can do with what a page shows: a framework, a topic or target of it, or (nothing named) all of them.

    Students and families get nothing, and cost no query; on a framework, topic or target everybody else costs one.
    """
    request = context["request"]
    if str(request.page_role) not in STAFF_PAGES:
        return {}
    if framework is None:
        return _links_of_places(request)
    shown = {"framework": framework, "topic": topic, "target": target}
    return {**shown, **_links_within(request, framework, is_taught=topic is not None)}


def _links_within(request: Any, framework: Framework, *, is_taught: bool) -> dict[str, bool]:
    """What the person may do with a framework, or (``is_taught``) with one topic or target of it."""
    here = Framework.objects.filter(pk=OuterRef("pk"))
    may: dict[str, QuerySet[Any]] = {
        "may_comment": here.visible_to(request.user, Action.COMMENT_CURRICULUM, request.day),
        "may_write": here.visible_to(request.user, Action.WRITE_CURRICULUM, request.day),
    }
    if is_taught:
        may["may_unpack"] = groups_to_unpack(request.user, framework, request.day)
    asked = {name: Exists(rows) for name, rows in may.items()}
    answers = Framework.objects.filter(pk=framework.pk).values_list(*asked.values()).get()
    return dict(zip(asked, map(bool, answers), strict=True))


def _links_of_places(request: Any) -> dict[str, Any]:
    """What the person writes, and where they decide what is used; the schools whose words they choose, if few."""
    places = Organization.objects
    schools = places.visible_to(request.user, Action.ADAPT_CURRICULUM, request.day).filter(kind=OrganizationKind.SCHOOL)
    some = list(schools.by_name()[: FEW_SCHOOLS + 1])
    return {
        "has_drafts": Framework.objects.visible_to(request.user, Action.WRITE_CURRICULUM, request.day).exists(),
        "may_adopt": places.visible_to(request.user, Action.ADOPT_CURRICULUM, request.day).exists(),
        "schools": some if len(some) <= FEW_SCHOOLS else [],
    }
