"""The shape of what is typed about groups; what it means is checked by the services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lpm.lib.forms import offer_rows
from lpm.people.calculations.class_list import Found, Line
from lpm.people.enums import GroupKind, StaffRole
from lpm.people.models import Group, Student, Term, User
from lpm.people.queries.groups import ClassList, ListRow

LONGEST_LIST = 200_000  # letters
NEW = "new"


def day_field(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


class SpanForm(forms.Form):
    """From one day to another; what is left empty is open."""

    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"))

    def span(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in ("starts_on", "ends_on")}


class GroupForm(SpanForm):
    name = forms.CharField(label=_("Name"), max_length=200, error_messages={"required": _("Give the group a name.")})
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, kind.label.capitalize()) for kind in GroupKind],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what kind of group it is.")},
    )
    terms = forms.ModelMultipleChoiceField(
        Term.objects.none(),
        label=_("Terms"),
        required=False,
        to_field_name="uuid",
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("kind", "name", "starts_on", "ends_on", "terms")

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "terms", terms)
        if not terms:
            del self.fields["terms"]

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            **self.span(),
            "name": data["name"],
            "kind": GroupKind(data["kind"]),
            "terms": list(data.get("terms") or []),
        }


class SearchForm(forms.Form):
    """Who is looked for, and which page of them. It is posted: names are kept out of addresses."""

    q = forms.CharField(
        label=_("Search by name"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    page = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def words(self) -> str:
        return str(self.cleaned_data.get("q") or "") if self.is_bound and self.is_valid() else ""

    def page_number(self) -> int:
        return int(self.cleaned_data.get("page") or 1) if self.is_bound and self.is_valid() else 1


class EnrollForm(SpanForm):
    students = forms.ModelMultipleChoiceField(
        Student.objects.none(),
        to_field_name="uuid",
        error_messages={"required": _("Choose somebody first.")},
    )

    def __init__(self, *args: Any, students: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "students", students)


class StaffForm(SpanForm):
    user = forms.ModelChoiceField(
        User.objects.none(), to_field_name="uuid", error_messages={"required": _("Choose somebody first.")}
    )
    role = forms.ChoiceField(
        label=_("As"),
        choices=[(role.value, role.label) for role in (StaffRole.CO_TEACHER, StaffRole.TEACHER)],
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "user", people)


class SubstituteForm(forms.Form):
    user = forms.ModelChoiceField(
        User.objects.none(), to_field_name="uuid", error_messages={"required": _("Choose somebody first.")}
    )
    first_day = day_field(_("First day"), required=True)
    last_day = day_field(_("Last day"), required=True, help_text=_("The grid closes to them after this day."))
    groups = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label=_("Groups"),
        to_field_name="uuid",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one group.")},
    )

    def __init__(self, *args: Any, people: Any, groups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "user", people)
        offer_rows(self, "groups", groups)


class ListForm(SpanForm):
    text = forms.CharField(
        label=_("Names, one on each line"),
        max_length=LONGEST_LIST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_(
            "As “Family, Given” or “Given Family”, or copied out of a spreadsheet with grades and birth dates."
        ),
        error_messages={"required": _("Paste the names first.")},
    )
    field_order = ("text", "starts_on", "ends_on")


def answered(listing: ClassList, data: Any) -> ClassList:
    """The list with what was chosen for its lines, in the fields ``line-<number>``; anything odd is left out."""
    return replace(
        listing,
        doubtful=[_answered(row, data) for row in listing.doubtful],
        unknown=[_answered(row, data) for row in listing.unknown],
    )


def _answered(row: ListRow, data: Any) -> ListRow:
    possible = {str(choice.student.uuid) for choice in row.choices} | ({NEW} if row.may_be_new else set())
    answer = str(data.get(f"line-{row.line.number}", ""))
    return replace(row, answer=answer) if answer in possible else row


def chosen(listing: ClassList) -> tuple[set[int], list[Line]]:
    """The students to put in, and the lines of those who are new. What is beyond doubt needs no choice."""
    asked = [*listing.doubtful, *listing.unknown]
    students = {row.student.pk for row in listing.having(Found.MATCHED) if row.student}
    picked = {choice.student.pk for row in asked for choice in row.choices if row.answer == str(choice.student.uuid)}
    return students | picked, [row.line for row in asked if row.answer == NEW]
