from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class MarkForm(forms.Form):
    """The shape of one mark. What it means is checked by ``record_mark``."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    student = forms.UUIDField(widget=forms.HiddenInput)
    target = forms.UUIDField(widget=forms.HiddenInput)
    level = forms.DecimalField(
        max_digits=4,
        decimal_places=2,
        error_messages={
            "required": _("Choose a level first."),
            "invalid": _("A level is a number such as 2.5."),
            "max_digits": _("A level is a number such as 2.5."),
            "max_whole_digits": _("A level is a number such as 2.5."),
            "max_decimal_places": _("A level is a number such as 2.5."),
        },
    )
    performed_on = forms.DateField(
        required=False, error_messages={"invalid": _("Write the day as year-month-day, such as 2026-11-21.")}
    )
    made_offline = forms.BooleanField(required=False)
    person = forms.UUIDField(required=False)

    def content(self, day: date) -> dict[str, Any]:
        """The arguments for ``record_mark``; a mark without a day was made on ``day``."""
        data = self.cleaned_data
        return {
            "uuid": data["uuid"],
            "level": data["level"],
            "performed_on": data["performed_on"] or day,
            "made_offline": data["made_offline"],
        }


class UndoForm(forms.Form):
    uuid = forms.UUIDField()
    mark = forms.UUIDField()
    person = forms.UUIDField(required=False)
