"""The shape of a message, and of one put into another language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lpm.lib.forms import offer_choices
from students.threads.services import LONGEST

NO_UUID = _("Open the page again, then send your message from there.")


class WordsField(forms.CharField):
    """Browsers count the end of a line as one letter, and send two."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


def words_field(label: Any, longest: int, rows: int) -> WordsField:
    return WordsField(
        label=label,
        max_length=longest,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={
            "required": _("Write a few words first."),
            "max_length": _("This is too long. Use at most %(limit_value)s letters."),
        },
    )


class MessageForm(forms.Form):
    """``uuid`` is made with the page, so that a message sent twice is there once."""

    uuid = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": NO_UUID, "invalid": NO_UUID})
    text = words_field(_("Your message"), LONGEST, 4)
    language = forms.ChoiceField(label=_("Written in"), choices=settings.CATALOGUES)


class TranslationForm(forms.Form):
    language = forms.ChoiceField(label=_("Into"))
    text = words_field(_("In that language"), 2 * LONGEST, 5)

    def __init__(self, *args: Any, written_in: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "language", [one for one in settings.CATALOGUES if one[0] != written_in])
