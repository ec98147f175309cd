"""A scale: its numbers, and a name and general words for each of its levels."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.models import Scale
from curriculum.services.scales import Named, Numbers, values_of
from lpm.lib.forms import offer_rows
from lpm.lib.levels import level_text
from lpm.people.models import Organization

NUMBERS = ("low", "high", "step", "proficient")
READY_MADE: Mapping[str, Any] = {
    "halves": gettext_lazy("0 to 4 by halves"),
    "four": gettext_lazy("1 to 4"),
    "words": gettext_lazy("Emerging, developing, proficient, advanced"),
}


class ScaleForm(forms.Form):
    """``initial`` has the numbers, and the levels as ``levels``: value → Named. The levels follow from the numbers
    as they were sent, so that a form with other numbers can be shown again with the lines that belong to them."""

    name = forms.CharField(label=gettext_lazy("Name of the scale"), max_length=200)
    low = forms.DecimalField(label=gettext_lazy("Lowest level"), max_digits=4, decimal_places=2, min_value=0)
    high = forms.DecimalField(label=gettext_lazy("Highest level"), max_digits=4, decimal_places=2)
    step = forms.DecimalField(label=gettext_lazy("In steps of"), max_digits=4, decimal_places=2)
    proficient = forms.DecimalField(label=gettext_lazy("Proficient from"), max_digits=4, decimal_places=2)

    def __init__(self, *args: Any, is_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_fixed = is_fixed
        for name in NUMBERS:
            self.fields[name].disabled = is_fixed
        self.values = values_of(numbers) if (numbers := self._numbers()) else []
        before: Mapping[Decimal, Named] = self.initial.get("levels", {})
        for value in self.values:
            named = before.get(value, Named(""))
            shown = {"level": level_text(value)}
            self.fields[f"name_{value:.2f}"] = forms.CharField(
                label=_("Name of %(level)s") % shown, max_length=100, required=False, initial=named.name
            )
            self.fields[f"words_{value:.2f}"] = forms.CharField(
                label=_("What %(level)s looks like in general") % shown,
                max_length=2000,
                required=False,
                initial=named.description,
            )

    def numbers(self) -> Numbers:
        return Numbers(*(self.cleaned_data[name] for name in NUMBERS))

    def levels(self) -> dict[Decimal, Named]:
        """Those with a name."""
        said = {value: (self._said("name", value), self._said("words", value)) for value in self.values}
        return {value: Named(name, words) for value, (name, words) in said.items() if name}

    def lines(self) -> list[tuple[Decimal, forms.BoundField, forms.BoundField]]:
        """The highest level first."""
        return [(value, self[f"name_{value:.2f}"], self[f"words_{value:.2f}"]) for value in reversed(self.values)]

    def picture(self) -> list[tuple[Decimal, str, str, bool]]:
        """Each level with its name and words as they stand in the form, and whether it is the proficient one."""
        numbers = self._numbers()
        return [
            (value, name.value() or "", words.value() or "", numbers is not None and value == numbers.proficient)
            for value, name, words in self.lines()
        ]

    def _numbers(self) -> Numbers | None:
        """As they were sent, or are shown; None while one of them is no number."""
        try:
            return Numbers(*(self.fields[name].clean(self[name].value()) for name in NUMBERS))
        except forms.ValidationError:
            return None

    def _said(self, kind: str, value: Decimal) -> str:
        said: str = self.cleaned_data.get(f"{kind}_{value:.2f}", "")
        return said


class NewScaleForm(ScaleForm):
    """``owners`` are the organizations that the scale may belong to."""

    owner = forms.ModelChoiceField(
        Organization.objects.none(), label=gettext_lazy("For"), to_field_name="uuid", empty_label=None
    )

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "owner", owners)


class ChooseScaleForm(forms.Form):
    scale = forms.ModelChoiceField(
        Scale.objects.none(), label=gettext_lazy("Scale"), to_field_name="uuid", empty_label=None
    )

    def __init__(self, *args: Any, scales: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "scale", scales)


def ready_made(key: str) -> dict[str, Any]:
    """What a new scale begins with: one of READY_MADE; 0 to 4 by halves for any other key."""
    low, step, names = Decimal(1), Decimal(1), _four()
    if key not in {"four", "words"}:
        key, low, step, names = "halves", Decimal(0), Decimal("0.5"), _five()
    elif key == "words":
        names = [_("emerging"), _("developing"), _("proficient"), _("advanced")]
    levels = {low + n: Named(name) for n, name in enumerate(names)}
    numbers = {"low": low, "high": Decimal(4), "step": step, "proficient": Decimal(3)}
    return {"name": str(READY_MADE[key]), **numbers, "levels": levels}


def _five() -> list[str]:
    return [_("looking for a way in"), *_four()]


def _four() -> list[str]:
    return [_("getting started"), _("developing"), _("proficient"), _("going further")]
