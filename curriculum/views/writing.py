"""The workbench of those who write a curriculum: everything that changes its words, order and parts."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from curriculum.calculations.outline import Piece, next_code
from curriculum.enums import Domain, Subject
from curriculum.forms.writing import (
    AreaForm,
    FrameworkForm,
    MoveForm,
    NewTargetForm,
    NewTopicForm,
    PieceForm,
    RequiresForm,
    TargetForm,
    TopicForm,
)
from curriculum.models import Framework
from curriculum.queries.writing import (
    Script,
    Workshop,
    find_targets,
    outline_rows,
    read_script,
    read_workshop,
    target_rows,
)
from curriculum.services.edits import EditRefused
from curriculum.services.writing import add_piece, move_piece, retire_piece, reword_framework, reword_piece
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits


@require_GET
@permits(Action.WRITE_CURRICULUM)
def framework_write(request: PersonRequest, framework: UUID) -> HttpResponse:
    """All of a framework as it is being written."""
    return _show_outline(request, bench(request, framework))


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_CURRICULUM)
def framework_change(request: PersonRequest, framework: UUID) -> HttpResponse:
    """The curriculum's own words."""
    workshop = bench(request, framework)
    shown = workshop.framework
    form = FrameworkForm(request.POST or None, initial=workshop.own_words)
    seen = _seen(request, workshop)
    who: dict[str, Any] = {"framework": shown, "seen": seen, "actor": request.user, "day": request.day}
    if form.is_valid() and attempt(form, lambda: reword_framework(values=form.cleaned_data, **who)):
        messages.success(request, _("Saved."))
        return redirect("curriculum:framework-write", framework=shown.uuid)
    context = {"workshop": workshop, "seen": seen}
    return show_form(request, "curriculum/write_framework.html", form, context)


@require_POST
@permits(Action.WRITE_CURRICULUM)
def area_add(request: PersonRequest, framework: UUID) -> HttpResponse:
    workshop = bench(request, framework)
    form = AreaForm(request.POST)
    if form.is_valid() and attempt(form, lambda: _add(request, workshop, Subject.AREA, form.cleaned_data)):
        messages.success(request, _("%(title)s is added.") % {"title": form.cleaned_data["title"]})
        return redirect("curriculum:framework-write", framework=framework)
    return _show_outline(request, workshop, area_form=form)


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_CURRICULUM)
def area_change(request: PersonRequest, framework: UUID, area: UUID) -> HttpResponse:
    workshop = bench(request, framework)
    script = read_script(workshop, find(workshop, Subject.AREA, area))
    piece = script.piece
    form = AreaForm(request.POST or None, initial=dict(piece.values))
    if form.is_valid() and attempt(form, lambda: _reword(request, workshop, piece, form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect("curriculum:framework-write", framework=framework)
    context = {"workshop": workshop, "piece": piece, "seen": _seen(request, script)}
    return show_form(request, "curriculum/write_area.html", form, context)


@require_POST
@permits(Action.WRITE_CURRICULUM)
def topic_add(request: PersonRequest, framework: UUID) -> HttpResponse:
    workshop = bench(request, framework)
    form = NewTopicForm(request.POST)
    if form.is_valid():
        values = {**form.cleaned_data, "area": str(form.cleaned_data["area"])}
        if attempt(form, lambda: _add(request, workshop, Subject.TOPIC, values)):
            messages.success(request, _("%(title)s is added.") % {"title": values["title"]})
            return redirect("curriculum:framework-write", framework=framework)
    return _show_outline(request, workshop, topic_form=form)


@require_GET
@permits(Action.WRITE_CURRICULUM)
def topic_write(request: PersonRequest, framework: UUID, topic: UUID) -> HttpResponse:
    """The targets of a topic, one after the other."""
    workshop = bench(request, framework)
    return _show_topic(request, workshop, find(workshop, Subject.TOPIC, topic))


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_CURRICULUM)
def topic_change(request: PersonRequest, framework: UUID, topic: UUID) -> HttpResponse:
    """A topic's words and its own scoring guide; where it stands."""
    workshop = bench(request, framework)
    script = read_script(workshop, find(workshop, Subject.TOPIC, topic))
    form = TopicForm(request.POST or None, initial=dict(script.piece.values), guide=script.guide)
    if form.is_valid() and attempt(form, lambda: _reword(request, workshop, script.piece, form.values())):
        messages.success(request, _("Saved."))
        return redirect("curriculum:topic-write", framework=framework, topic=topic)
    parents = workshop.outline.areas()
    context = {"workshop": workshop, "script": script, "piece": script.piece, "parents": parents}
    context["seen"] = _seen(request, script)
    return show_form(request, "curriculum/write_topic_form.html", form, context)


@require_POST
@permits(Action.WRITE_CURRICULUM)
def target_add(request: PersonRequest, framework: UUID, topic: UUID) -> HttpResponse:
    """The next target of a topic, from the line under the others."""
    workshop = bench(request, framework)
    piece = find(workshop, Subject.TOPIC, topic)
    form = NewTargetForm(request.POST)
    if form.is_valid():
        values = {**form.cleaned_data, "topic": str(topic), "short_title": "", "i_can": "", "grades": []}
        values |= {"language": "", "part_of": None}
        if attempt(form, lambda: _add(request, workshop, Subject.TARGET, values)):
            said = _("%(title)s is added.") % {"title": form.cleaned_data["code"] or form.cleaned_data["statement"]}
            if request.htmx:
                return _announced(_show_topic(request, bench(request, framework), piece), said)
            return redirect(resolve_url("curriculum:topic-write", framework=framework, topic=topic) + "#new")
    return _show_topic(request, workshop, piece, form)


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_CURRICULUM)
def target_change(request: PersonRequest, framework: UUID, target: UUID) -> HttpResponse:
    """All that is said of a target: words, grades, guide, what comes before it."""
    workshop = bench(request, framework)
    script = read_script(workshop, find(workshop, Subject.TARGET, target))
    known = [str(piece.uuid) for piece in workshop.outline.targets()]
    step = request.POST.get("step", "")
    searching = step == "search"
    initial = {**script.piece.values, "part_of": script.piece.whole}
    form = TargetForm(request.POST or None, initial=initial, guide=script.guide, wholes=_wholes(workshop, script.piece))
    before = RequiresForm(request.POST or None, known=known)
    if form.is_bound and not searching and form.is_valid() and before.is_valid():
        values = {**form.values(), "requires": before.cleaned_data["requires"]}
        if attempt(form, lambda: _reword(request, workshop, script.piece, values)):
            messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["code"] or _("The target")})
            return redirect(_after(workshop, script.piece, step))
    return _show_target(request, workshop, script, form, before, is_search=searching)


