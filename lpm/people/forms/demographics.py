from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.forms import offer_choices
from lpm.lib.languages import language_name
from lpm.lib.text import sort_key
from lpm.people.enums import Programme, Race, Sex

YES, NO = "yes", "no"
# Those that are spoken most in homes of the United States, and in Maine.
LANGUAGES = (
    *("am", "ar", "ase", "bn", "de", "en", "es", "fa", "fr", "gu", "hi", "ht", "it", "ja", "km", "ko", "lg", "ln"),
    *("mnw", "ne", "pl", "ps", "pt", "rn", "ru", "rw", "so", "sw", "ta", "te", "ti", "tl", "uk", "ur", "vi", "zh"),
)


class DemographicsForm(forms.Form):
    """What a student is counted by. Nothing has to be said."""

    home_language = forms.ChoiceField(label=gettext_lazy("Language at home"), required=False)
    programmes = forms.MultipleChoiceField(
        label=gettext_lazy("Programmes"),
        choices=Programme.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    races = forms.MultipleChoiceField(
        label=gettext_lazy("Race"),
        choices=Race.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("As many as the family says."),
    )
    is_hispanic = forms.ChoiceField(
        label=gettext_lazy("Hispanic or Latino"),
        choices=[("", gettext_lazy("Not said")), (YES, gettext_lazy("Yes")), (NO, gettext_lazy("No"))],
        required=False,
    )
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex"), choices=[("", gettext_lazy("Not said")), *Sex.choices], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = self.initial.get("home_language") or "en"
        named = sorted(((code, language_name(code)) for code in {*LANGUAGES, now}), key=lambda pair: sort_key(pair[1]))
        offer_choices(self, "home_language", [("", _("Not said")), *named])
