"""The shape of what a walk sends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.utils.translation import gettext_lazy as _

from students.mastery.forms.grid import read_moment
from students.mastery.services import Deed

BAD_LEVEL = _("A level is a number such as 2.5.")
BAD_DAY = _("Write the day as year-month-day, such as 2026-11-21.")
BAD_MOMENT = _("This could not be read.")
HALF = Decimal("0.5")
MOST_TURNS = 20  # more than anybody changes their mind in one form


@dataclass(frozen=True)
class Typed:
    """A level for a student on a target. ``uuids`` are the identities that it may have, one for each time that the
    same form sends another level than before."""

    uuids: Sequence[UUID]
    student: str
    target: str
    level: Decimal
    deed: Deed


def field_name(kind: str, *names: str) -> str:
    """The name of a field: ``level.<student>.<target>``, ``half.…`` or ``absent.<student>``."""
    return ".".join((kind, *names))


class WalkForm(forms.Form):
    """A whole list at once. ``walk`` is the identity of the form: sending it again records nothing twice."""

    walk = forms.UUIDField(widget=forms.HiddenInput)
    practice = forms.BooleanField(required=False)
    seen_at = forms.CharField(required=False)

    def __init__(self, data: Any, *, students: Sequence[str], targets: Sequence[str]) -> None:
        super().__init__(data)
        self.students = students
        self.targets = targets
        for student in students:
            self.fields[field_name("absent", student)] = forms.BooleanField(required=False)
            for target in targets:
                self.fields[field_name("level", student, target)] = _level_field()
                self.fields[field_name("half", student, target)] = forms.BooleanField(required=False)

    def clean_seen_at(self) -> datetime | None:
        """Up to when the sender knew the record, and the scale."""
        given = self.cleaned_data["seen_at"]
        moment = read_moment(given)
        if given and moment is None:
            raise forms.ValidationError(BAD_MOMENT)
        return moment

    def levels(self) -> list[Typed]:
        return list(self._levels())

    def _levels(self) -> Iterator[Typed]:
        data = self.cleaned_data
        deed = Deed.PRACTICE if data["practice"] else Deed.EVIDENCE
        for student in self.students:
            for target in self.targets:
                level = data[field_name("level", student, target)]
                if level is None:
                    continue
                if data[field_name("half", student, target)] and level % 1 == 0:
                    level += HALF
                uuids = [uuid5(data["walk"], f"{student} {target} {turn}") for turn in range(MOST_TURNS)]
                yield Typed(uuids, student, target, level, deed)

    def is_absent(self, student: str) -> bool:
        return bool(self.cleaned_data[field_name("absent", student)])


def _level_field() -> forms.DecimalField:
    errors = dict.fromkeys(("invalid", "max_digits", "max_whole_digits", "max_decimal_places"), BAD_LEVEL)
    return forms.DecimalField(required=False, max_digits=4, decimal_places=2, error_messages=errors)


class SheetForm(forms.Form):
    """The day of a walk sheet."""

    day = forms.DateField(required=False, error_messages={"invalid": BAD_DAY})

    def chosen_day(self, default: date) -> date:
        """As it was asked for; ``default`` where nothing was, or nothing that is a day."""
        return (self.cleaned_data.get("day") if self.is_valid() else None) or default


class AbsentForm(forms.Form):
    """That a student is absent on a day, or after all is not."""

    uuid = forms.UUIDField()
    person = forms.UUIDField(required=False)
    student = forms.UUIDField()
    performed_on = forms.DateField(required=False, error_messages={"invalid": BAD_DAY})
    is_absent = forms.BooleanField(required=False)
    made_offline = forms.BooleanField(required=False)
