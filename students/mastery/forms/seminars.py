"""The shape of what a teacher says of a seminar; what it means is checked by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lpm.lib.forms import offer_rows
from lpm.people.models import Organization, Student

ASSIGNED, OPEN = "assigned", "open"
MOST_PLACES = 500
LONGEST = 200


class SeminarForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST,
        help_text=_("Students and families read it. Say what it is about, never where anybody stands."),
        error_messages={"required": _("Give it a name.")},
    )
    meets_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": _("Say when it is."), "invalid": _("Choose a day and a time.")},
    )
    place = forms.CharField(label=_("Where"), max_length=LONGEST, error_messages={"required": _("Say where it is.")})
    places = forms.IntegerField(
        label=_("Places"),
        min_value=1,
        max_value=MOST_PLACES,
        required=False,
        help_text=_("Empty means: room for everybody."),
    )
    list = forms.ChoiceField(
        label=_("Who comes"),
        choices=[
            (ASSIGNED, _("The students I choose")),
            (OPEN, _("Those, and others of my students who join by themselves")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who comes.")},
    )


class NewSeminarForm(SeminarForm):
    """Who comes; only those offered are taken."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    school = forms.ModelChoiceField(
        Organization.objects.none(),
        label=_("School"),
        to_field_name="uuid",
        empty_label=None,
        error_messages={"required": _("Choose the school at which it is.")},
    )
    students = forms.ModelMultipleChoiceField(
        Student.objects.none(),
        to_field_name="uuid",
        required=False,
        error_messages={"invalid_choice": _("One of these students is not in your groups any more. Choose again.")},
    )

    def __init__(self, *args: Any, schools: Any, students: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "school", schools)
        offer_rows(self, "students", students)
