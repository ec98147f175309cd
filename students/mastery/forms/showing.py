"""The shape of what students ask and teachers answer; what it means is checked by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lpm.lib.forms import offer_rows
from lpm.people.models import Group
from students.mastery.models import Assessment, ReadyRequest
from students.mastery.services.sessions import MOST_PLACES
from students.mastery.services.showing import LONGEST

LEVEL_ERRORS = {
    "required": _("Choose a level first."),
    "invalid": _("A level is a number such as 2.5."),
    "max_digits": _("A level is a number such as 2.5."),
    "max_whole_digits": _("A level is a number such as 2.5."),
    "max_decimal_places": _("A level is a number such as 2.5."),
}


def level_field(*, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Level"), max_digits=4, decimal_places=2, required=required, error_messages=LEVEL_ERRORS
    )


def words_field(label: Any, *, required: bool = True, missing: Any = "") -> forms.CharField:
    """A few sentences; ``missing`` is what to say when there are none."""
    errors = {"required": missing} if missing else {}
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=errors,
    )


class AskForm(forms.Form):
    uuid = forms.UUIDField(widget=forms.HiddenInput)
    done_since = words_field(
        _("What did you do since then?"), missing=_("Say in a few words what you did. A teacher reads it.")
    )
    level = level_field(required=False)


class SelfForm(forms.Form):
    uuid = forms.UUIDField(widget=forms.HiddenInput)
    level = level_field()
    words = words_field(_("What makes you think so?"), required=False)


class AnswerForm(forms.Form):
    uuid = forms.UUIDField(widget=forms.HiddenInput)
    level = level_field()
    reply = words_field(_("A few words to the student"), required=False)


class ReturnForm(forms.Form):
    reply = words_field(_("What comes first?"), missing=_("Say in a few words what comes first."))


class RequestsForm(forms.Form):
    """Which requests; only those offered are taken."""

    requests = forms.ModelMultipleChoiceField(
        ReadyRequest.objects.none(),
        to_field_name="uuid",
        error_messages={
            "required": _("Choose at least one student."),
            "invalid_choice": _("One of these requests was answered or taken back meanwhile. Look again."),
        },
    )

    def __init__(self, *args: Any, requests: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "requests", requests)


class SessionForm(RequestsForm):
    uuid = forms.UUIDField(widget=forms.HiddenInput)
    group = forms.ModelChoiceField(
        Group.objects.none(),
        label=_("Group"),
        to_field_name="uuid",
        empty_label=None,
        error_messages={"required": _("Choose the group in which you hold it.")},
    )
    starts_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": _("Say when it is."), "invalid": _("Choose a day and a time.")},
    )
    place = forms.CharField(label=_("Where"), max_length=200, error_messages={"required": _("Say where it is.")})
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=MOST_PLACES)
    note = forms.CharField(
        label=_("What to bring or know"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Everybody who comes reads this."),
    )

    def __init__(self, *args: Any, groups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "group", groups)
        self.fields["requests"].required = False


class OfferedForm(forms.Form):
    """What to do with marks of substitutes; only those offered are taken."""

    marks = forms.ModelMultipleChoiceField(
        Assessment.objects.none(),
        to_field_name="uuid",
        error_messages={
            "required": _("Choose at least one of them."),
            "invalid_choice": _("One of these is not there any more. Look again."),
        },
    )
    judges = forms.BooleanField(required=False)
    reason = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, marks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "marks", marks)
