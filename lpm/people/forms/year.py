"""The shape of what is asked at the turn of the year, of transfers, and of handing over."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.forms import offer_rows
from lpm.people.models import Organization, User
from lpm.people.queries.year import Move, Preview
from lpm.people.services.handover import caseload_kinds
from lpm.people.services.year import Way

UP, STAY, FINISH = "up", "stay", "finish"
NAME_LENGTH = 200


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Choose a day."), "invalid": gettext_lazy("Choose a day.")},
    )


class LookForm(forms.Form):
    """What the preview is made of: whom a search names, who stays, and whether the roster brings the grades.

    What is not understood is not asked for.
    """

    takes_rostered = forms.BooleanField(required=False)
    find = forms.CharField(required=False, max_length=NAME_LENGTH)

    def asked(self) -> dict[str, Any]:
        """``takes_rostered``, ``find`` and ``held``, the identities of those who were ticked."""
        given = self.cleaned_data if self.is_valid() else {}
        return {
            "takes_rostered": given.get("takes_rostered", False),
            "find": given.get("find", ""),
            "held": [UUID(value) for value in _all(self.data, "held") if _is_uuid(value)],
        }


def _all(data: Any, name: str) -> list[str]:
    found: list[str] = data.getlist(name) if hasattr(data, "getlist") else []
    return found


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class WaysForm(forms.Form):
    """Where the students go whose school has no next grade for them: a field for each such grade."""

    def __init__(self, data: Any, *, preview: Preview, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.open = [move for move in preview.moves if move.is_open]
        for move in self.open:
            self.fields[move.key] = _way_field(move)

    def rows(self) -> list[tuple[Move, forms.BoundField]]:
        return [(move, self[move.key]) for move in self.open]

    def ways(self) -> dict[tuple[int, str], Way]:
        return {(move.school.pk, move.grade): _way(move, self.cleaned_data[move.key]) for move in self.open}


def _way_field(move: Move) -> forms.ChoiceField:
    label = _("%(grade)s of %(school)s") % {"grade": move.grade_words, "school": move.school.name}
    return forms.ChoiceField(
        label=label,
        choices=_ways(move),
        initial=FINISH if move.next is None else "" if move.schools else UP,
        widget=forms.Select(attrs={"aria-label": label}),
        error_messages={"required": gettext_lazy("Say where they go.")},
    )


def _ways(move: Move) -> list[tuple[str, str]]:
    finish = (FINISH, _("Finish school here"))
    stay = (STAY, _("Leave them as they are"))
    if move.next is None:
        return [finish, stay]
    words = {"grade": move.next_words}
    others = [(str(school.uuid), _("%(grade)s at %(school)s") % {**words, "school": school}) for school in move.schools]
    choose = [("", _("Choose where they go"))] if move.schools else []
    return [*choose, (UP, _("%(grade)s at this school") % words), *others, stay, finish]


def _way(move: Move, value: str) -> Way:
    known = {str(school.uuid): school.pk for school in move.schools}
    return Way(finishes=value == FINISH, stays=value == STAY, school_id=known.get(value))


class PlaceForm(forms.Form):
    """A school, and the first day there. ``schools`` are those that may be chosen."""

    school = forms.ModelChoiceField(
        Organization.objects.none(),
        label=gettext_lazy("School"),
        to_field_name="uuid",
        empty_label=gettext_lazy("Choose a school"),
        error_messages={
            "required": gettext_lazy("Choose a school."),
            "invalid_choice": gettext_lazy("Choose a school."),
        },
    )
    starts_on = day_field(gettext_lazy("First day there"))

    def __init__(self, *args: Any, schools: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"starts_on": day}
        offer_rows(self, "school", schools)


class ReleaseForm(forms.Form):
    last_day = day_field(gettext_lazy("Last day"))


class TakeInForm(forms.Form):
    """Who it is, as whoever takes them in knows it."""

    given_name = forms.CharField(
        label=gettext_lazy("Given name"),
        max_length=NAME_LENGTH,
        error_messages={"required": gettext_lazy("Write the given name.")},
    )
    family_name = forms.CharField(
        label=gettext_lazy("Family name"),
        max_length=NAME_LENGTH,
        error_messages={"required": gettext_lazy("Write the family name.")},
    )
    born_on = day_field(gettext_lazy("Birth date"))
    starts_on = day_field(gettext_lazy("First day at this school"))


class HandoverForm(forms.Form):
    """The last day, and who takes what: a field for each group, and for each kind of caseload.

    ``givable`` are the groups, by primary key, that may be given to somebody else.
    """

    last_day = day_field(gettext_lazy("Last day"))
    overlaps = forms.BooleanField(
        label=gettext_lazy("Those who take over begin today, so that both can work together"), required=False
    )

    def __init__(self, *args: Any, hands: Any, people: list[User], givable: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hands = hands
        self.people = {str(person.uuid): person for person in people}
        self.givable = givable
        choices = [("", _("Nobody: those who are there go on")), *((key, p.name) for key, p in self.people.items())]
        for staffing in hands.staffing:
            if staffing.group_id in givable:
                label = _("Who takes %(group)s") % {"group": staffing.group.name}
                self.fields[f"group.{staffing.uuid}"] = _taker(label, choices)
        districts = {caseload.district_id for caseload in hands.caseloads}
        near = [(key, person.name) for key, person in self.people.items() if person.district_id in districts]
        for kind, _count in caseload_kinds(hands):
            self.fields[f"caseload.{kind}"] = _taker(str(kind.label), [("", _("Nobody yet")), *near])

    def groups(self) -> list[tuple[Any, forms.BoundField | None]]:
        """Each staffing, with the field to give it away where that is theirs to do."""
        rows = self.hands.staffing
        return [(row, self[f"group.{row.uuid}"] if row.group_id in self.givable else None) for row in rows]

    def caseloads(self) -> list[tuple[str, int, forms.BoundField]]:
        return [(str(kind.label), count, self[f"caseload.{kind}"]) for kind, count in caseload_kinds(self.hands)]

    def content(self) -> dict[str, Any]:
        """The arguments for ``hand_over_staff``."""
        takers = {name: self.people[key] for name, key in self.cleaned_data.items() if "." in name and key}
        return {
            "last_day": self.cleaned_data["last_day"],
            "overlaps": self.cleaned_data["overlaps"],
            "successors": {UUID(name[6:]): user for name, user in takers.items() if name.startswith("group.")},
            "caseload_successors": {name[9:]: user for name, user in takers.items() if name.startswith("caseload.")},
        }


def _taker(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, required=False, widget=forms.Select(attrs={"aria-label": label})
    )
