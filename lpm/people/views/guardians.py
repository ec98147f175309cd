"""Contacts of a student, and homes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lpm.people.forms.guardians import (
    CodeLifeForm,
    GuardianshipForm,
    HouseholdForm,
    KnownGuardianForm,
    NewGuardianForm,
    StudentsForm,
)
from lpm.people.models import Guardianship, Household, Organization, Student
from lpm.people.policy import Action
from lpm.people.queries.guardians import (
    CANDIDATES,
    RELATIONSHIPS,
    family_names,
    find_candidates,
    find_siblings,
    homes_of,
    opened_students,
    read_contacts,
    read_opened,
    state_of,
    with_codes,
)
from lpm.people.services.guardians import (
    AlreadyGuardian,
    EndsBeforeItBegins,
    GuardianError,
    NotRestricted,
    OwnedByRoster,
    OwnGuardian,
    WrongHousehold,
    add_guardian,
    add_new_guardian,
    add_to_household,
    change_guardianship,
    change_household,
    let_guardian_write,
    make_household,
    remove_from_household,
    restrict_guardian,
)
from lpm.people.services.users import EmailTaken
from lpm.people.views.door import PersonRequest, get_permitted, parse_uuid, permits, record_looks, visible

PAGE = 50


def _sentence(error: GuardianError) -> str:
    return {
        AlreadyGuardian: _("This person is a guardian of the student already. You find them on the page of contacts."),
        OwnGuardian: _("Nobody is their own guardian."),
        OwnedByRoster: _("The roster keeps the dates of this contact. To close the record, restrict contact."),
        WrongHousehold: _("The student does not live in this home."),
        EndsBeforeItBegins: _("The last day lies before the first day of contact."),
        NotRestricted: _("This person is in contact, and may write to teachers anyway."),
    }[type(error)]


def _may_manage(request: PersonRequest, student: Student) -> bool:
    allowed = Student.objects.visible_to(request.user, Action.MANAGE_STUDENT, request.day)
    return allowed.filter(pk=student.pk).exists()


# Contacts


@require_GET
@permits(Action.VIEW_CONTACTS)
def contacts_show(request: PersonRequest, student: UUID) -> HttpResponse:
    """Who may be told something about a student, and who must not be. Homes are shown to the office alone."""
    shown: Student = get_permitted(request, Student.objects.select_related("school"), uuid=student)
    record_looks(request, [shown.uuid], page="contacts")
    may_manage = _may_manage(request, shown)
    context = {
        "student": shown,
        "contacts": read_contacts(shown, request.day),
        "homes": homes_of(shown, request.user, request.day) if may_manage else [],
        "may_manage": may_manage,
    }
    return render(request, "people/contacts.html", context)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def guardian_add(request: PersonRequest, student: UUID) -> HttpResponse:
    """Somebody who is in Cairn already, or somebody new."""
    shown: Student = get_permitted(request, Student.objects.select_related("district"), uuid=student)
    text = (request.POST.get("q") or request.GET.get("q") or "").strip()
    candidates = find_candidates(request.user, shown, text, request.day)
    is_known = "person" in request.POST
    known = KnownGuardianForm(
        request.POST if is_known else None, student=shown, candidates=candidates, auto_id="known_%s"
    )
    new = NewGuardianForm(request.POST if request.method == "POST" and not is_known else None, student=shown)
    form: Any = known if is_known else new
    if request.method == "POST" and form.is_valid() and _add(request, shown, form, is_known=is_known):
        return redirect("people:student-contacts", student=shown.uuid)
    context = {"student": shown, "new": new, "known": known, "q": text, "found": candidates[:CANDIDATES]}
    return render(request, "people/contacts_add.html", context, status=422 if request.method == "POST" else 200)


def _add(request: PersonRequest, student: Student, form: Any, *, is_known: bool) -> bool:
    data = dict(form.cleaned_data)
    common: dict[str, Any] = {"student": student, "actor": request.user, "day": request.day}
    try:
        if is_known:
            add_guardian(guardian=data.pop("person"), **data, **common)
        else:
            add_new_guardian(**data, **common)
    except EmailTaken:
        sentence = _("Somebody else of the district has this e-mail address. If it is them, look for them by name.")
        form.add_error("email", sentence)
        return False
    except GuardianError as error:
        form.add_error(None, _sentence(error))
        return False
    messages.success(request, _("Added to the contacts."))
    return True


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def guardianship_change(request: PersonRequest, guardianship: UUID) -> HttpResponse:
    rows = Guardianship.objects.select_related("guardian", "source").with_student_for(request.user)
    row: Guardianship = get_permitted(request, rows, uuid=guardianship)
    initial = {
        "relationship": row.relationship,
        "household": row.household.uuid if row.household else "",
        "ends_on": row.ends_on,
    }
    form = GuardianshipForm(
        request.POST or None,
        initial=initial,
        student=row.student,
        relationship=row.relationship,
        is_rostered=row.source_id is not None,
    )
    if request.method == "POST" and form.is_valid() and _change(request, row, form):
        return redirect("people:student-contacts", student=row.student.uuid)
    context = {"row": row, "student": row.student, "form": form, "state": state_of(row, request.day)}
    return render(request, "people/contacts_change.html", context, status=422 if request.method == "POST" else 200)


def _change(request: PersonRequest, row: Guardianship, form: GuardianshipForm) -> bool:
    try:
        change_guardianship(guardianship=row, actor=request.user, day=request.day, **form.cleaned_data)
    except GuardianError as error:
        form.add_error(None, _sentence(error))
        return False
    messages.success(request, _("Saved."))
    return True


@require_POST
@permits(Action.MANAGE_STUDENT)
def guardianship_restrict(request: PersonRequest, guardianship: UUID) -> HttpResponse:
    """Close the record to somebody, or lift that; either holds from their next click on."""
    row: Guardianship = get_permitted(request, Guardianship.objects.select_related("student"), uuid=guardianship)
    is_restricted = request.POST.get("restrict") != "no"
    restrict_guardian(guardianship=row, is_restricted=is_restricted, actor=request.user, day=request.day)
    said = _("The record is closed to this person now.") if is_restricted else _("Contact is open again.")
    messages.success(request, said)
    return redirect("people:student-contacts", student=row.student.uuid)


@require_POST
@permits(Action.MANAGE_STUDENT)
def guardianship_write(request: PersonRequest, guardianship: UUID) -> HttpResponse:
    """Whether somebody without contact may write to teachers, and read the answers, all the same."""
    row: Guardianship = get_permitted(request, Guardianship.objects.select_related("student"), uuid=guardianship)
    may_write = request.POST.get("write") == "yes"
    try:
        let_guardian_write(guardianship=row, may_write=may_write, actor=request.user, day=request.day)
    except GuardianError as error:
        messages.error(request, _sentence(error))
    else:
        said = _("This person may write to teachers now.") if may_write else _("This person may no longer write.")
        messages.success(request, said)
    return redirect("people:guardianship-change", guardianship=row.uuid)


# Homes


@require_POST
@permits(Action.MANAGE_STUDENT)
def household_add(request: PersonRequest, student: UUID) -> HttpResponse:
    shown: Student = get_permitted(request, Student.objects, uuid=student)
    household = make_household(students=[shown], actor=request.user, day=request.day)
    return redirect("people:household-show", household=household.uuid)


@require_GET
@permits(Action.MANAGE_STUDENT)
def household_show(request: PersonRequest, household: UUID) -> HttpResponse:
    """Everybody of a home, also children at schools that the reader does not look after: letters name them too."""
    home = find_home(request, household)
    form = HouseholdForm(initial={"label": home.label, "language": home.language})
    return home_page(request, home, form)


@require_POST
@permits(Action.MANAGE_STUDENT)
def household_change(request: PersonRequest, household: UUID) -> HttpResponse:
    home = find_home(request, household)
    form = HouseholdForm(request.POST)
    if not form.is_valid():
        return home_page(request, home, form, status=422)
    change_household(household=home, actor=request.user, day=request.day, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return to_home(home)


@require_POST
@permits(Action.MANAGE_STUDENT)
def household_join(request: PersonRequest, household: UUID) -> HttpResponse:
    """Another child lives there."""
    home = find_home(request, household)
    student: Student = get_permitted(
        request, Student.objects.filter(district=home.district_id), uuid=_posted_uuid(request)
    )
    add_to_household(household=home, student=student, actor=request.user, day=request.day)
    messages.success(request, _("Saved. Codes that were out for this home are void: make a new letter."))
    return to_home(home)


@require_POST
@permits(Action.MANAGE_STUDENT)
def household_leave(request: PersonRequest, household: UUID) -> HttpResponse:
    """A child no longer lives there; who their guardians are does not change."""
    home = find_home(request, household)
    student: Student = get_permitted(request, Student.objects.filter(households=home), uuid=_posted_uuid(request))
    remove_from_household(household=home, student=student, actor=request.user, day=request.day)
    messages.success(request, _("Saved. Codes that were out for this home are void."))
    return redirect("people:student-contacts", student=student.uuid)


@require_http_methods(["GET", "POST"])
@permits(Action.MANAGE_STUDENT)
def household_guess(request: PersonRequest, school: UUID) -> HttpResponse:
    """Students who share a guardian, to be made one home each: a person decides."""
    shown: Organization = get_permitted(request, Organization.objects, uuid=school)
    students = visible(request, Student.objects.filter(pk__in=opened_students(request.day).values("pk")))
    form = StudentsForm(request.POST or None, students=students)
    if request.method == "POST" and form.is_valid():
        make_household(students=list(form.cleaned_data["students"]), actor=request.user, day=request.day)
        messages.success(request, _("They are one home now."))
        return redirect("people:household-guess", school=shown.uuid)
    found = find_siblings(students.filter(school__lineage__ancestor=shown), request.day)
    context = {"school": shown, "page": Paginator(found, PAGE).get_page(request.GET.get("page"))}
    return render(request, "people/household_guess.html", context, status=422 if request.method == "POST" else 200)


def find_home(request: PersonRequest, household: UUID) -> Household:
    homes = with_codes(Household.objects.all(), request.day)
    home: Household = get_permitted(request, homes, uuid=household)
    return home


def _posted_uuid(request: PersonRequest) -> UUID:
    return parse_uuid(request.POST.get("student", ""))


def to_home(home: Household) -> HttpResponse:
    return redirect("people:household-show", household=home.uuid)


def home_page(request: PersonRequest, home: Household, form: HouseholdForm, status: int = 200) -> HttpResponse:
    children = list(home.students.named_for(request.user).select_related("school").by_name())
    theirs = set(visible(request, home.students.all()).values_list("pk", flat=True))
    text = request.GET.get("q", "").strip()
    adults = home.guardianships.select_related("guardian").with_student_for(request.user)
    adults = adults.order_by("guardian__sort_key", "pk")
    context = {
        "home": home,
        "form": form,
        "life": CodeLifeForm(),
        "children": [(child, child.pk in theirs) for child in children],
        "adults": [(row, RELATIONSHIPS.get(row.relationship, row.relationship)) for row in adults],
        "q": text,
        "found": _others(request, home, text),
        "opens": family_names(read_opened([home.pk], request.day).get(home.pk, [])),
    }
    return render(request, "people/household.html", context, status=status)


def _others(request: PersonRequest, home: Household, text: str) -> Any:
    """Children who could live there too, by name."""
    students = visible(request, Student.objects.filter(district=home.district_id)).exclude(households=home)
    for word in text.split():
        students = students.filter(sort_key__icontains=word)
    return students.select_related("school").by_name()[:CANDIDATES] if text else []
