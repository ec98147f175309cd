"""Revisions: what is going to change, what it touches, and what changed before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum.enums import ChangeKind, FrameworkStatus, RevisionStatus
from curriculum.forms.revisions import BeginForm, EndForm, PlaceForm, PublishForm, RevisionForm, TrialForm, UndoForm
from curriculum.models import Framework, Revision, Target, Topic
from curriculum.queries.revisions import (
    Parts,
    count_touched,
    last_day_before_change,
    list_lines,
    past_year,
    read_crosswalk,
    read_lines,
    words_as_of,
)
from curriculum.queries.revisions.parts import target_name
from curriculum.services import (
    EditRefused,
    describe_revision,
    end_targets,
    open_revision,
    publish_revision,
    reopen_revision,
    schedule_revision,
    try_revision,
    undo_changes,
    withdraw_revision,
)
from lpm.lib.dates import school_day
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, visible

PER_PAGE = 50
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


def _find(request: PersonRequest, revision: UUID) -> Revision:
    found: Revision = get_permitted(request, Revision.objects.select_related("framework__owner"), uuid=revision)
    return found


def _may(request: PersonRequest, framework: Framework, action: Action) -> bool:
    return Framework.objects.visible_to(request.user, action, request.day).filter(pk=framework.pk).exists()


@require_GET
@permits(Action.VIEW_CURRICULUM)
def revision_list(request: PersonRequest, framework: UUID) -> HttpResponse:
    """What changed in a curriculum, by date; and, for those who write it, what is being written."""
    shown = get_permitted(request, Framework.objects.select_related("owner"), uuid=framework)
    may_write = _may(request, shown, Action.WRITE_CURRICULUM)
    rows = visible(request, Revision.objects).filter(framework=shown).order_by("-published_at", "-publish_on", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    open_one = Revision.objects.visible_to(request.user, Action.WRITE_CURRICULUM, request.day).open()
    context = {
        "framework": shown,
        "page": page,
        "open": open_one.filter(framework=shown).first() if may_write else None,
        "may_begin": may_write and shown.status == FrameworkStatus.PUBLISHED,
    }
    return render(request, "curriculum/revisions.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_CURRICULUM)
def revision_begin(request: PersonRequest, framework: UUID) -> HttpResponse:
    shown = get_permitted(request, Framework.objects.select_related("owner"), uuid=framework)
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            revision = open_revision(
                framework=shown, title=form.cleaned_data["title"], actor=request.user, day=request.day
            )
        except EditRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("curriculum:revision-preview", revision=revision.uuid)
    status = UNPROCESSABLE if request.method == "POST" else HTTPStatus.OK
    return render(request, "curriculum/revision_begin.html", {"framework": shown, "form": form}, status=status)


@require_GET
@permits(Action.VIEW_CURRICULUM)
def revision_show(request: PersonRequest, revision: UUID) -> HttpResponse:
    """What changed, or is about to, for everybody who reads the curriculum."""
    shown = _find(request, revision)
    context = _read(request, shown, Parts(shown))
    if shown.published_at:
        zone = shown.framework.owner.time_zone
        context["day_before"] = school_day(zone, shown.published_at) - timedelta(days=1)
    return render(request, "curriculum/revision.html", context)


def _read(request: PersonRequest, revision: Revision, parts: Parts) -> dict[str, Any]:
    page = Paginator(list_lines(parts), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "revision": revision,
        "framework": revision.framework,
        "page": page,
        "lines": read_lines(revision, parts, list(page.object_list)),
        "walk": read_crosswalk(parts) if page.number == 1 else None,
    }


@require_GET
@permits(Action.WRITE_CURRICULUM)
def revision_preview(request: PersonRequest, revision: UUID) -> HttpResponse:
    """What an open revision would do, and to how much; a trial on a past year is asked for here."""
    shown = _find(request, revision)
    trial = shown.trials.order_by("-asked_at", "-pk").first()
    if request.htmx:
        return render(request, "curriculum/revision_preview.html#trial", {"revision": shown, "trial": trial})
    return _preview(request, shown, trial)


def _preview(request: PersonRequest, revision: Revision, trial: Any, form: TrialForm | None = None) -> HttpResponse:
    parts = Parts(revision)
    starts_on, ends_on = past_year(revision, request.day)
    context = _read(request, revision, parts)
    ending, going_on = count_touched(parts)
    context |= {
        "ending": ending,
        "going_on": going_on,
        "trial": trial,
        "trial_form": form or TrialForm(initial={"starts_on": starts_on, "ends_on": ends_on}),
        "may_publish": _may(request, revision.framework, Action.PUBLISH_CURRICULUM),
        "is_draft": revision.status == RevisionStatus.DRAFT,
        "is_overdue": bool(revision.is_open and revision.publish_on and revision.publish_on < request.day),
    }
    return render(request, "curriculum/revision_preview.html", context, status=UNPROCESSABLE if form else None)


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_CURRICULUM)
def revision_change(request: PersonRequest, revision: UUID) -> HttpResponse:
    shown = _find(request, revision)
    form = RevisionForm(request.POST or None, initial={"title": shown.title, "note": shown.note})
    if request.method == "POST" and form.is_valid():
        try:
            describe_revision(revision=shown, **form.cleaned_data, actor=request.user, day=request.day)
        except EditRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("curriculum:revision-preview", revision=shown.uuid)
    status = UNPROCESSABLE if request.method == "POST" else HTTPStatus.OK
    context = {"revision": shown, "framework": shown.framework, "form": form}
    return render(request, "curriculum/revision_change.html", context, status=status)


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_CURRICULUM)
def revision_end(request: PersonRequest, revision: UUID) -> HttpResponse:
    """Split, merge or retire targets of a topic."""
    shown = _find(request, revision)
    topics = Topic.objects.filter(area__framework=shown.framework).in_use().select_related("area").in_order()
    place = PlaceForm(_places(request, topics), topics=topics)
    topic, onward = _topics(place, topics.first())
    targets = _targets(topic)
    form = EndForm(
        request.POST or None,
        sources=_choices(targets),
        existing=[*_choices(targets if onward == topic else _targets(onward)), *_added(shown, onward)],
        initial={"kind": ChangeKind.SPLIT, "sources": request.GET.getlist("target")},
    )
    if request.method == "POST" and form.is_valid() and _end(request, shown, targets, form):
        return redirect("curriculum:revision-preview", revision=shown.uuid)
    context = {"revision": shown, "framework": shown.framework, "place": place, "form": form, "targets": targets}
    status = UNPROCESSABLE if request.method == "POST" else HTTPStatus.OK
    return render(request, "curriculum/revision_end.html", context, status=status)


def _places(request: PersonRequest, topics: Any) -> dict[str, Any]:
    """The topics chosen in the address; the first one where none is. A target named there stands for its topic."""
    chosen = request.GET.get("topic")
    if not chosen and (target := request.GET.get("target")):
        by_target = Target.objects.filter(uuid=parse_uuid(target)).values("topic")
        first = topics.filter(pk__in=by_target).first()
    else:
        first = None if chosen else topics.first()
    return {"topic": first.uuid if first else chosen, "onward": request.GET.get("onward")}


def _topics(place: PlaceForm, first: Topic | None) -> tuple[Topic | None, Topic | None]:
    place.is_valid()
    topic = place.cleaned_data.get("topic") or first
    return topic, place.cleaned_data.get("onward") or topic


def _targets(topic: Topic | None) -> list[Target]:
    return list(Target.objects.filter(topic=topic).current().in_order().select_related("topic"))


def _choices(targets: list[Target]) -> list[tuple[str, str]]:
    return [(str(target.uuid), target_name(target)) for target in targets]


def _added(revision: Revision, topic: Topic | None) -> list[tuple[str, str]]:
    """Targets that the revision adds to the topic; they too may take the place of others."""
    rows = revision.changes.filter(subject="target", kind=ChangeKind.ADDED).order_by("pk")
    here = [row for row in rows if topic and row.after.get("topic") == str(topic.uuid)]
    new = _("new")
    return [(str(row.subject_uuid), f"{_added_name(row.after)} ({new})") for row in here]


def _added_name(values: dict[str, Any]) -> str:
    return target_name(Target(**{name: values.get(name, "") for name in ("code", "short_title", "statement")}))


def _end(request: PersonRequest, revision: Revision, targets: list[Target], form: EndForm) -> bool:
    chosen = set(form.cleaned_data["sources"])
    try:
        end_targets(
            revision=revision,
            kind=ChangeKind(form.cleaned_data["kind"]),
            sources=[target for target in targets if target.uuid in chosen],
            existing=form.cleaned_data["existing"],
            new=form.new_targets(),
            carries=form.carried(),
            actor=request.user,
            day=request.day,
        )
    except EditRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, _("This is in the revision now. Nothing changes for students until it is published."))
    return True


@require_POST
@permits(Action.WRITE_CURRICULUM)
def revision_undo(request: PersonRequest, revision: UUID) -> HttpResponse:
    shown = _find(request, revision)
    form = UndoForm(request.POST, subjects=list(shown.changes.values_list("subject_uuid", flat=True)))
    if not form.is_valid():
        messages.error(request, _("This change is not in the revision any more."))
    else:

        def undo() -> None:
            subjects = form.cleaned_data["subject"]
            count = undo_changes(revision=shown, subjects=subjects, actor=request.user, day=request.day)
            text = ngettext("%(n)d change is undone.", "%(n)d changes are undone.", count)
            messages.success(request, text % {"n": count})

        _tell(request, undo)
    return redirect("curriculum:revision-preview", revision=shown.uuid)


def _tell(request: PersonRequest, act: Callable[[], object]) -> bool:
    """Do it; where it is refused, say why on the next page."""
    try:
        act()
    except EditRefused as refused:
        messages.error(request, str(refused))
        return False
    return True


@require_POST
@permits(Action.WRITE_CURRICULUM)
def revision_try(request: PersonRequest, revision: UUID) -> HttpResponse:
    shown = _find(request, revision)
    form = TrialForm(request.POST)
    if not form.is_valid():
        return _preview(request, shown, None, form)
    _tell(request, lambda: try_revision(revision=shown, **form.cleaned_data, actor=request.user, day=request.day))
    return redirect("curriculum:revision-preview", revision=shown.uuid)


@require_http_methods(["GET", "POST"])
@permits(Action.PUBLISH_CURRICULUM)
def revision_publish(request: PersonRequest, revision: UUID) -> HttpResponse:
    """What will happen, once more in a few sentences; then now, or on a day to come."""
    shown = _find(request, revision)
    form = PublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _publish(request, shown, form):
        return redirect("curriculum:revision-list", framework=shown.framework.uuid)
    parts = Parts(shown)
    ending, going_on = count_touched(parts)
    context = {
        "revision": shown,
        "framework": shown.framework,
        "form": form,
        "change_count": len(parts.changes),
        "walk_count": len(parts.crosswalk),
        "ending": ending,
        "going_on": going_on,
    }
    status = UNPROCESSABLE if request.method == "POST" else HTTPStatus.OK
    return render(request, "curriculum/revision_publish.html", context, status=status)


def _publish(request: PersonRequest, revision: Revision, form: PublishForm) -> bool:
    who: dict[str, Any] = {"actor": request.user, "day": request.day}
    try:
        if form.cleaned_data["when"] == PublishForm.NOW:
            publish_revision(revision=revision, **who)
            text = _("The revision is published. Levels follow in a few minutes.")
        else:
            schedule_revision(revision=revision, publish_on=form.cleaned_data["publish_on"], **who)
            text = _("The revision is published on the day you chose. Until then nothing changes in it.")
    except EditRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, text)
    return True


@require_POST
@permits(Action.PUBLISH_CURRICULUM)
def revision_reopen(request: PersonRequest, revision: UUID) -> HttpResponse:
    shown = _find(request, revision)
    _tell(request, lambda: reopen_revision(revision=shown, actor=request.user, day=request.day))
    return redirect("curriculum:revision-preview", revision=shown.uuid)


@require_POST
@permits(Action.PUBLISH_CURRICULUM)
def revision_withdraw(request: PersonRequest, revision: UUID) -> HttpResponse:
    shown = _find(request, revision)
    if _tell(request, lambda: withdraw_revision(revision=shown, actor=request.user, day=request.day)):
        messages.success(request, _("The revision is withdrawn. Nothing of it is published."))
    return redirect("curriculum:revision-list", framework=shown.framework.uuid)


@require_GET
@permits(Action.VIEW_CURRICULUM)
def target_past(request: PersonRequest, target: UUID) -> HttpResponse:
    """What a target said on a past day (``?on=2026-05-01``); before its last change, where no day is asked for."""
    rows = Target.objects.select_related("topic__area__framework__owner", "topic__area__framework__scale")
    shown = get_permitted(request, rows, uuid=target)
    on = _past_day(request) if "on" in request.GET else last_day_before_change(shown) or request.day
    context = {
        "target": shown,
        "framework": shown.topic.area.framework,
        "on": on,
        "then": words_as_of(shown, on),
    }
    return render(request, "curriculum/revision_past.html", context)


def _past_day(request: PersonRequest) -> date:
    """Today where nonsense or a day to come is asked for."""
    try:
        return min(parse_date(request.GET.get("on", "")) or request.day, request.day)
    except ValueError:
        return request.day
