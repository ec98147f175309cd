from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from students.mastery.enums import Accommodation, RemarkReason
from students.mastery.forms.grid import in_order, read_moment
from students.mastery.services import Deed

TYPED = [Deed.MARK, Deed.EVIDENCE, Deed.PRACTICE]


LONGEST = 500  # letters of a comment


class CodesWidget(forms.CheckboxSelectMultiple):
    """Ticks of a form, or what a script sends: the codes in one text, with commas."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        sent = super().value_from_datadict(data, files, name) or []
        texts = [sent] if isinstance(sent, str) else sent
        return [code for text in texts for code in str(text).split(",") if code]


class MarkForm(forms.Form):
    """The shape of one mark. What it means is checked by ``record_batch``."""

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
    kind = forms.ChoiceField(required=False, choices=[(deed.value, deed.value) for deed in TYPED])
    seen_at = forms.CharField(required=False)
    accommodations = forms.MultipleChoiceField(
        required=False,
        choices=Accommodation.choices,
        widget=CodesWidget,
        error_messages={"invalid_choice": _("This accommodation is not known here.")},
    )
    comment = forms.CharField(required=False, max_length=LONGEST)

    def content(self, day: date) -> dict[str, Any]:
        """The fields of an ``Item``; a mark without a day was made on ``day``."""
        data = self.cleaned_data
        return {
            "uuid": data["uuid"],
            "level": data["level"],
            "performed_on": data["performed_on"] or day,
            "made_offline": data["made_offline"],
            "deed": Deed(data["kind"] or Deed.MARK),
            "seen_at": read_moment(data["seen_at"]),
            "accommodations": in_order(data["accommodations"]),
            "note": data["comment"],
        }


class UndoForm(forms.Form):
    """Without ``mark`` it is the newest of one's own of today in the cell."""

    uuid = forms.UUIDField()
    mark = forms.UUIDField(required=False)
    student = forms.UUIDField(required=False)
    target = forms.UUIDField(required=False)
    person = forms.UUIDField(required=False)


class VoidForm(forms.Form):
    """Why an older mark is taken back."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why is it taken back?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a few words why it is taken back.")},
    )


class RemarkForm(forms.Form):
    """A few words about a cell, or a reason in one tap."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    student = forms.UUIDField(widget=forms.HiddenInput)
    target = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(required=False, choices=RemarkReason.choices)
    text = forms.CharField(required=False, max_length=2000)
    is_for_family = forms.BooleanField(required=False)
    judgement = forms.UUIDField(required=False)
    person = forms.UUIDField(required=False)


class RemarkUndoForm(forms.Form):
    uuid = forms.UUIDField()
    remark = forms.UUIDField()
    person = forms.UUIDField(required=False)
