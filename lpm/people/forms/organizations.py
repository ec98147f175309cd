from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Field
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.forms import offer_choices
from lpm.people.enums import OrganizationKind, TermKind
from lpm.people.models import Organization, PeopleSettings

NO_PLACES = ("Etc", "SystemV", "US", "posix", "right")  # other names of places, or none
MOST_LINES = 200
LONGEST_TITLE = 200

ZoneChoices = list[tuple[str, Any]]


def time_zone_choices(chosen: str = "") -> ZoneChoices:
    """Places by continent. ``chosen`` is always among them."""
    places = sorted(name for name in available_timezones() if "/" in name and name.split("/")[0] not in NO_PLACES)
    regions: ZoneChoices = [
        (region, [(name, name.partition("/")[2].replace("_", " ").replace("/", ", ")) for name in names])
        for region, names in groupby(places, lambda name: name.split("/")[0])
    ]
    return regions if chosen in places or not chosen else [(chosen, chosen), *regions]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def day_field(label: Any, **options: Any) -> forms.DateField:
    errors = {"required": gettext_lazy("Choose a day."), "invalid": gettext_lazy("This is no day.")}
    return forms.DateField(label=label, widget=DayInput, error_messages=errors, **options)


class OrganizationForm(forms.Form):
    """``kinds`` are those that can be chosen; none: the kind stays. ``shown`` is the one whose values begin."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Decides when a day begins. What is below goes along where it has the same one."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("For people who have not chosen one of their own."),
        choices=settings.LANGUAGES,
    )

    def __init__(self, *args: Any, shown: Organization, kinds: Sequence[OrganizationKind] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(time_zone=shown.time_zone, language=shown.language)
        offer_choices(self, "time_zone", time_zone_choices(shown.time_zone))
        if kinds:
            offer_choices(self, "kind", [(kind.value, kind.label) for kind in kinds])
            self.fields["time_zone"].help_text = ""
        else:
            del self.fields["kind"]
            self.initial["name"] = shown.name


class SpanForm(forms.Form):
    """A title, with a first and a last day."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=LONGEST_TITLE)
    starts_on = day_field(gettext_lazy("First day"))
    ends_on = day_field(gettext_lazy("Last day"))


class TermForm(SpanForm):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=TermKind.choices)

    field_order = ("kind", "title", "starts_on", "ends_on")


@dataclass(frozen=True)
class Line:
    """What a line of a pasted list says, in the terms of a span; or what is wrong with it."""

    title: str = ""
    starts_on: date = date.min
    ends_on: date = date.min
    problem: str = ""


DAY = r"(\d{4}-\d{1,2}-\d{1,2})"
LINE = re.compile(rf"{DAY}(?:\s*(?:–|—|-|/|\bto\b|\t)\s*{DAY})?[\s:,;]+(.+)", re.IGNORECASE)


