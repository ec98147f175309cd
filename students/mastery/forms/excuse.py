"""The shape of excusing students from a target, and of ending that."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lpm.lib.forms import offer_rows
from lpm.people.models import Student

LONGEST = 500


class ExcuseForm(forms.Form):
    """Only the students offered are taken."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    students = forms.ModelMultipleChoiceField(
        Student.objects.none(),
        to_field_name="uuid",
        error_messages={
            "required": _("Choose at least one student."),
            "invalid_choice": _("One of these students is not in your group any more. Choose again."),
        },
    )
    reason = forms.CharField(
        label=_("Why?"),
        max_length=LONGEST,
        help_text=_("Only the staff read this. Students and families see “excused”, and nothing more."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say in a few words why.")},
    )

    def __init__(self, *args: Any, students: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "students", students)


class EndForm(ExcuseForm):
    """Who is expected to work on it again. Why, nobody has to say."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].help_text = _("Only the staff read this.")
