"""The shape of what staff say about a curriculum."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 4_000
EMPTY = {"required": _("Write something first.")}


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("What you would like to say"),
        help_text=_("To those who write this curriculum, and seen by all staff who use it. Please name no student."),
        max_length=LONGEST,
        error_messages=EMPTY,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Answer"), max_length=LONGEST, error_messages=EMPTY, widget=forms.Textarea(attrs={"rows": 2})
    )
    settles = forms.BooleanField(label=_("This settles it"), required=False, initial=True)