def read_closures(text: str) -> Iterator[tuple[int, Line]]:
    """Each line that is not empty, by its number from 1.

    A line is a day or "first – last", in ISO order with any dash between, "/" or "to", and then the title.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, _read_line(line.strip())


def _read_line(line: str) -> Line:
    found = LINE.fullmatch(line)
    if found is None:
        return Line(
            problem=_("write the first day, the last day and a title, such as 2026-12-21 – 2027-01-01 Winter break")
        )
    try:
        first = _iso(found[1])
        last = _iso(found[2]) if found[2] else first
    except ValueError:
        return Line(problem=_("there is no such day"))
    if last < first:
        return Line(problem=_("the last day lies before the first"))
    if len(found[3]) > LONGEST_TITLE:
        return Line(problem=_("the title is too long"))
    return Line(found[3], first, last)


def _iso(text: str) -> date:
    """2026-9-7 is what people type. Raises ValueError."""
    year, month, day = map(int, text.split("-"))
    return date(year, month, day)


class ClosureForm(forms.Form):
    """Days without school: one by its fields, or several, a line each."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=LONGEST_TITLE, required=False)
    starts_on = day_field(gettext_lazy("First day"), required=False)
    ends_on = day_field(
        gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Leave it empty for a single day.")
    )
    lines = forms.CharField(
        label=gettext_lazy("Or several at once, a line each"),
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 6, "placeholder": "2026-12-21 – 2027-01-01 Winter break\n2027-02-15 Presidents’ Day"}
        ),
        help_text=gettext_lazy("The first day, the last day if there are more, and what it is called."),
    )

    def clean_lines(self) -> list[Line]:
        read = list(read_closures(self.cleaned_data["lines"]))
        problems = [
            _("Line %(number)s: %(problem)s.") % {"number": number, "problem": line.problem}
            for number, line in read
            if line.problem
        ]
        if len(read) > MOST_LINES:
            problems = [_("At most %(most)s lines at once.") % {"most": MOST_LINES}]
        if problems:
            raise forms.ValidationError(problems)
        return [line for _number, line in read]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors or (data.get("lines") and not (data["title"] or data["starts_on"])):
            return data
        if not (data["title"] or data["starts_on"]):
            raise forms.ValidationError(_("Write what it is called and its first day, or several lines below."))
        for name, sentence in (("title", _("Say what it is called.")), ("starts_on", _("Choose a day."))):
            if not data[name]:
                self.add_error(name, sentence)
        return data

    def found(self) -> list[Line]:
        """Of a valid form, what is to be added."""
        data = self.cleaned_data
        one = [Line(data["title"], data["starts_on"], data["ends_on"] or data["starts_on"])] if data["title"] else []
        return [*one, *data["lines"]]


YES_NO = [("", gettext_lazy("as above")), ("true", gettext_lazy("yes")), ("false", gettext_lazy("no"))]
LABELS = {
    "opens_before": gettext_lazy("Days before a group begins that its teachers see its students"),
    "closes_after": gettext_lazy("Days after a group ends that its teachers still see them"),
    "age_of_rights": gettext_lazy("Age at which rights pass from guardians to the student"),
    "weekdays": gettext_lazy("Days of the week with school"),
    "leaders_need_second_factor": gettext_lazy("Leaders and administrators need a second step to sign in"),
    "badges_allowed": gettext_lazy("Young students may sign in with a badge"),
    "shared_hours": gettext_lazy("Hours that a session lasts on a shared computer"),
    "own_days": gettext_lazy("Days that a session lasts on one’s own device"),
    "family_days": gettext_lazy("Days that a session of a guardian lasts on their own device"),
    "retention_years": gettext_lazy("Years that records are kept after a student has left"),
}


class SettingsForm(forms.Form):
    """Every field of PeopleSettings, from a day on; empty is as above."""

    valid_from = day_field(gettext_lazy("From"), help_text=gettext_lazy("Today, or a day to come."))
    weekdays = forms.TypedMultipleChoiceField(
        label=LABELS["weekdays"],
        choices=list(WEEKDAYS.items()),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: as above."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in LABELS.items():
            if name not in self.fields:
                self.fields[name] = _setting_field(name, label)
        self.order_fields(["valid_from", *LABELS])

    def values(self) -> dict[str, Any]:
        """What the person changed: another field may be planned otherwise, by somebody who thought of it."""
        return {name: self.cleaned_data[name] for name in LABELS if name in self.changed_data}


def _setting_field(name: str, label: Any) -> forms.Field:
    """As the model has it: the limits are said there alone."""
    field = PeopleSettings._meta.get_field(name)
    assert isinstance(field, Field)
    if field.get_internal_type() == "BooleanField":
        return forms.TypedChoiceField(
            label=label,
            choices=YES_NO,
            coerce=lambda value: value == "true",
            empty_value=None,
            required=False,
        )
    limits = {v.code: v.limit_value for v in field.validators if isinstance(v, MinValueValidator | MaxValueValidator)}
    low, high = max(0, limits.get("min_value", 0)), min(limits.get("max_value", 999), 999)
    return forms.IntegerField(label=label, required=False, min_value=low, max_value=high)
