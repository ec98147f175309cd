"""A school's own "I can" sentences, and the page on which a class finds its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum.forms.words import WordingForm
from curriculum.models import Target, Topic
from curriculum.queries.words import (
    groups_to_unpack,
    read_guide_to_unpack,
    read_unpacking,
    read_words_of_school,
    topics_with_words,
)
from curriculum.services import (
    WordsRefused,
    end_words_of_class,
    end_words_of_school,
    say_in_words_of_class,
    say_in_words_of_school,
)
from lpm.people.models import Group, Organization
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits


@require_GET
@permits(Action.ADAPT_CURRICULUM)
def wording_list(request: PersonRequest, organization: UUID) -> HttpResponse:
    """The topics that a school uses, and how many of their sentences it says in its own words."""
    shown = get_permitted(request, Organization.objects, uuid=organization)
    context = {"organization": shown, "topics": topics_with_words(shown)}
    return render(request, "curriculum/wordings.html", context)


@require_GET
@permits(Action.ADAPT_CURRICULUM)
def wording_topic(request: PersonRequest, organization: UUID, topic: UUID) -> HttpResponse:
    shown = get_permitted(request, Organization.objects, uuid=organization)
    return _wording_page(request, shown, get_object_or_404(_topics(shown), uuid=topic))


@require_POST
@permits(Action.ADAPT_CURRICULUM)
def wording_write(request: PersonRequest, organization: UUID, target: UUID) -> HttpResponse:
    shown = get_permitted(request, Organization.objects, uuid=organization)
    said = _find_target(shown.pk, target)
    form = WordingForm(request.POST, framework=said.topic.area.framework, prefix=str(said.uuid))
    if form.is_valid():
        try:
            say_in_words_of_school(
                target=said, organization=shown, actor=request.user, day=request.day, **form.cleaned_data
            )
        except WordsRefused as refused:
            form.add_error("i_can", str(refused))
        else:
            messages.success(request, _("Saved. Both sentences are shown: yours first."))
            return _to_topic(shown, said)
    return _wording_page(request, shown, said.topic, (said, form))


@require_POST
@permits(Action.ADAPT_CURRICULUM)
def wording_end(request: PersonRequest, organization: UUID, target: UUID) -> HttpResponse:
    shown = get_permitted(request, Organization.objects, uuid=organization)
    said = _find_target(shown.pk, target)
    try:
        end_words_of_school(target=said, organization=shown, actor=request.user, day=request.day)
    except WordsRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("The sentence is said as the curriculum has it again."))
    return _to_topic(shown, said)


def _to_topic(organization: Organization, target: Target) -> HttpResponse:
    return redirect("curriculum:wording-topic", organization=organization.uuid, topic=target.topic.uuid)


def _topics(organization: Organization) -> Any:
    """What the organization may say in its own words: what it uses and does not own."""
    used = Topic.objects.used_by(organization.pk).exclude(area__framework__owner=organization)
    return used.select_related("area__framework__owner")


def _find_target(organization_id: int, uuid: UUID) -> Target:
    """A whole target in use, of what is used there."""
    targets = Target.objects.current().filter(topic__in=Topic.objects.used_by(organization_id).values("pk"))
    return get_object_or_404(targets.select_related("topic__area__framework__owner"), uuid=uuid)


def _wording_page(
    request: PersonRequest, organization: Organization, topic: Topic, refused: tuple[Target, WordingForm] | None = None
) -> HttpResponse:
    """``refused`` is the form that was not taken, with its target."""
    framework = topic.area.framework
    rows = []
    for row in read_words_of_school(topic, organization):
        initial = {"i_can": row.now.i_can, "language": row.now.language} if row.now else {}
        form = WordingForm(framework=framework, prefix=str(row.target.uuid), initial=initial)
        if refused and refused[0].pk == row.target.pk:
            form = refused[1]
        rows.append((row, form))
    context = {"organization": organization, "topic": topic, "framework": framework, "rows": rows}
    return render(request, "curriculum/wording_topic.html", context, status=_status(refused is not None))


@require_GET
@permits(Action.UNPACK_TARGET)
def unpack_choose(request: PersonRequest, topic: UUID) -> HttpResponse:
    """With which class, and which target of the topic; straight on where there is one class."""
    shown = get_object_or_404(Topic.objects.select_related("area__framework"), uuid=topic)
    groups = list(groups_to_unpack(request.user, shown.area.framework, request.day))
    targets = list(Target.objects.filter(topic=shown).current().in_order())
    if not groups or not targets:
        raise Http404
    if len(groups) == 1:
        return redirect("curriculum:unpack-show", group=groups[0].uuid, target=targets[0].uuid)
    return render(request, "curriculum/unpack_choose.html", {"topic": shown, "groups": groups, "target": targets[0]})


@require_http_methods(["GET", "POST"])
@permits(Action.UNPACK_TARGET)
def unpack_show(request: PersonRequest, group: UUID, target: UUID) -> HttpResponse:
    """A page to project: one target, its guide, the curriculum's sentence, and room for the class's own."""
    shown = get_permitted(request, Group.objects.select_related("school"), uuid=group)
    said = _find_target(shown.school_id, target)
    unpacking = read_unpacking(said, shown, get_language() or "en")
    framework = said.topic.area.framework
    now = unpacking.wording
    initial = {"i_can": now.i_can, "language": now.language} if now else {}
    form = WordingForm(request.POST or None, framework=framework, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            say_in_words_of_class(target=said, group=shown, actor=request.user, day=request.day, **form.cleaned_data)
        except WordsRefused as refused:
            form.add_error("i_can", str(refused))
        else:
            messages.success(request, _("Saved for this class."))
            return redirect("curriculum:unpack-show", group=shown.uuid, target=said.uuid)
    context = {
        "group": shown,
        "unpacking": unpacking,
        "form": form,
        "framework": framework,
        "guide": read_guide_to_unpack(said, framework),
    }
    return render(request, "curriculum/unpack.html", context, status=_status(form.is_bound))


@require_POST
@permits(Action.UNPACK_TARGET)
def unpack_end(request: PersonRequest, group: UUID, target: UUID) -> HttpResponse:
    shown = get_permitted(request, Group.objects.select_related("school"), uuid=group)
    said = _find_target(shown.school_id, target)
    try:
        end_words_of_class(target=said, group=shown, actor=request.user, day=request.day)
    except WordsRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("The class’s words are put away. They can be found again in what was said before."))
    return redirect("curriculum:unpack-show", group=shown.uuid, target=said.uuid)


def _status(is_refused: bool) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
