"""Marks made in a grid: one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curriculum.models import Target
from curriculum.queries.in_use import find_in_use
from lpm.lib.ids import uuid7
from lpm.lib.levels import level_text, level_value
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.queries.stated import find_group, find_student_in_group
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks, visible
from students.mastery.forms.marks import MarkForm, UndoForm, VoidForm
from students.mastery.models import Assessment, Judgement
from students.mastery.queries import read_target_record
from students.mastery.queries.grid import look_as_dict
from students.mastery.queries.mine import TO_VOID, older_marks
from students.mastery.services import (
    Deed,
    IdentifierReused,
    Item,
    MarkRefused,
    NotAllowed,
    Outcome,
    record_batch,
    void_mark,
)

TYPED = "mark typed before signing in again"
TYPED_FOR = timedelta(days=1)


@require_GET
@permits(Action.RECORD_MARK)
def mark_form(request: PersonRequest, group: UUID) -> HttpResponse:
    """One student on one target: the scoring guide to choose from. The grid's picker is a part of it.

    A level, day and identity in the address were typed before signing in again; the form has them still.
    """
    cell = {name: request.GET.get(name, "") for name in ("student", "target")}
    asked = MarkForm({"uuid": uuid7(), **_typed_before(request), **cell})
    asked.is_valid()
    return _render_mark(request, group, asked, HTTPStatus.OK)


def _resume_mark(request: HttpRequest, group: UUID) -> str:
    """The form's address with what was typed, signed, so that a link made by somebody else fills in nothing."""
    cell = {name: request.POST.get(name, "") for name in ("student", "target")}
    typed = {name: request.POST.get(name, "") for name in ("level", "performed_on", "uuid", "kind", "comment")}
    typed["accommodations"] = ",".join(request.POST.getlist("accommodations"))
    query = {**cell, "typed": signing.dumps(typed, salt=TYPED, compress=True)}
    return f"{reverse('mastery:mark-form', args=[group])}?{urlencode(query)}"


def _typed_before(request: HttpRequest) -> dict[str, str]:
    try:
        typed: dict[str, str] = signing.loads(request.GET.get("typed", ""), salt=TYPED, max_age=TYPED_FOR)
    except signing.BadSignature:
        return {}
    return typed


@require_POST
@permits(Action.RECORD_MARK, resume=_resume_mark)
def mark_record(request: PersonRequest, group: UUID) -> HttpResponse:
    """Record one mark; JSON for the grid, a page for the plain form."""
    form = MarkForm(request.POST)
    shown, student, target = find_cell(request, group, form.data)
    if not form.is_valid():
        return _refuse(request, group, form, "invalid", first_error(form), HTTPStatus.UNPROCESSABLE_ENTITY)
    item = Item(student=student, target=target, group=shown, **form.content(request.day))
    return _do(request, group, form, item)


@require_POST
@permits(Action.RECORD_MARK)
def mark_undo(request: PersonRequest, group: UUID) -> HttpResponse:
    """Take back one's own mark of today; JSON for the grid, back to the grid for the plain form."""
    open_for_marks(request, group)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _refuse(request, group, form, "invalid", first_error(form), HTTPStatus.UNPROCESSABLE_ENTITY)
    item = _undo_item(request, group, form)
    if item is None:
        sentence = _("This mark is not there, or not yours to take back.")
        return _refuse(request, group, form, "no_such_mark", sentence, HTTPStatus.NOT_FOUND)
    return _do(request, group, form, item)


@require_http_methods(["GET", "POST"])
@permits(Action.VOID_MARK)
def mark_void(request: PersonRequest, mark: UUID) -> HttpResponse:
    """Take back a mark of an earlier day, saying why."""
    rows = Assessment.objects.select_related("student__school", "student__merged_into", "target__topic", "recorder")
    shown = get_permitted(request, rows.filter(kind__in=TO_VOID), uuid=mark)
    student = shown.student.merged_into or shown.student
    record_looks(request, [student.uuid], page="mark")
    form = VoidForm(request.POST or None, initial={"uuid": uuid7()})
    if request.method == "POST" and form.is_valid():
        try:
            void_mark(mark_uuid=shown.uuid, voider=request.user, day=request.day, **form.cleaned_data)
        except MarkRefused as refused:
            form.add_error(None, str(refused))
        else:
            words = {"student": student.name, "target": shown.target.title}
            messages.success(request, _("Taken back: %(student)s, %(target)s.") % words)
            return redirect("student:topic", student=student.uuid, topic=shown.target.topic.uuid)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "mastery/mark_void.html", {"mark": shown, "student": student, "form": form}, status=status)


