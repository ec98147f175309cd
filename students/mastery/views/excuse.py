"""Excusing students of a group from a target, and expecting it of them again."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from curriculum.models import Target
from curriculum.queries.in_use import find_in_use
from lpm.lib.ids import uuid7
from lpm.people.models import Group, Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, parse_uuid, permits, record_looks, visible
from students.mastery.forms.excuse import EndForm, ExcuseForm
from students.mastery.queries.excuse import read_excused
from students.mastery.services import MarkRefused
from students.mastery.services.excuse import Answers, end_excuses, excuse_students

Service = Callable[..., Answers]


@require_http_methods(["GET", "POST"])
@permits(Action.RECORD_MARK)
def target_excuse(request: PersonRequest, group: UUID) -> HttpResponse:
    """Who of the group is excused from a target, with the reasons; and to excuse more."""
    shown, target = _find(request, group)
    if request.method != "POST":
        return _render(request, shown, target, HTTPStatus.OK)
    form = ExcuseForm(request.POST, students=_students(request, shown))
    if not form.is_valid():
        return _render(request, shown, target, HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    count = _decide(request, target, form, excuse_students)
    if count:
        words = ngettext("%(n)s student is excused.", "%(n)s students are excused.", count)
        messages.success(request, words % {"n": count})
    return _back(shown, target)


@require_POST
@permits(Action.RECORD_MARK)
def target_expect(request: PersonRequest, group: UUID) -> HttpResponse:
    """Expect the target of excused students again."""
    shown, target = _find(request, group)
    form = EndForm(request.POST, students=_students(request, shown))
    if not form.is_valid():
        return _render(request, shown, target, HTTPStatus.UNPROCESSABLE_ENTITY, end_form=form)
    count = _decide(request, target, form, end_excuses)
    if count:
        words = ngettext("%(n)s student is no longer excused.", "%(n)s students are no longer excused.", count)
        messages.success(request, words % {"n": count})
    return _back(shown, target)


def _find(request: PersonRequest, group: UUID) -> tuple[Group, Target]:
    shown = get_permitted(request, Group.objects.select_related("school"), uuid=group)
    sent = request.POST if request.method == "POST" else request.GET
    target = find_in_use(shown.school_id, parse_uuid(sent.get("target", "")))
    if target is None:
        raise Http404
    return shown, target


def _students(request: PersonRequest, group: Group) -> Any:
    return visible(request, Student.objects).enrolled_in(group.pk, request.day).by_name()


def _decide(request: PersonRequest, target: Target, form: ExcuseForm, service: Service) -> int:
    """How many it was done for; what was refused is told."""
    students = list(form.cleaned_data.pop("students"))
    answers = service(students=students, target=target, judge=request.user, day=request.day, **form.cleaned_data)
    refused = [(one, answer) for one, answer in zip(students, answers, strict=True) if isinstance(answer, MarkRefused)]
    for student, answer in refused:
        messages.error(request, _("%(name)s: %(why)s") % {"name": student.name, "why": answer})
    return len(students) - len(refused)


def _back(group: Group, target: Target) -> HttpResponse:
    return redirect(f"{reverse('mastery:target-excuse', args=[group.uuid])}?{urlencode({'target': str(target.uuid)})}")


def _render(
    request: PersonRequest,
    group: Group,
    target: Target,
    status: HTTPStatus,
    form: ExcuseForm | None = None,
    end_form: EndForm | None = None,
) -> HttpResponse:
    students = list(_students(request, group).select_related("school").named_for(request.user))
    excused = read_excused(students, target)
    record_looks(request, [one.student.uuid for one in excused], page="mark")
    away = {one.student.pk for one in excused}
    context = {
        "group": group,
        "target": target,
        "excused": excused,
        "others": [student for student in students if student.pk not in away],
        "chosen": _chosen(request, form or end_form),
        "form": form or ExcuseForm(initial={"uuid": uuid7()}, students=Student.objects.none()),
        "end_form": end_form or EndForm(initial={"uuid": uuid7()}, students=Student.objects.none(), auto_id="end_%s"),
    }
    return render(request, "mastery/excuse.html", context, status=status)


def _chosen(request: PersonRequest, form: ExcuseForm | None) -> list[str]:
    """The identities of those who are ticked."""
    return request.POST.getlist("students") if form else request.GET.getlist("student")
