"""Records themselves: who sees them, who has seen them, taking them out, erasing them; operators and the audit."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.lib.charts import strip
from lpm.people.enums import OrganizationKind
from lpm.people.exports.person import export_person
from lpm.people.forms.privacy import AuditForm, ErasureForm, GuardiansForm, SessionForm
from lpm.people.models import OperatorSession, Organization, Student, User
from lpm.people.policy import Action
from lpm.people.queries.audit import entries_of, kinds_of, read_deeds
from lpm.people.queries.person import Person, find_person
from lpm.people.queries.privacy import (
    Reader,
    count_without_birth_date,
    find_circles,
    find_expired,
    find_open_session,
    find_reader,
    of_age,
    read_choices,
    read_days,
    read_looks,
    read_sessions,
)
from lpm.people.services.erasure import NotAlone, StillHeld, erase_person, preview_erasure
from lpm.people.services.operators import AlreadyOpen, end_session, open_session
from lpm.people.services.privacy import allow_guardians, note_export
from lpm.people.services.roles import LastAdministrator
from lpm.people.views.door import PersonRequest, get_permitted, permits, visible

MOST_SESSIONS = 50


# --- who can see a record, and who has


@require_GET
@permits(Action.VIEW_ACCESS)
def student_access(request: PersonRequest, student: UUID) -> HttpResponse:
    """Who can see this, and who has seen it; to families by role, to the privacy officer by name."""
    shown: Student = get_permitted(request, Student.objects.select_related("school", "district"), uuid=student)
    reader = find_reader(request.user, shown, request.day)
    looks, page = read_looks(shown, reader, request.GET.get("page", 1))
    context = {
        "student": shown,
        "is_self": shown.user_id == request.user.pk,
        "is_full": reader == Reader.FULL,
        "circles": find_circles(shown, reader, request.user, request.day),
        "looks": looks,
        "page": page,
        "strips": _strips(request, shown, reader) if looks else [],
        "form": _guardians_form(request, shown),
    }
    return render(request, "people/access.html", context)


def _strips(request: PersonRequest, student: Student, reader: Reader) -> list[tuple[str, Any]]:
    """The same drawing for narrow, middle and wide pages: (class, svg)."""
    days = read_days(student, reader, request.day)
    said = ", ".join(
        ngettext("%(who)s on %(n)s day", "%(who)s on %(n)s days", len(found)) % {"who": who, "n": len(found)}
        for who, found in days.items()
    )
    title = _("Who looked at the record in the last weeks: %(said)s.") % {"said": said or _("nobody")}
    sizes = (("only-narrow", 2), ("only-mid", 4), ("only-wide", 8))
    return [(name, strip(days, request.day, weeks, title)) for name, weeks in sizes] if days else []


def _guardians_form(request: PersonRequest, student: Student, data: Any = None) -> GuardiansForm | None:
    """For the student alone, and only once of age."""
    own = Student.objects.visible_to(request.user, Action.ALLOW_GUARDIANS, request.day).filter(pk=student.pk)
    if not of_age(own, request.day).exists():
        return None
    return GuardiansForm(data, choices=read_choices(student, request.day))


@require_POST
@permits(Action.ALLOW_GUARDIANS)
def student_allow(request: PersonRequest, student: UUID) -> HttpResponse:
    """A student of age says which guardians go on seeing the record."""
    shown: Student = get_permitted(request, Student.objects, uuid=student)
    form = _guardians_form(request, shown, request.POST)
    if form is None:
        raise PermissionDenied
    if form.is_valid():
        allowed = [UUID(text) for text in form.cleaned_data["allowed"]]
        allow_guardians(student=shown, actor=request.user, allowed=allowed, day=request.day)
        messages.success(request, _("That counts from now on. You can change it at any time."))
    else:
        messages.error(request, _("The list has changed meanwhile. Look at it again."))
    return redirect("people:student-access", student=shown.uuid)


# --- everything about a person: out, or away


@require_GET
@permits(Action.EXPORT_PERSON)
def person_export(request: PersonRequest, person: UUID) -> HttpResponseBase:
    """Everything about one person, as JSON; the file is named after nobody."""
    shown = _find_person(request, person)
    note_export(person=shown, actor=request.user, day=request.day)
    response = StreamingHttpResponse(
        export_person(person=shown, made_at=timezone.now()), content_type="application/json; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="person-{shown.uuid}.json"'
    return response


@require_http_methods(["GET", "POST"])
@permits(Action.ERASE_PERSON)
def person_erase(request: PersonRequest, person: UUID) -> HttpResponse:
    """What would go, and what would stay; then, with a reason and a word, it goes."""
    shown = _find_person(request, person)
    preview = preview_erasure(person=shown)
    form = ErasureForm(request.POST or None, alone=preview.alone)
    if request.method == "POST" and form.is_valid() and _erase(request, shown, form):
        return redirect("home:home")
    context = {
        "person": shown,
        "is_student": isinstance(shown, Student),
        "preview": preview,
        "rows": [(_model_title(label), count) for label, count in preview.counts.items()],
        "form": form,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "people/erase.html", context, status=status)


def _erase(request: PersonRequest, person: Person, form: ErasureForm) -> bool:
    along = [UUID(text) for text in form.cleaned_data.get("along", [])]
    reason = form.cleaned_data["reason"]
    try:
        erase_person(person=person, actor=request.user, reason=reason, day=request.day, along=along)
    except NotAlone:
        form.add_error("along", _("One of these guardians has another child here by now. Look at the list again."))
    except LastAdministrator:
        form.add_error(None, _("Nobody would be left to administer the district. Give somebody else that role first."))
    except StillHeld:
        form.add_error(None, _("Something still holds on to this person, and nothing was erased. Tell the operator."))
    else:
        messages.success(request, _("The person is erased. That it was done is noted, and not who it was."))
        return True
    return False


def _find_person(request: PersonRequest, uuid: UUID) -> Person:
    rows = Student.objects.select_related("district", "user")
    person = find_person(uuid, visible(request, rows), visible(request, User.objects))
    if person is None:
        raise Http404
    return person


def _model_title(label: str) -> str:
    return str(
        {
            "people.Student": _("Records of the student"),
            "people.User": _("Accounts"),
            "people.Enrollment": _("Places in groups"),
            "people.Guardianship": _("Ties to guardians"),
            "people.Caseload": _("Places on caseloads"),
            "people.SchoolStay": _("Stays at schools"),
            "people.StudentMerge": _("Merges of records"),
            "people.Household": _("Homes"),
            "people.Badge": _("Badges"),
            "people.Staffing": _("Groups led"),
            "people.RoleGrant": _("Roles"),
            "mastery.Assessment": _("Marks"),
            "mastery.Judgement": _("Levels judged"),
            "mastery.MasteryState": _("Levels"),
            "mastery.TopicMastery": _("Counts by topic"),
            "mastery.AreaMastery": _("Counts by area"),
            "audit.RecordView": _("Notes of who looked"),
        }.get(label, label)
    )


# --- operators


@require_http_methods(["GET", "POST"])
@permits(None)
def operator_session(request: PersonRequest) -> HttpResponse:
    """Where an operator opens a session, sees that it is open, and what was before."""
    if not request.user.is_operator:
        raise Http404
    form = SessionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _open(request, form):
        return redirect("people:operator-session")
    context = {
        "form": form,
        "open": find_open_session(request.user),
        "sessions": OperatorSession.objects.filter(operator=request.user)
        .select_related("organization")
        .order_by("-starts_at", "-pk")[:MOST_SESSIONS],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "people/operator.html", context, status=status)


def _open(request: PersonRequest, form: SessionForm) -> bool:
    try:
        open_session(operator=request.user, **form.cleaned_data)
    except AlreadyOpen:
        form.add_error(None, _("A session is open already. End it first."))
        return False
    return True


@require_POST
@permits(None)
def operator_end(request: PersonRequest, session: UUID) -> HttpResponse:
    if not request.user.is_operator:
        raise Http404
    shown = get_object_or_404(OperatorSession, uuid=session, operator=request.user)
    end_session(session=shown, operator=request.user)
    messages.success(request, _("The session has ended."))
    return redirect("people:operator-session")


# --- the audit


@require_GET
@permits(Action.VIEW_AUDIT)
def audit_list(request: PersonRequest, district: UUID) -> HttpResponse:
    """Who did what in a district, and which operators looked at it."""
    districts = Organization.objects.filter(kind=OrganizationKind.DISTRICT)
    shown: Organization = get_permitted(request, districts, uuid=district)
    form = AuditForm(request.GET, kinds=kinds_of(shown))
    wanted = form.cleaned_data if form.is_valid() else {}
    deeds, page = read_deeds(entries_of(shown, shown.time_zone, wanted), request.GET.get("page", 1))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "district": shown,
        "form": form,
        "deeds": deeds,
        "page": page,
        "query": query.urlencode(),
        "sessions": read_sessions(shown)[:MOST_SESSIONS],
        **_duties(request, shown),
    }
    return render(request, "people/audit.html", context)


def _duties(request: PersonRequest, district: Organization) -> dict[str, int]:
    """What the privacy officer has to look after, as counts."""
    mine = Student.objects.visible_to(request.user, Action.ERASE_PERSON, request.day).filter(district=district)
    if not mine.exists():
        return {}
    places = Organization.objects.under(district).filter(kind=OrganizationKind.SCHOOL)
    return {
        "expired_count": len(find_expired(list(places), request.day)),
        "undated_count": count_without_birth_date(mine),
    }
