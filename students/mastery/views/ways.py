"""Choosing how levels are made and shown: methods, scales, and the other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum.enums import FrameworkStatus
from curriculum.models import Framework, Scale, Topic
from curriculum.queries.writing import scales_within
from curriculum.services.scales import ScaleRefused
from lpm.lib.progress import read_progress
from lpm.people.models import Organization
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks, visible
from students.mastery.calculations import EXAMPLES, METHODS, Candidate, Made, ScaleRange, explain, try_methods
from students.mastery.enums import ChangeState
from students.mastery.forms.ways import LABELS, DayForm, LevelsForm, MethodForm, OptionsForm, OtherScaleForm
from students.mastery.models import Crossing, MasterySettings, MethodRule, ScaleChange
from students.mastery.queries import scale_range
from students.mastery.queries.chosen import (
    Chosen,
    options_in_force,
    own_options,
    planned_options,
    read_chosen,
    said,
)
from students.mastery.queries.effects import Tried, place_of
from students.mastery.services.options import change_mastery_settings
from students.mastery.services.ways import (
    ChangeRefused,
    apply_change,
    choose_method,
    choose_scale_change,
    drop_change,
    propose_levels,
    retry_change,
)

NAMED_AT_MOST = 100
REFUSALS = (ChangeRefused, ScaleRefused)


def _place(request: PersonRequest, organization: UUID) -> Organization:
    place: Organization = get_permitted(request, Organization.objects, uuid=organization)
    return place


def _used(organization: Organization, framework: UUID) -> Framework:
    rows = Framework.objects.used_by(organization.pk).select_related("owner", "scale")
    return get_object_or_404(rows, uuid=framework)


def is_done(form: forms.Form, deed: Callable[[], Any]) -> Any:
    """What the service made; None when it refused, and the form says why."""
    try:
        return deed()
    except REFUSALS as refused:
        form.add_error(None, str(refused))
        return None


def _status(form: forms.Form | None) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.errors else HTTPStatus.OK


@require_GET
@permits(Action.SET_MASTERY)
def ways_list(request: PersonRequest, organization: UUID) -> HttpResponse:
    """By which method each curriculum in use here makes its levels."""
    place = _place(request, organization)
    frameworks = list(Framework.objects.used_by(place.pk).select_related("scale").by_title())
    context = {"organization": place, "rows": read_chosen(place, request.day, frameworks)}
    return render(request, "mastery/ways_list.html", context)


@dataclass(frozen=True)
class MethodRow:
    """A method to choose, in words for families: each example student with what it makes of their pieces of work, and
    its numbers to fill in."""

    method: str
    name: str
    sentence: str
    examples: list[tuple[str, list[Decimal], Made | None]]
    form: MethodForm
    is_chosen: bool = False


@require_http_methods(["GET", "POST"])
@permits(Action.SET_MASTERY)
def ways_show(request: PersonRequest, organization: UUID, framework: UUID) -> HttpResponse:
    """What each method makes of five example students, and the choice of one: for the curriculum, or one topic of it.

    Sent with ``look``, the numbers of a method are tried on the examples, and nothing else is done.
    """
    place = _place(request, organization)
    shown = _used(place, framework)
    topic = _topic(request, shown)
    method = request.POST.get("method", "")
    bound = _bound(request, method, shown)
    if request.method == "POST" and "look" not in request.POST and (bound is None or bound.is_valid()):
        answer = _choose(request, place, shown, topic, method, bound)
        if answer is not None:
            return answer
    context = _ways_context(request, place, shown, topic, bound)
    template = f"mastery/ways_show.html{'#methods' if request.htmx else ''}"
    return render(request, template, context, status=_status(bound))


def _topic(request: PersonRequest, framework: Framework) -> Topic | None:
    wanted = request.POST.get("topic") or request.GET.get("topic")
    topics = Topic.objects.filter(area__framework=framework, retired_on__isnull=True)
    return get_object_or_404(topics, uuid=parse_uuid(wanted)) if wanted else None


def _bound(request: PersonRequest, method: str, framework: Framework) -> MethodForm | None:
    if method not in METHODS:
        return None
    return MethodForm(request.POST, method=method, scale=scale_range(framework.scale))


def _choose(
    request: PersonRequest,
    place: Organization,
    framework: Framework,
    topic: Topic | None,
    method: str,
    bound: MethodForm | None,
) -> HttpResponse | None:
    """To the page of the change; None when the form says why not."""
    form = bound or forms.Form(request.POST)
    what: dict[str, Any] = {"organization": place, "framework": framework, "topic": topic, "method": method}
    given = bound.values() if bound else {}
    rule = is_done(form, lambda: choose_method(**what, parameters=given, actor=request.user, day=request.day))
    if rule is not None:
        return redirect("mastery:change-show", change=rule.uuid)
    if bound is None:  # no row of the page can show it
        messages.error(request, " ".join(map(str, form.non_field_errors())))
        return redirect("mastery:ways-show", organization=place.uuid, framework=framework.uuid)
    return None


def _ways_context(
    request: PersonRequest, place: Organization, framework: Framework, topic: Topic | None, bound: MethodForm | None
) -> dict[str, Any]:
    [chosen] = read_chosen(place, request.day, [framework])
    scale = scale_range(framework.scale)
    of_topic = next((one for one in chosen.topics if topic and one.rule and one.rule.topic_id == topic.pk), None)
    in_force = of_topic or chosen.choice
    topics = Topic.objects.filter(area__framework=framework, retired_on__isnull=True).in_order()
    return {
        "organization": place,
        "framework": framework,
        "topic": topic,
        "topics": list(topics.select_related("area")),
        "chosen": chosen,
        "in_force": in_force,
        "is_topics_own": of_topic is not None and of_topic.is_own,
        "scale": scale,
        "rows": _method_rows(scale, in_force.rule, bound),
        "owns": framework.owner_id == place.pk,
        "progress": _progress(chosen),
    }


def _progress(chosen: Chosen) -> int | None:
    running = [change for change in chosen.open if change.state == ChangeState.RUNNING]
    return read_progress(str(running[0].uuid)) if running else None


def _method_rows(scale: ScaleRange, rule: MethodRule | None, bound: MethodForm | None) -> list[MethodRow]:
    in_force = rule.method if rule else ""
    return [_method_row(name, scale, name == in_force, bound) for name in METHODS]


def _method_row(name: str, scale: ScaleRange, is_chosen: bool, bound: MethodForm | None) -> MethodRow:
    mine = bound if bound is not None and bound.prefix == name else None
    given = mine.values() if mine is not None and mine.is_valid() else {}
    [row] = try_methods(scale, [Candidate(name, given)])
    form = mine or MethodForm(method=name, scale=scale)
    examples = [
        (str(example.name), example.scores(scale), made) for example, made in zip(EXAMPLES, row.made, strict=True)
    ]
    return MethodRow(name, str(METHODS[name].name), explain(name, **given), examples, form, is_chosen)


@require_http_methods(["GET", "POST"])
@permits(Action.SET_MASTERY)
def scale_move(request: PersonRequest, framework: UUID) -> HttpResponse:
    """To which scale a curriculum of one's own goes over, and what each of its levels becomes."""
    published = Framework.objects.exclude(status=FrameworkStatus.DRAFT).select_related("owner", "scale")
    shown = get_object_or_404(published, owner__in=visible(request, Organization.objects), uuid=framework)
    scales = scales_within(Organization.objects.filter(pk=shown.owner_id)).exclude(pk=shown.scale_id)
    after = _after(request, scales)
    form = _levels_form(request, shown, after) if after else None
    if request.method == "POST" and form is not None and after is not None and form.is_valid():
        what: dict[str, Any] = {"framework": shown, "scale": after, "levels": form.values()}
        change = is_done(form, lambda: choose_scale_change(**what, actor=request.user, day=request.day))
        if change is not None:
            return redirect("mastery:change-show", change=change.uuid)
    context = {
        "organization": shown.owner,
        "framework": shown,
        "scales": scales,
        "choice": OtherScaleForm(scales=scales, initial={"scale": after.uuid if after else None}),
        "after": after,
        "form": form,
    }
    return render(request, "mastery/ways_scale.html", context, status=_status(form))


