from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

LASTS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("a year"))]


class TokenForm(forms.Form):
    """What a program may do with a new token, and for how long."""

    name = forms.CharField(
        label=_("What is it for?"), max_length=100, help_text=_("Such as the name of the program that will use it.")
    )
    lasts = forms.ChoiceField(label=_("How long does it hold?"), choices=LASTS, initial="90")
    may_write = forms.BooleanField(
        required=False,
        label=_("It may also record"),
        help_text=_("Left empty, the program only reads."),
    )

    def clean_lasts(self) -> timedelta:
        return timedelta(days=int(self.cleaned_data["lasts"]))
