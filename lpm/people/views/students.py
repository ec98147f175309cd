"""Students by hand: who is here, who one of them is, and what is changed about them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.lib.grades import grade_label
from lpm.people.enums import Audience, CaseloadKind, CaseloadScope, OrganizationKind, Part
from lpm.people.forms.students import CaseloadForm, LastDayForm, NamesForm, SignInForm, StudentForm, StudentSearch
from lpm.people.models import Caseload, Organization, Student, StudentMerge
from lpm.people.policy import Action
from lpm.people.queries.students import (
    Likeness,
    filter_students,
    find_doubles,
    find_likely,
    grades_of,
    names_by_reader,
    read_caseloads,
    read_merges,
    read_seats,
    read_sides,
    read_stays,
    rights_over,
    staff_of,
)
from lpm.people.services.caseloads import NotStaff, OnCaseload, add_caseload, end_caseload
from lpm.people.services.merges import MergeRefused, merge_students, unmerge_students
from lpm.people.services.roles import WrongDates
from lpm.people.services.students import (
    HasSignIn,
    Names,
    OwnedByRoster,
    UsernameTaken,
    add_student,
    change_names,
    change_student,
    give_sign_in,
    owned_by_roster,
    propose_username,
    take_sign_in,
)
from lpm.people.views.door import PersonRequest, get_permitted, permits, record_looks, visible

PER_PAGE = 50
FOUND_AT_MOST = 20
PROFILE = (
    Action.VIEW_STUDENT,
    Action.MANAGE_STUDENT,
    Action.VIEW_CONTACTS,
    Action.VIEW_ACCESS,
    Action.EXPORT_PERSON,
    Action.ERASE_PERSON,
    Action.CHOOSE_PAGES,
    Action.WRITE_MESSAGE,
    Action.OVERSEE_MESSAGES,
)
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


# Many students


@require_GET
@permits(Action.VIEW_DIRECTORY)
def student_list(request: PersonRequest, organization: UUID) -> HttpResponse:
    """The students of an organization and everything under it, by name, fifty at a time."""
    place = get_permitted(request, Organization.objects, uuid=organization)
    here = Student.objects.filter(school__lineage__ancestor=place)
    search = StudentSearch(request.GET, grades=grades_of(here.unmerged()))
    rows = filter_students(visible(request, here), request.day, **search.found())
    page = Paginator(rows.select_related("school").by_name(), PER_PAGE).get_page(request.GET.get("page"))
    for student in page:
        student.grade_words = grade_label(student.grade)
    context = {
        "place": place,
        "search": search,
        "page": page,
        "is_school": place.kind == OrganizationKind.SCHOOL,
        "may_manage": _may(request, Action.MANAGE_STUDENT, place.pk),
        "query": _without_page(request),
    }
    return render(request, f"people/students.html{'#found' if _wants_part(request) else ''}", context)


def _wants_part(request: PersonRequest) -> bool:
    return bool(request.htmx) and not request.htmx.boosted


def _without_page(request: PersonRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def _may(request: PersonRequest, action: Action, organization_id: int) -> bool:
    rows = Organization.objects.visible_to(request.user, action, request.day)
    return rows.filter(pk=organization_id).exists()


@require_GET
@permits(Action.MANAGE_STUDENT)
def student_doubles(request: PersonRequest, organization: UUID) -> HttpResponse:
    """Records of an organization that may be of one child, two and two."""
    place = get_permitted(request, Organization.objects, uuid=organization)
    rows = visible(request, Student.objects.filter(school__lineage__ancestor=place))
    page = Paginator(find_doubles(rows), PER_PAGE).get_page(request.GET.get("page"))
    shown: dict[int, Any] = Student.objects.select_related("school").in_bulk({pk for pair in page for pk in pair})
    for student in shown.values():
        student.grade_words = grade_label(student.grade)
    context = {"place": place, "page": page, "pairs": [[shown[pk] for pk in pair] for pair in page]}
    return render(request, "people/student_doubles.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def student_add(request: PersonRequest, organization: UUID) -> HttpResponse:
    """Add a student to a school; first, those of the district who may be the same child."""
    schools = Organization.objects.filter(kind=OrganizationKind.SCHOOL)
    school = get_permitted(request, schools, uuid=organization)
    form = StudentForm(request.POST or None)
    likely: list[Likeness] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if "anyway" not in request.POST:
            likely = find_likely(school.parent_id, data["given_name"], data["family_name"], data["born_on"])
        if not likely:
            student = add_student(school=school, actor=request.user, day=request.day, **data)
            messages.success(request, _("The student is added. This is what comes next."))
            return redirect("people:student-arrival", student=student.uuid)
    context = {"school": school, "form": form, "likely": likely, "known": _known(request, likely)}
    return render(request, "people/student_add.html", context, status=UNPROCESSABLE if form.is_bound else HTTPStatus.OK)


def _known(request: PersonRequest, likely: list[Likeness]) -> set[int]:
    """Those of the likely ones whom the person may look at."""
    rows = Student.objects.visible_to(request.user, Action.VIEW_PROFILE, request.day)
    return set(rows.filter(pk__in=[one.student.pk for one in likely]).values_list("pk", flat=True))


# One student


@require_GET
@permits(Action.VIEW_PROFILE)
def student_show(request: PersonRequest, student: UUID) -> HttpResponse:
    """Who a student is. The address of a record that was merged leads to the one that speaks for it."""
    if kept := visible(request, Student.objects).filter(absorbed__uuid=student).first():
        return redirect("people:student-show", student=kept.uuid)
    shown = _find_student(request, student)
    is_self = shown.user_id == request.user.pk
    is_family = shown.audience == Audience.FAMILY
    rights = rights_over(request.user, shown, request.day, PROFILE)
    may_manage = Action.MANAGE_STUDENT in rights
    has_messages = Part.MESSAGES in shown.school.parts
    context = {
        "student": shown,
        "grade": grade_label(shown.grade),
        "is_self": is_self,
        "is_modest": is_self or is_family,
        "pronouns": shown.pronouns_for(shown.audience),
        "names": [] if is_self or is_family else names_by_reader(shown, Audience),
        "seats": read_seats(shown, request.day),
        "stays": read_stays(shown),
        "may_manage": may_manage,
        "may_list": _may(request, Action.VIEW_DIRECTORY, shown.school_id),
        "may_see_record": Action.VIEW_STUDENT in rights,
        "may_see_contacts": Action.VIEW_CONTACTS in rights,
        "may_see_access": Action.VIEW_ACCESS in rights,
        "may_export": Action.EXPORT_PERSON in rights,
        "may_erase": Action.ERASE_PERSON in rights,
        "may_choose_pages": Action.CHOOSE_PAGES in rights,
        "may_write": has_messages and Action.WRITE_MESSAGE in rights,
        "may_oversee": Action.OVERSEE_MESSAGES in rights,
        "caseloads": read_caseloads(shown) if may_manage else [],
        "merges": read_merges(shown) if may_manage else [],
        "day": request.day,
    }
    return render(request, "people/student.html", context)


def _find_student(request: PersonRequest, student: UUID) -> Any:
    """The student, and a note in the audit that somebody else looked."""
    rows = Student.objects.select_related("school__parent", "district", "user", "source")
    shown = get_permitted(request, rows, uuid=student)
    if shown.user_id != request.user.pk:
        record_looks(request, [shown.uuid], page="profile")
    return shown


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def student_change(request: PersonRequest, student: UUID) -> HttpResponse:
    shown = _find_student(request, student)
    fixed = owned_by_roster(shown)
    initial = {name: getattr(shown, name) for name in StudentForm.base_fields}
    form = StudentForm(request.POST or None, initial=initial, fixed=fixed)
    if request.method == "POST" and form.is_valid():
        change_student(student=shown, actor=request.user, day=request.day, **form.cleaned_data)
        return _done(request, shown)
    return _render_form(request, "people/student_change.html", form, student=shown, fixed=fixed)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def student_names(request: PersonRequest, student: UUID) -> HttpResponse:
    """What a student is called, by who reads; somebody else sees to one's own child."""
    shown = _find_student(request, student)
    if shown.audience == Audience.FAMILY:
        raise PermissionDenied
    initial = {name: getattr(shown, name) for name in NamesForm.base_fields}
    form = NamesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_names(student=shown, names=Names(**form.cleaned_data), actor=request.user, day=request.day)
        return _done(request, shown)
    return _render_form(request, "people/student_names.html", form, student=shown)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def sign_in_give(request: PersonRequest, student: UUID) -> HttpResponse:
    """Give a student an account."""
    shown = _find_student(request, student)
    form = SignInForm(request.POST or None, initial={"username": propose_username(shown)})
    if request.method == "POST" and form.is_valid():
        try:
            give_sign_in(student=shown, username=form.cleaned_data["username"], actor=request.user, day=request.day)
            return _done(request, shown)
        except UsernameTaken:
            form.add_error("username", _("Somebody of the district signs in by this name. Choose another."))
        except HasSignIn:
            messages.info(request, _("This student signs in already."))
            return redirect("people:student-show", student=shown.uuid)
    return _render_form(request, "people/student_sign_in.html", form, student=shown)