def _undo_item(request: PersonRequest, group: UUID, form: UndoForm) -> Item | None:
    """None when the mark to take back is not there for this person."""
    data = form.cleaned_data
    if data["mark"] is None:
        shown, student, target = find_cell(request, group, form.data)
        return Item(data["uuid"], Deed.UNDO, student, target, request.day, group=shown)
    marks = visible(request, Assessment.objects).select_related("student__merged_into", "target__topic")
    mark = marks.filter(uuid=data["mark"]).first()
    if mark is None:
        return None
    student = mark.student.merged_into or mark.student
    return Item(data["uuid"], Deed.UNDO, student, mark.target, request.day, mark=data["mark"])


def open_for_marks(request: PersonRequest, group: UUID) -> Group:
    """The group, open to whoever records in it, or only notes things for a teacher to accept (``offers``)."""
    shown = find_group(request.user, request.action, request.day, group)
    if shown is not None:
        return shown
    groups = Group.objects.select_related("school")
    offered = groups.visible_to(request.user, Action.OFFER_MARK, request.day)
    if offered.filter(uuid=group).exists():
        request.action = Action.OFFER_MARK
    found: Group = get_permitted(request, groups, uuid=group)
    return found


def offers(request: PersonRequest) -> bool:
    return request.action == Action.OFFER_MARK


def find_cell(request: PersonRequest, group: UUID, sent: Mapping[str, Any]) -> tuple[Group, Student, Target]:
    """The group, and the student and target that were sent; 404 unless the student is in the group."""
    shown = open_for_marks(request, group)
    return shown, *find_in_group(request, shown, sent)


def find_in_group(request: PersonRequest, shown: Group, sent: Mapping[str, Any]) -> tuple[Student, Target]:
    """The student and target that were sent; 404 unless the student is in the group."""
    uuid = parse_uuid(str(sent.get("student")))
    student = find_student_in_group(request.user, request.action, request.day, shown.pk, uuid)
    if student is None:  # says why
        student = get_permitted(request, Student.objects.enrolled_in(shown.pk, request.day), uuid=uuid)
    target = find_in_use(shown.school_id, parse_uuid(str(sent.get("target"))))
    if target is None:
        raise Http404
    return student, target


def _render_mark(
    request: PersonRequest, group: UUID, form: MarkForm, status: HTTPStatus, sentence: str = ""
) -> HttpResponse:
    opened_at = timezone.now()  # before anything is read
    shown, student, target = find_cell(request, group, form.data)
    record_looks(request, [student.uuid], page="mark")
    full = (
        Target.objects.select_related("topic__area__framework__scale")
        .prefetch_related("guide", "topic__area__framework__scale__levels")
        .get(pk=target.pk)
    )
    context = {
        "group": shown,
        "student": student,
        "record": read_target_record(student, full, request.user, request.day),
        "typed": form.data,
        "sentence": sentence,
        "day": request.day,
        "opened_at": opened_at,
        "undo_uuid": uuid7(),
        "older": older_marks(student, full, request.user, request.day),
        "kinds": [] if offers(request) else _kinds(),
        "accommodations": form["accommodations"],
    }
    return render(request, f"mastery/mark.html{'#picker' if _is_script(request) else ''}", context, status=status)


STATUSES = {IdentifierReused: HTTPStatus.CONFLICT, NotAllowed: HTTPStatus.NOT_FOUND}


