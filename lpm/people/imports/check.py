"""What is wrong with a roster, seen beside what is there: references, schools, sign-in names. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from lpm.people.enums import OrganizationKind
from lpm.people.imports.bundle import ENDING, Rows, leave_out_dependents, refuse_if_too_much_is_left_out
from lpm.people.imports.cells import Cells
from lpm.people.imports.columns import sheets
from lpm.people.imports.context import Context
from lpm.people.imports.oneroster import without_left_out
from lpm.people.imports.roster import Person
from lpm.people.models import Organization, User, district_id_of

Name = tuple[int | None, str]  # district, and the sign-in name in lower case


def checked(context: Context) -> Context:
    """The context with the rows that can be applied. Raises ImportRefused when too many cannot."""
    _check_references(context)
    _note_lone_roles(context)
    context = _settled(context)
    for check in (_check_classes, _check_students, _check_usernames):
        check(context)
        context = _settled(context)
    refuse_if_too_much_is_left_out(context.bundle, context.notes)
    context.notes.stop_if_refusing()
    return context


def _settled(context: Context) -> Context:
    leave_out_dependents(context.bundle)
    return replace(context, roster=without_left_out(context.roster, context.bundle))


# References


def _check_references(context: Context) -> None:
    for name, sheet in sheets(context.roster.version).items():
        rows = context.bundle.rows[name].active if name in context.bundle.rows else {}
        for column, target in sheet.references.items():
            there = context.bundle.rows.get(target)
            if target == "courses" and not (there and there.is_bulk):
                _note_courses(rows, column, there.active if there else {})
            else:
                _check_column(context, rows, column, target, is_loose=column in sheet.loose)


def _check_column(context: Context, rows: Mapping[str, Cells], column: str, target: str, *, is_loose: bool) -> None:
    there = context.bundle.rows.get(target)
    for cells in rows.values():
        for item in cells.items(column):
            if there and (item in there.active or (item in there.gone and target in ENDING)):
                continue
            may_be_known = there is None or not there.is_bulk or item in there.gone
            if not (may_be_known and context.known.has(target, item)):
                _refuse_reference(cells, column, target, is_loose=is_loose)


def _refuse_reference(cells: Cells, column: str, target: str, *, is_loose: bool) -> None:
    if is_loose:
        sentence = _("The row refers to a sourcedId that is not in {file}; it was taken without.")
        cells.warn("reference_loose", sentence.format(file=f"{target}.csv"), column)
    elif not cells.is_left_out:
        sentence = _("The row refers to a sourcedId that is not in {file}.").format(file=f"{target}.csv")
        cells.refuse("reference_unresolved", sentence, column)


def _note_courses(rows: Mapping[str, Cells], column: str, there: Mapping[str, Cells]) -> None:
    """Courses are not kept; that they were not sent does no harm."""
    if filled := [cells for cells in rows.values() if cells[column] and cells[column] not in there]:
        filled[0].warn("courses_absent", _("Courses are referred to, but were not sent."), column)


def _note_lone_roles(context: Context) -> None:
    """A role without the person says too little: the next complete roster brings it."""
    users = context.bundle.rows.get("users")
    for cells in context.bundle.accepted("roles").values():
        if users is None or cells["userSourcedId"] not in users.active:
            sentence = _("The person is not in users.csv; the role was passed over.")
            cells.warn("role_without_user", sentence, "userSourcedId")


# Schools


def _check_classes(context: Context) -> None:
    for key, row in context.roster.classes.items():
        if context.school(row.school) is None:
            context.leave_out("classes", key, "not_a_school", _("It must belong to a school."), "schoolSourcedId")


def _check_students(context: Context) -> None:
    classes = {seat.user_id: seat.class_id for seat in context.roster.seats.values()}
    column = "orgSourcedIds" if context.roster.version == "1.1" else "primaryOrgSourcedId"
    for key in student_ids(context):
        if (
            school_of(context, context.roster.people[key], classes.get(key)) is None
            and key not in context.known.students
        ):
            sentence = _("The student belongs to no school.")
            context.leave_out("users", key, "student_without_school", sentence, column)


def student_ids(context: Context) -> list[str]:
    """The users who are students: their role says so, and they do not just teach.

    Some exporters give everybody the role of a student: what somebody does in a class decides. Of whom no role was
    sent, those are students who were.
    """
    teaching = {seat.user_id for seat in context.roster.seats.values() if seat.teaches}
    learning = {seat.user_id for seat in context.roster.seats.values() if not seat.teaches}
    return [
        key
        for key, person in context.roster.people.items()
        if (key in context.known.students if person.roles is None else "student" in person.roles)
        and (key in learning or key not in teaching)
    ]


def school_of(context: Context, person: Person, class_id: str | None) -> Organization | None:
    """The first school they belong to; else the one where they are in a class."""
    schools = [school for org in person.orgs if (school := context.school(org))]
    if schools or class_id is None:
        return schools[0] if schools else None
    return context.school_of_class(class_id)


def home_of(context: Context, person: Person) -> Organization:
    """The school they belong to most; or the district."""
    place = context.places[person.orgs[0]] if person.orgs else context.organization
    return place.parent or place if place.kind == OrganizationKind.TEAM else place


# Sign-in names


def _check_usernames(context: Context) -> None:
    """Sign-in names are unique in a district, ignoring case. People of the roster may exchange theirs."""
    people = context.roster.people
    names = {key: (district_id_of(home_of(context, person)), person.username.lower()) for key, person in people.items()}
    held = {(row.district_id, row.username.lower()): key for key, row in context.known.users.items()}
    foreign = _foreign(context, names)
    wanted: dict[Name, str] = {}
    for key, name in sorted(names.items(), key=lambda pair: held.get(pair[1]) != pair[0]):
        if name in foreign or (name in held and held[name] not in names):
            _refuse_username(context, key, "username_taken", _("The user name is already that of somebody else."))
        elif wanted.setdefault(name, key) != key:
            sentence = _("The user name is already that of line {line}.").format(line=people[wanted[name]].line)
            _refuse_username(context, key, "username_twice", sentence)
    _keep_held_names(context, names, held)


def _foreign(context: Context, names: Mapping[str, Name]) -> set[Name]:
    """The names that people have who are not of this source."""
    districts = {district for district, _name in names.values()}
    others = (
        User.objects.exclude(source=context.source).filter(district__in=districts).annotate(lower=Lower("username"))
    )
    return set(others.values_list("district_id", "lower"))


def _keep_held_names(context: Context, names: dict[str, Name], held: Mapping[Name, str]) -> None:
    """Whoever is left out keeps their name, so that somebody else cannot have it either; and so on."""
    rows = context.bundle.rows.get("users") or Rows("", is_bulk=True)
    while True:
        free = {key: name for key, name in names.items() if not rows.active[key].is_left_out}
        lost = [key for key, name in free.items() if name in held and held[name] not in free]
        for key in lost:
            _refuse_username(context, key, "username_taken", _("The user name is already that of somebody else."))
        if not lost:
            return


def _refuse_username(context: Context, key: str, code: str, sentence: str) -> None:
    context.leave_out("users", key, code, sentence, "username")