@require_POST
@permits(Action.MANAGE_STUDENT)
def sign_in_take(request: PersonRequest, student: UUID) -> HttpResponse:
    shown = _find_student(request, student)
    try:
        take_sign_in(student=shown, actor=request.user, day=request.day)
    except OwnedByRoster:
        messages.error(request, _("The roster brings this account. It ends where the roster is made."))
        return redirect("people:student-show", student=shown.uuid)
    return _done(request, shown)


def _render_form(request: PersonRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else HTTPStatus.OK
    return render(request, template, {"form": form, **context}, status=status)


def _done(request: PersonRequest, student: Student) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("people:student-show", student=student.uuid)


# Caseloads


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def caseload_add(request: PersonRequest, student: UUID) -> HttpResponse:
    shown = _find_student(request, student)
    staff = staff_of(shown.district_id).by_name()
    form = CaseloadForm(request.POST or None, staff=staff, initial={"starts_on": request.day})
    if request.method == "POST" and form.is_valid() and _caseload_added(request, shown, form):
        return _done(request, shown)
    return _render_form(request, "people/student_caseload.html", form, student=shown)


def _caseload_added(request: PersonRequest, student: Student, form: CaseloadForm) -> bool:
    data = form.cleaned_data
    try:
        add_caseload(
            student=student,
            manager=data["manager"],
            kind=CaseloadKind(data["kind"]),
            scope=CaseloadScope(data["scope"]),
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            actor=request.user,
            day=request.day,
        )
    except WrongDates:
        form.add_error("ends_on", _("The last day lies before the first."))
    except OnCaseload:
        form.add_error("manager", _("The student is on this caseload in these days already."))
    except NotStaff:
        form.add_error("manager", _("Choose somebody of the staff."))
    return not form.errors


@require_POST
@permits(Action.MANAGE_STUDENT)
def caseload_end(request: PersonRequest, caseload: UUID) -> HttpResponse:
    """The last day of a caseload row; a day that has passed closes it at once."""
    row = visible(request, Caseload.objects.select_related("student", "manager")).filter(uuid=caseload).first()
    if row is None:
        raise Http404
    form = LastDayForm(request.POST)
    try:
        if form.is_valid():
            last_day = form.cleaned_data["last_day"]
            end_caseload(caseload=row, last_day=last_day, actor=request.user, day=request.day)
            return _done(request, row.student)
    except WrongDates:
        form.add_error("last_day", _("The last day lies before the first."))
    messages.error(request, str(form.errors["last_day"][0]))
    return redirect("people:student-show", student=row.student.uuid)


# Two records of one child


@require_GET
@permits(Action.MANAGE_STUDENT)
def merge_choose(request: PersonRequest, student: UUID) -> HttpResponse:
    """The other record of a child: likely ones, and a search."""
    shown = _find_student(request, student)
    words = request.GET.get("q", "").strip()
    rows = visible(request, Student.objects).filter(district=shown.district_id).exclude(pk=shown.pk)
    likely = find_likely(shown.district_id, shown.given_name, shown.family_name, shown.born_on, leaving_out=shown.pk)
    near = rows.filter(pk__in=[one.student.pk for one in likely])
    asked = filter_students(rows, request.day, words) if words else rows.none()
    context = {
        "student": shown,
        "words": words,
        "likely": near.select_related("school").by_name(),
        "found": asked.select_related("school").by_name()[:FOUND_AT_MOST],
    }
    return render(request, "people/merge_choose.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def student_merge(request: PersonRequest, student: UUID, other: UUID) -> HttpResponse:
    """Both records side by side, and the press that makes ``other`` a part of ``student``."""
    kept, absorbed = (_find_student(request, uuid) for uuid in (student, other))
    if request.method == "POST":
        try:
            merge_students(kept=kept, absorbed=absorbed, actor=request.user, day=request.day)
        except MergeRefused as refused:
            messages.error(request, str(refused))
            return redirect("people:merge-choose", student=kept.uuid)
        messages.success(request, _("The two records are one now. You can take that back on this page."))
        return redirect("people:student-show", student=kept.uuid)
    sides = read_sides([kept, absorbed], request.day)
    return render(request, "people/merge.html", {"sides": sides, "kept": kept, "absorbed": absorbed})


@require_POST
@permits(Action.MANAGE_STUDENT)
def merge_undo(request: PersonRequest, merge: UUID) -> HttpResponse:
    """Two records again."""
    row = visible(request, StudentMerge.objects.select_related("student")).filter(uuid=merge).first()
    if row is None:
        raise Http404
    try:
        unmerge_students(merge=row, actor=request.user, day=request.day)
    except MergeRefused as refused:
        messages.error(request, str(refused))
        return redirect("people:student-show", student=row.student.uuid)
    return _done(request, row.student)