@require_POST
@permits(Action.WRITE_CURRICULUM)
def piece_move(request: PersonRequest, framework: UUID) -> HttpResponse:
    """An area, topic or target goes to another place in its order, or under something else."""
    form = MoveForm(request.POST)
    workshop, piece = _meant(request, framework, form)
    data = form.cleaned_data
    try:
        place = move_piece(
            framework=workshop.framework,
            subject=piece.subject,
            uuid=piece.uuid,
            place=data["place"],
            parent=data["parent"],
            actor=request.user,
            day=request.day,
        )
    except EditRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(_page_of(workshop, piece))
    words = {"name": piece.name, "number": place.number, "count": place.count}
    said = _("%(name)s is now %(number)d of %(count)d.") % words
    if request.htmx:
        return _announced(_show_page_of(request, bench(request, framework), piece), said)
    messages.success(request, said)
    return redirect(f"{_page_of(workshop, piece)}#p-{piece.uuid}")


@require_POST
@permits(Action.WRITE_CURRICULUM)
def piece_retire(request: PersonRequest, framework: UUID) -> HttpResponse:
    """An area, topic or target ends, with all that is under it."""
    workshop, piece = _meant(request, framework, PieceForm(request.POST))
    try:
        count = retire_piece(
            framework=workshop.framework,
            subject=piece.subject,
            uuid=piece.uuid,
            actor=request.user,
            day=request.day,
        )
    except EditRefused as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("%(name)s is retired.", "%(name)s is retired, with all that is under it.", count)
        messages.success(request, said % {"name": piece.name})
    return redirect(_page_of(workshop, piece))


def bench(request: PersonRequest, framework: UUID) -> Workshop:
    """The framework on which the person may do the view's action, as it is being written."""
    rows = Framework.objects.select_related("owner", "scale")
    return read_workshop(get_permitted(request, rows, uuid=framework))


def find(workshop: Workshop, subject: Subject, uuid: UUID) -> Piece:
    piece = workshop.outline.find(subject, uuid)
    if piece is None:
        raise Http404
    return piece


def attempt(form: Form, change: Callable[[], object]) -> bool:
    """Whether the service did it; what it refuses becomes a sentence of the form."""
    try:
        change()
    except EditRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def show_form(request: PersonRequest, template: str, form: Form, context: dict[str, Any]) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, template, {"form": form, **context}, status=status)


def _add(request: PersonRequest, workshop: Workshop, subject: Subject, values: dict[str, Any]) -> UUID:
    who: dict[str, Any] = {"actor": request.user, "day": request.day}
    return add_piece(framework=workshop.framework, subject=subject, values=values, **who)


def _reword(request: PersonRequest, workshop: Workshop, piece: Piece, values: dict[str, Any]) -> bool:
    return reword_piece(
        framework=workshop.framework,
        subject=piece.subject,
        uuid=piece.uuid,
        values=values,
        seen=request.POST.get("seen", ""),
        actor=request.user,
        day=request.day,
    )