def _after(request: PersonRequest, scales: Any) -> Scale | None:
    wanted = request.POST.get("scale") or request.GET.get("scale")
    rows = scales.prefetch_related("levels")
    found: Scale | None = get_object_or_404(rows, uuid=parse_uuid(wanted)) if wanted else None
    return found


def _levels_form(request: PersonRequest, framework: Framework, after: Scale) -> LevelsForm:
    data = request.POST if request.method == "POST" else None
    return LevelsForm(data, before=framework.scale, after=after, proposed=propose_levels(framework.scale, after))


# A change that is counted, decided, or under way


@require_GET
@permits(Action.SET_MASTERY)
def change_show(request: PersonRequest, change: UUID) -> HttpResponse:
    """How far it is, what it would change, and for whom proficient would be crossed. It asks again while a worker is
    at it."""
    shown = _change(request, change)
    context = _change_context(request, shown, DayForm(initial={"valid_from": request.day}))
    return render(request, f"mastery/ways_change.html{'#change' if request.htmx else ''}", context)


@require_POST
@permits(Action.SET_MASTERY)
def change_decide(request: PersonRequest, change: UUID) -> HttpResponse:
    """Apply it from a day on, drop it, or do again what could not be finished."""
    shown = _change(request, change)
    form = DayForm(request.POST)
    who: dict[str, Any] = {"change": shown, "actor": request.user, "day": request.day}
    step = request.POST.get("step")
    if step == "apply" and form.is_valid():
        day = form.cleaned_data["valid_from"]
        done = is_done(form, lambda: apply_change(valid_from=day, **who))
    elif step in {"drop", "retry"}:
        form = DayForm({"valid_from": request.day})
        done = is_done(form, lambda: (drop_change if step == "drop" else retry_change)(**who))
    else:
        done = None
    if done is not None:
        return redirect("mastery:change-show", change=change)
    context = _change_context(request, shown, form)
    return render(request, "mastery/ways_change.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _change(request: PersonRequest, uuid: UUID) -> Tried:
    places = visible(request, Organization.objects).values("pk")
    rules = MethodRule.objects.filter(organization__in=places, uuid=uuid)
    rule = rules.select_related("organization", "framework", "topic", "chosen_by").first()
    if rule is not None:
        return rule
    changes = ScaleChange.objects.filter(framework__owner__in=places)
    rows = changes.select_related("framework__owner", "before", "after", "chosen_by").prefetch_related("steps")
    return get_object_or_404(rows, uuid=uuid)


def _change_context(request: PersonRequest, change: Tried, form: forms.Form) -> dict[str, Any]:
    is_rule = isinstance(change, MethodRule)
    crossings = Crossing.objects.filter(**{"rule" if is_rule else "scale_change": change})
    return {
        "change": change,
        "place": place_of(change),
        "choice": said(change, change.organization) if isinstance(change, MethodRule) and change.method else None,
        "is_rule": is_rule,
        "is_at_work": change.state in {ChangeState.COUNTING, ChangeState.RUNNING},
        "progress": read_progress(str(change.uuid)),
        "crossing_count": crossings.count(),
        "crossings": _named(request, crossings) if change.state == ChangeState.COUNTED else [],
        "form": form,
    }


def _named(request: PersonRequest, crossings: Any) -> list[Crossing]:
    """Those whose levels the reader may see; that they were looked at is noted."""
    seen = crossings.visible_to(request.user, Action.VIEW_STUDENT, request.day).with_student_for(request.user)
    rows = list(seen.order_by("student__sort_key", "pk")[:NAMED_AT_MOST])
    record_looks(request, [row.student.uuid for row in rows], page="method")
    return rows


# The other settings


@require_http_methods(["GET", "POST"])
@permits(Action.SET_MASTERY)
def options_change(request: PersonRequest, organization: UUID) -> HttpResponse:
    """What is in force, from which organization and since when; and a form to decide from a day on."""
    place = _place(request, organization)
    planned = planned_options(place, request.day)
    form = OptionsForm(request.POST or None, initial=_begin_options(request, place, planned))
    if request.method == "POST" and form.is_valid():
        what: dict[str, Any] = {
            "organization": place,
            "valid_from": form.cleaned_data["valid_from"],
            "values": form.values(),
        }
        if is_done(form, lambda: change_mastery_settings(**what, actor=request.user, day=request.day)):
            messages.success(request, _("It is decided. Each setting holds from its day on."))
            return redirect("mastery:options-change", organization=place.uuid)
    context = {
        "organization": place,
        "form": form,
        "rows": [(LABELS[one.name], in_words(one.value), one) for one in options_in_force(place, request.day)],
        "planned": [(row, _said_later(row)) for row in planned],
    }
    return render(request, "mastery/ways_options.html", context, status=_status(form if form.is_bound else None))


def _begin_options(request: PersonRequest, place: Organization, planned: Iterable[MasterySettings]) -> dict[str, Any]:
    """What the organization says today; where a planned day is asked for, what it says from then on."""
    asked = request.GET.get("from")
    own = [row for row in planned if row.organization_id == place.pk and row.valid_from.isoformat() == asked]
    row = own[0] if own else own_options(place, request.day)
    typed = {name: _typed(getattr(row, name)) for name in LABELS} if row else {}
    return {"valid_from": own[0].valid_from if own else request.day, **typed}


def _typed(value: Any) -> Any:
    """A choice of a form is text."""
    return str(value).lower() if isinstance(value, bool) else value


def _said_later(row: Any) -> list[tuple[Any, str]]:
    return [(label, in_words(value)) for name, label in LABELS.items() if (value := getattr(row, name)) is not None]


def in_words(value: Any) -> str:
    """A value of a setting, to read."""
    if value is None:
        return _("never")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
