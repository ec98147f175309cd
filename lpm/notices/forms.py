from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lpm.notices.calculations.words import kind_words
from lpm.notices.enums import Channel, NoticeKind
from lpm.notices.models import NoticePerson

NUMBER = re.compile(r"\+[1-9]\d{6,14}")  # E.164
WORDS = {
    Channel.PAGE: _("here alone"),
    Channel.EMAIL: _("here, and an e-mail at once"),
    Channel.DIGEST: _("here, and in one e-mail a day"),
    Channel.SMS: _("here, and a text message"),
}


class ChannelsForm(forms.Form):
    """How somebody wants to be told: a field for each kind of news, and when to leave them in peace."""

    quiet_from = forms.TimeField(label=_("Leave me in peace from"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    quiet_until = forms.TimeField(label=_("until"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    wants_email = forms.BooleanField(label=_("Write e-mails to me"), required=False)
    wants_letters = forms.BooleanField(label=_("A letter about my child every week"), required=False)

    def __init__(
        self,
        *args: Any,
        channels: Mapping[NoticeKind, Channel],
        offered: list[Channel],
        own: NoticePerson,
        has_letters: bool,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {
            "quiet_from": own.quiet_from,
            "quiet_until": own.quiet_until,
            "wants_email": own.stopped_at is None,
            "wants_letters": own.wants_letters,
        }
        super().__init__(*args, **kwargs)
        self.kinds = list(channels)
        for kind, channel in channels.items():
            self.fields[kind.value] = forms.ChoiceField(
                label=kind_words(kind),
                choices=[(one.value, WORDS[one]) for one in offered],
                initial=channel if channel in offered else Channel.PAGE,
            )
        writes = Channel.EMAIL in offered
        asked = {"wants_email": writes, "wants_letters": has_letters and writes}
        for name in [name for name, is_asked in asked.items() if not is_asked]:
            del self.fields[name]

    def kind_fields(self) -> list[forms.BoundField]:
        return [self[kind.value] for kind in self.kinds]

    def channels(self) -> dict[NoticeKind, Channel]:
        return {kind: Channel(self.cleaned_data[kind.value]) for kind in self.kinds}


class NumberForm(forms.Form):
    """To which number text messages shall go."""

    phone = forms.CharField(
        label=_("My number for text messages"),
        help_text=_("With the country, such as +1 207 555 0123."),
        max_length=30,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )

    def clean_phone(self) -> str:
        number = re.sub(r"[\s().-]", "", self.cleaned_data["phone"])
        if not NUMBER.fullmatch(number):
            raise forms.ValidationError(_("Write the number with its country, such as +1 207 555 0123."))
        return number


class CodeForm(forms.Form):
    """The code that was sent to it."""

    code = forms.CharField(
        label=_("The code in the text message"),
        max_length=20,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        return re.sub(r"\s", "", self.cleaned_data["code"])