def _seen(request: PersonRequest, shown: Script | Workshop) -> str:
    """What the words were written on: said by the form that was sent, else what is shown now."""
    return request.POST.get("seen") or shown.seen


def _meant(request: PersonRequest, framework: UUID, form: PieceForm) -> tuple[Workshop, Piece]:
    """The piece that a button names."""
    workshop = bench(request, framework)
    meant = form.meant()
    if meant is None:
        raise Http404
    return workshop, find(workshop, *meant)


def _page_of(workshop: Workshop, piece: Piece) -> str:
    """Where the piece stands in a list."""
    if piece.subject == Subject.TARGET:
        return resolve_url("curriculum:topic-write", framework=workshop.framework.uuid, topic=piece.parent)
    return resolve_url("curriculum:framework-write", framework=workshop.framework.uuid)


def _show_page_of(request: PersonRequest, workshop: Workshop, piece: Piece) -> HttpResponse:
    if piece.subject == Subject.TARGET:
        return _show_topic(request, workshop, find(workshop, Subject.TOPIC, UUID(piece.parent)))
    return _show_outline(request, workshop)


def _after(workshop: Workshop, target: Piece, step: str) -> str:
    """The next target to write on, when that was asked for and there is one; else the topic."""
    following = workshop.outline.next_target(target) if step == "next" else None
    if following is None:
        return f"{_page_of(workshop, target)}#p-{target.uuid}"
    return resolve_url("curriculum:target-change", framework=workshop.framework.uuid, target=following.uuid)


def _announced(response: HttpResponse, said: str) -> HttpResponse:
    return trigger_client_event(response, "announce", {"value": said})


def _show_outline(
    request: PersonRequest, workshop: Workshop, area_form: Form | None = None, topic_form: Form | None = None
) -> HttpResponse:
    context = {
        "workshop": workshop,
        "rows": outline_rows(workshop),
        "area_form": area_form or AreaForm(initial={"domain": Domain.CONTENT}),
        "topic_form": topic_form or NewTopicForm(),
        "target_count": len(workshop.outline.targets()),
        "may_publish": _may_publish(request, workshop.framework),
    }
    template = f"curriculum/write.html{'#order' if request.htmx and not request.htmx.boosted else ''}"
    refused = any(form is not None and form.errors for form in (area_form, topic_form))
    return render(request, template, context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK)


def _may_publish(request: PersonRequest, framework: Framework) -> bool:
    allowed = Framework.objects.visible_to(request.user, Action.PUBLISH_CURRICULUM, request.day)
    return allowed.filter(pk=framework.pk).exists()


def _show_topic(
    request: PersonRequest, workshop: Workshop, topic: Piece, form: NewTargetForm | None = None
) -> HttpResponse:
    rows = target_rows(workshop, topic)
    code = next_code([row.piece.code for row in rows])
    context = {
        "workshop": workshop,
        "topic": topic,
        "area": workshop.outline.find(Subject.AREA, topic.parent),
        "rows": rows,
        "form": form or NewTargetForm(initial={"code": code}),
    }
    template = f"curriculum/write_topic.html{'#order' if request.htmx and not request.htmx.boosted else ''}"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None else HTTPStatus.OK
    return render(request, template, context, status=status)


def _wholes(workshop: Workshop, target: Piece) -> list[tuple[str, str]]:
    """The targets of its topic that it could be a part of."""
    others = [row for row in workshop.outline.targets_of(target.parent) if row.uuid != target.uuid and not row.ends]
    return [(str(row.uuid), f"{row.code} {row.title}".strip()[:100]) for row in others]


def _show_target(
    request: PersonRequest,
    workshop: Workshop,
    script: Script,
    form: TargetForm,
    before: RequiresForm,
    *,
    is_search: bool,
) -> HttpResponse:
    """With what is ticked to come before it, as stored or as sent, and what a search found beside it."""
    outline, piece = workshop.outline, script.piece
    sent = [outline.find(Subject.TARGET, uuid) for uuid in _uuids(request.POST.getlist("requires"))]
    ticked = [row for row in sent if row] if form.is_bound else script.required
    words = request.POST.get("q", "") if is_search else ""
    context = {
        "workshop": workshop,
        "script": script,
        "piece": piece,
        "topic": outline.find(Subject.TOPIC, piece.parent),
        "parents": outline.topics(),
        "form": form,
        "before": before,
        "ticked": ticked,
        "found": find_targets(workshop, words, [piece.uuid, *(row.uuid for row in ticked)]),
        "words": words,
        "following": outline.next_target(piece),
        "seen": _seen(request, script),
    }
    template = f"curriculum/write_target.html{'#requires' if request.htmx and is_search else ''}"
    is_refused = form.is_bound and not is_search
    return render(request, template, context, status=HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK)


def _uuids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        return []
