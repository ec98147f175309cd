"""Messages: my own, those that somebody who looks after the school reads along, and putting them into other words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from lpm.lib.ids import uuid7
from lpm.lib.text import sort_key
from lpm.people.enums import OrganizationKind
from lpm.people.models import Organization, Student
from lpm.people.policy import Action
from lpm.people.views import PersonRequest, get_permitted, permits, record_looks, visible
from students.threads.forms import MessageForm, TranslationForm
from students.threads.models import Thread
from students.threads.queries import (
    Other,
    at_school,
    find_message,
    find_others,
    has_messages,
    name_at_home,
    other_name,
    other_role,
    read_conversation,
    read_overseen,
    read_threads,
    students_written_about,
    subject_of,
    threads_about,
    threads_of,
    threads_to_oversee,
)
from students.threads.querysets import FAMILY
from students.threads.services import (
    MessageRefused,
    begin_thread,
    note_read,
    send_message,
    translate_message,
)


@require_GET
@permits(Action.WRITE_MESSAGE)
def thread_list(request: PersonRequest) -> HttpResponse:
    """My threads, the newest first; for students and families, whose teachers they may write to."""
    rows, page = read_threads(threads_of(request.user, request.day), request.user, request.GET.get("page", 1))
    context = {"rows": rows, "page": page, "about": _written_about(request)}
    return render(request, "threads/list.html", context)


def _written_about(request: PersonRequest) -> list[Student]:
    """The person themselves, or their children: for these a page says to whom they may write."""
    own = Student.objects.filter(user=request.user)
    through = Student.objects.visible_to(request.user, request.action, request.day, through=FAMILY)
    about: Any = students_written_about(visible(request, own | Student.objects.filter(pk__in=through.values("pk"))))
    return sorted(about, key=lambda student: (sort_key(student.first_name), student.pk))


@require_GET
@permits(Action.WRITE_MESSAGE)
def thread_choose(request: PersonRequest, student: UUID) -> HttpResponse:
    """To whom one may write about a student."""
    shown = _find_student(request, student)
    others = find_others(shown, request.user, request.day)
    context = {"student": shown, "is_self": shown.user_id == request.user.pk, "others": others}
    return render(request, "threads/choose.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_MESSAGE)
def thread_begin(request: PersonRequest, student: UUID, person: UUID) -> HttpResponse:
    """The first message to somebody about a student."""
    shown = _find_student(request, student)
    other = _find_other(request, shown, person)
    if other.thread is not None and request.method == "GET":
        return redirect("threads:thread-show", thread=other.thread.uuid)
    form = _message_form(request)
    if form.is_valid():
        about: dict[str, Any] = {"student": shown, "person": other.person, "author": request.user, "day": request.day}
        try:
            thread = begin_thread(**about, **form.cleaned_data)
        except MessageRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Sent."))
            return redirect("threads:thread-show", thread=thread.uuid)
    context = {
        "student": shown,
        "other": other,
        "form": form,
        "is_self": shown.user_id == request.user.pk,
        "home_name": name_at_home(shown) if other.guardian else "",
    }
    return render(request, "threads/begin.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
@permits(Action.WRITE_MESSAGE)
def thread_show(request: PersonRequest, thread: UUID) -> HttpResponse:
    """What was written, and a form to answer."""
    shown: Thread = get_permitted(request, threads_of(request.user, request.day), uuid=thread)
    form = _message_form(request)
    if form.is_valid():
        try:
            send_message(thread=shown, author=request.user, day=request.day, **form.cleaned_data)
        except MessageRefused as error:
            form.add_error(None, str(error))
        else:
            return _sent(request, shown)
    elif request.method == "GET":
        note_read(thread=shown, reader=request.user)
    return _show(request, shown, form)


def _sent(request: PersonRequest, thread: Thread) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{reverse('threads:thread-show', args=[thread.uuid])}#newest")
    response = _show(request, thread, MessageForm(initial=_beginning()))
    return trigger_client_event(response, "announce", {"value": _("Sent.")})


def _show(request: PersonRequest, thread: Thread, form: MessageForm) -> HttpResponse:
    context = {
        "thread": thread,
        "name": other_name(thread, request.user),
        "role": other_role(thread, request.user),
        "home_name": name_at_home(subject_of(thread)) if thread.guardian else "",
        "conversation": read_conversation(thread, request.user, request.day, request.GET.get("page", 1)),
        "may_translate": thread.staff_id == request.user.pk,
        "form": form,
    }
    template = f"threads/thread.html{'#conversation' if request.htmx else ''}"
    return render(request, template, context, status=_status(form))


def _find_student(request: PersonRequest, student: UUID) -> Student:
    rows = students_written_about(Student.objects.select_related("user", "school"))
    shown: Student = get_permitted(request, rows, uuid=student)
    return shown


def _find_other(request: PersonRequest, student: Student, person: UUID) -> Other:
    others = find_others(student, request.user, request.day)
    found = next((one for one in others if one.person.uuid == person), None)
    if found is None:
        raise Http404
    return found


def _message_form(request: PersonRequest) -> MessageForm:
    return MessageForm(request.POST) if request.method == "POST" else MessageForm(initial=_beginning())


def _beginning() -> dict[str, Any]:
    return {"uuid": uuid7(), "language": (get_language() or "en").partition("-")[0]}


def _status(form: MessageForm | TranslationForm) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound and form.errors else HTTPStatus.OK


# Other words


@require_http_methods(["GET", "POST"])
@permits(Action.TRANSLATE_WORDS)
def message_translate(request: PersonRequest, message: UUID) -> HttpResponse:
    """A message put into another language by one of the staff who reads it."""
    threads = visible(request, Thread.objects.translatable_by(request.user, request.day).turned_on())
    shown = find_message(threads, message)
    if shown is None:
        raise Http404
    form = TranslationForm(request.POST if request.method == "POST" else None, written_in=shown.language)
    back = _back_to(request, shown.thread)
    if form.is_valid():
        try:
            translate_message(message=shown, translator=request.user, day=request.day, **form.cleaned_data)
        except MessageRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It stands below the message now, with your name."))
            return redirect(back)
    elif request.method == "GET":
        record_looks(request, [subject_of(shown.thread).uuid], page="messages")
    context = {"message": shown, "form": form, "back": back}
    return render(request, "threads/translate.html", context, status=_status(form))


def _back_to(request: PersonRequest, thread: Thread) -> str:
    name = "thread-show" if thread.staff_id == request.user.pk else "overseen-show"
    return reverse(f"threads:{name}", args=[thread.uuid])


# Oversight


@require_GET
@permits(Action.OVERSEE_MESSAGES)
def overseen_of_student(request: PersonRequest, student: UUID) -> HttpResponse:
    """Every thread about a student, for who looks after the school."""
    shown: Student = get_permitted(request, Student.objects.select_related("school"), uuid=student)
    threads = visible(request, threads_about(threads_to_oversee(request.user), shown))
    return _overseen(request, threads, {"student": shown, "is_off": not has_messages(shown.school)})


@require_GET
@permits(Action.OVERSEE_MESSAGES)
def overseen_at_school(request: PersonRequest, school: UUID) -> HttpResponse:
    """Every thread about the students of a school."""
    shown: Organization = get_permitted(request, Organization.objects, uuid=school)
    threads = visible(request, at_school(threads_to_oversee(request.user), shown))
    is_off = shown.kind == OrganizationKind.SCHOOL and not has_messages(shown)
    return _overseen(request, threads, {"school": shown, "is_off": is_off})


def _overseen(request: PersonRequest, threads: Any, context: dict[str, Any]) -> HttpResponse:
    rows, page = read_overseen(threads, request.GET.get("page", 1))
    record_looks(request, {subject_of(row.thread).uuid for row in rows}, page="messages")
    return render(request, "threads/overseen.html", {**context, "rows": rows, "page": page})


@require_GET
@permits(Action.OVERSEE_MESSAGES)
def overseen_show(request: PersonRequest, thread: UUID) -> HttpResponse:
    """A thread, to read along; whoever does so is in the audit."""
    shown: Thread = get_permitted(request, threads_to_oversee(request.user), uuid=thread)
    record_looks(request, [subject_of(shown).uuid], page="messages")
    is_off = not has_messages(subject_of(shown).school)
    translatable = Thread.objects.translatable_by(request.user, request.day).filter(pk=shown.pk)
    context = {
        "thread": shown,
        "student": subject_of(shown),
        "family": shown.guardian.name if shown.guardian else subject_of(shown).name,
        "conversation": read_conversation(shown, request.user, request.day, request.GET.get("page", 1)),
        "is_off": is_off,
        "may_translate": not is_off and translatable.exists(),
    }
    return render(request, "threads/overseen_thread.html", context)
