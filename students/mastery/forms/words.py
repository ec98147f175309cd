"""The shape of a translation of what somebody wrote."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lpm.lib.forms import offer_choices
from lpm.lib.languages import language_name
from students.mastery.queries.words import Words

LONGEST = 2000
NO_UUID = _("Open the page again, then save from there.")


class TranslationForm(forms.Form):
    """Offers the languages that pages are read in, without the one of the words."""

    uuid = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": NO_UUID, "invalid": NO_UUID})
    language = forms.ChoiceField(label=_("Into which language?"))
    text = forms.CharField(
        label=_("Translation"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write a few words first.")},
    )

    def __init__(self, *args: Any, words: Words, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [code for code, _name in settings.LANGUAGES if not words.language or not words.is_in(code)]
        offer_choices(self, "language", [(code, language_name(code)) for code in others])