def _kinds() -> list[tuple[str, str]]:
    """What a mark of the plain form may be."""
    return [
        (Deed.MARK, _("evidence, and the level")),
        (Deed.EVIDENCE, _("evidence only")),
        (Deed.PRACTICE, _("practice: feedback that does not count")),
    ]


def _do(request: PersonRequest, group: UUID, form: Form, item: Item) -> HttpResponse:
    """Do it and say what came of it, in the form the client asked for."""
    maker = form.cleaned_data["person"]
    if is_somebody_else(request, maker):
        return _refuse(request, group, form, "other_person", other_person(), HTTPStatus.FORBIDDEN)
    [outcome] = do_all(request, [item])
    if outcome.refused is not None:
        status = STATUSES.get(type(outcome.refused), HTTPStatus.UNPROCESSABLE_ENTITY)
        return _refuse(request, group, form, outcome.refused.code, str(outcome.refused), status)
    if wants_json(request):
        return JsonResponse(answer_to(item, outcome), status=HTTPStatus.CREATED if outcome.is_new else HTTPStatus.OK)
    messages.success(request, _said(item, outcome))
    return redirect(f"{reverse('mastery:group-grid', args=[group])}?topic={item.target.topic.uuid}")


def do_all(request: PersonRequest, items: Sequence[Item]) -> list[Outcome]:
    """An outcome for each; refused altogether when somebody used an identity of theirs at the same moment."""
    try:
        return record_batch(items=items, person=request.user, day=request.day, offers=offers(request))
    except MarkRefused as refused:
        return [Outcome(refused=refused)] * len(items)


def is_somebody_else(request: PersonRequest, maker: UUID | None) -> bool:
    return maker is not None and maker != request.user.uuid


def other_person() -> str:
    return _("Somebody else is signed in now. This mark waits for the person who made it.")


def answer_to(item: Item, outcome: Outcome) -> dict[str, Any]:
    """What a script is told of an item that was done: how its cell looks now, and what to ask or show beside."""
    answer: dict[str, Any] = {"uuid": str(item.uuid), "code": "", **look_as_dict(outcome.look)}
    if outcome.judgement is not None:
        answer |= {"asks_why": True, "judgement": str(outcome.judgement)}
    if outcome.conflict is not None:
        answer["conflict"] = _conflict(outcome.conflict)
    if outcome.is_offered:
        answer["offered"] = True
    if outcome.is_undone is not None:
        answer["undone"] = outcome.is_undone
    return answer


def _conflict(judgement: Judgement) -> dict[str, Any]:
    """What a colleague judged meanwhile, told beside the mark that was recorded all the same."""
    who = judgement.judge.name if judgement.judge else _("Somebody")
    when = date_format(timezone.localtime(judgement.recorded_at), "SHORT_DATETIME_FORMAT")
    words = {"name": who, "level": level_text(judgement.level), "when": when}
    return {
        "level": level_value(judgement.level),
        "by": who,
        "at": judgement.recorded_at.isoformat(),
        "sentence": _("%(name)s judged %(level)s on %(when)s, and you had not seen it yet. Both are kept.") % words,
    }


def _refuse(
    request: PersonRequest, group: UUID, form: Form, code: str, sentence: str, status: HTTPStatus
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"code": code, "sentence": sentence}, status=status)
    if isinstance(form, MarkForm):
        return _render_mark(request, group, form, status, sentence)
    messages.error(request, sentence)
    return redirect("mastery:group-grid", group=group)


def _said(item: Item, outcome: Outcome) -> str:
    words = {"student": item.student.name, "target": item.target.title, "level": level_text(item.level)}
    if item.deed == Deed.UNDO:
        return _("Taken back: %(student)s, %(target)s.") % words
    if outcome.is_offered:
        return _("Noted for the teacher to accept: %(student)s, %(target)s, %(level)s.") % words
    return _("Saved: %(student)s, %(target)s, %(level)s.") % words


def first_error(form: Form) -> str:
    return str(next(iter(form.errors.values()))[0])


def wants_json(request: PersonRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _is_script(request: PersonRequest) -> bool:
    """Whether a script asks for the part of the page that it shows in place."""
    return bool(request.htmx)
