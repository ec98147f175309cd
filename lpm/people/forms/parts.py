from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.forms import offer_choices
from lpm.people.enums import Part
from lpm.people.forms.organizations import day_field

ABOVE, HERE = "above", "here"


class TickedField(forms.MultipleChoiceField):
    """What is ticked; nothing is an answer as well."""

    widget = forms.CheckboxSelectMultiple

    def validate(self, value: Any) -> None:
        if wrong := [one for one in value if not self.valid_value(one)]:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": wrong[0]}
            )


class PartsForm(forms.Form):
    """Which parts are on from a day on; ``above`` is the name of the organization that may decide instead, if any."""

    who = forms.ChoiceField(label=gettext_lazy("Who decides"), widget=forms.RadioSelect)
    parts = TickedField(label=gettext_lazy("What is on"))
    valid_from = day_field(gettext_lazy("From"), help_text=gettext_lazy("Today, or a day to come."))
    is_sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, above: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(ABOVE, _("As %(name)s has it") % {"name": above})] if above else []
        offer_choices(self, "who", [*offered, (HERE, _("What is ticked below"))])
        offer_choices(self, "parts", [(part.value, capfirst(part.label)) for part in Part])
        if not above:
            self.fields["who"].widget = forms.HiddenInput()

    def values(self) -> list[str] | None:
        """In the order of the parts; None leaves it to those above."""
        chosen = self.cleaned_data["parts"]
        return [part for part in Part if part in chosen] if self.cleaned_data["who"] == HERE else None
