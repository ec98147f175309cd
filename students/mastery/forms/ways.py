"""How levels are made and shown: methods, scales, and the other settings."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.db.models import Field
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.models import Scale
from curriculum.services.scales import numbers_of, values_of
from lpm.lib.forms import offer_rows
from lpm.lib.levels import level_text
from students.mastery.calculations import METHODS, ScaleRange, Value
from students.mastery.models import MasterySettings

HUNDRED = 100


class DayForm(forms.Form):
    """From when something is to hold."""

    valid_from = forms.DateField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("Today, or a day to come."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class MethodForm(forms.Form):
    """The numbers of one method. A share is typed in percent; a level is one of the scale, or the proficient one."""

    def __init__(self, data: Any = None, *, method: str, scale: ScaleRange) -> None:
        super().__init__(data, prefix=method)
        self.parameters = METHODS[method].parameters
        for name, parameter in self.parameters.items():
            self.fields[name] = _level_field(parameter, scale) if parameter.is_level else _number_field(parameter)

    def values(self) -> dict[str, Value]:
        """What was filled in."""
        typed = {name: self.cleaned_data[name] for name in self.parameters}
        return {name: self._value(name, value) for name, value in typed.items() if value not in (None, "")}

    def _value(self, name: str, value: Any) -> Value:
        parameter = self.parameters[name]
        if parameter.is_level:
            return Decimal(value)
        return int(value) if parameter.is_whole else Decimal(value) / HUNDRED


def _number_field(parameter: Any) -> forms.Field:
    times = 1 if parameter.is_whole else HUNDRED
    default = None if parameter.default is None else int(parameter.default * times)
    share = "" if parameter.is_whole else _("percent")
    return forms.IntegerField(
        label=parameter.label,
        min_value=int(parameter.low * times),
        max_value=int(parameter.high * times),
        initial=default,
        required=default is not None,
        help_text=share or ("" if default is not None else _("Empty: all of them.")),
    )


def _level_field(parameter: Any, scale: ScaleRange) -> forms.Field:
    levels = [(f"{level:.2f}", level_text(level)) for level in scale.levels()]
    choices = [("", _("the proficient level")), *levels]
    return forms.ChoiceField(label=parameter.label, choices=choices, required=False)


class OtherScaleForm(forms.Form):
    """To which scale a curriculum goes over."""

    scale = forms.ModelChoiceField(
        Scale.objects.none(), label=gettext_lazy("The new scale"), to_field_name="uuid", empty_label=None
    )

    def __init__(self, *args: Any, scales: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "scale", scales)


class LevelsForm(forms.Form):
    """What each level of the old scale becomes on the new one; ``proposed`` is filled in."""

    def __init__(
        self, *args: Any, before: Scale, after: Scale, proposed: dict[Decimal, Decimal], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.levels = values_of(numbers_of(before))
        choices = [(f"{level:.2f}", _named(after, level)) for level in values_of(numbers_of(after))]
        for level in self.levels:
            self.fields[f"level_{level:.2f}"] = forms.ChoiceField(
                label=_("%(level)s becomes") % {"level": _named(before, level)},
                choices=choices,
                initial=f"{proposed[level]:.2f}",
            )

    def values(self) -> dict[Decimal, Decimal]:
        return {level: Decimal(self.cleaned_data[f"level_{level:.2f}"]) for level in self.levels}


def _named(scale: Scale, level: Decimal) -> str:
    words = [named.said_name for named in scale.levels.all() if named.value == level]
    return " ".join([level_text(level), *words])


LABELS: dict[str, Promise] = {
    "accepts_automatically": gettext_lazy("Accept a suggestion when the two newest pieces of work agree"),
    "foundations_first": gettext_lazy("Count work on foundations before all else"),
    "student_minutes": gettext_lazy("Minutes until students see a level"),
    "family_hour": gettext_lazy("Hour of the next school morning when families see it"),
    "recency_days": gettext_lazy("Days after which a proficient target is worth another look"),
    "ready_limit": gettext_lazy("Requests to show something that a student may have open"),
    "shows_topic_levels": gettext_lazy("Show a level for a whole topic"),
}
MEANINGS: dict[str, Promise] = {
    "accepts_automatically": gettext_lazy(
        "The level then counts as confirmed, marked as automatic, until a teacher says otherwise. What was recorded "
        "before waits for a teacher, or for new work."
    ),
    "foundations_first": gettext_lazy(
        "A student who goes back to close a gap is not pulled down by it: such work counts as if it came first."
    ),
    "student_minutes": gettext_lazy(
        "A slip that is put right in this time leaves no trace for the student. 0: they see it at once."
    ),
    "family_hour": gettext_lazy("Families read a day’s levels the next school morning, not in the middle of a lesson."),
    "recency_days": gettext_lazy(
        "Students and teachers are told, and no level changes. Leave it empty where nobody should be told."
    ),
    "ready_limit": gettext_lazy(
        "So that every student’s turn comes. A request that is answered makes room for the next."
    ),
    "shows_topic_levels": gettext_lazy(
        "The middle one of the levels in a topic stands beside what is proficient and what is under way."
    ),
}
YES_NO = [("", gettext_lazy("as above")), ("true", gettext_lazy("yes")), ("false", gettext_lazy("no"))]


class OptionsForm(DayForm):
    """Every field of MasterySettings, from a day on; empty is as above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in LABELS.items():
            self.fields[name] = _option_field(name, label)

    def values(self) -> dict[str, Any]:
        """What the person changed: another field may be planned otherwise, by somebody who thought of it."""
        return {name: self.cleaned_data[name] for name in LABELS if name in self.changed_data}


def _option_field(name: str, label: Promise) -> forms.Field:
    """As the model has it: the limits are said there alone."""
    field = MasterySettings._meta.get_field(name)
    assert isinstance(field, Field)
    given: dict[str, Any] = {"label": label, "required": False, "help_text": MEANINGS[name]}
    if field.get_internal_type() == "BooleanField":
        return forms.TypedChoiceField(choices=YES_NO, coerce=lambda value: value == "true", empty_value=None, **given)
    return forms.IntegerField(
        min_value=max([0, *_limits(field.validators, MinValueValidator)]),
        max_value=min([9999, *_limits(field.validators, MaxValueValidator)]),
        **given,
    )


def _limits(validators: Iterable[Any], kind: type[BaseValidator]) -> list[Any]:
    return [validator.limit_value for validator in validators if isinstance(validator, kind)]
