"""Students by hand: the list's search, adding, changing, names by reader, sign-in, caseloads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.forms import offer_choices, offer_rows
from lpm.lib.grades import GRADES, grade_label
from lpm.people.enums import CaseloadKind, CaseloadScope
from lpm.people.models import User
from lpm.people.queries.students import CURRENT, LEFT, PROVISIONAL

DATE = {"type": "date"}
NAME_LENGTH, PRONOUNS_LENGTH, GRADE_LENGTH = 200, 50, 10


def date_field(label: Any, help_text: Any = "", required: bool = True) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs=DATE)
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget)


class StudentSearch(forms.Form):
    """The list's search. What is not understood is not looked for."""

    q = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=NAME_LENGTH)
    grade = forms.ChoiceField(label=gettext_lazy("Grade"), required=False)
    only = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            (CURRENT, gettext_lazy("Students who are here")),
            (PROVISIONAL, gettext_lazy("Provisional records")),
            (LEFT, gettext_lazy("Students who left")),
        ],
    )

    def __init__(self, *args: Any, grades: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.input_type = "search"
        offer_choices(self, "grade", [("", _("All grades")), *grades])

    def found(self) -> dict[str, str]:
        self.is_valid()
        data = self.cleaned_data
        return {"words": data.get("q", ""), "grade": data.get("grade", ""), "only": data.get("only", CURRENT)}


class StudentForm(forms.Form):
    """Who a student is; ``fixed`` are the fields that a roster brings, shown and not changed."""

    given_name = forms.CharField(
        label=gettext_lazy("Given name"),
        max_length=NAME_LENGTH,
        error_messages={"required": gettext_lazy("Write the given name.")},
    )
    family_name = forms.CharField(
        label=gettext_lazy("Family name"),
        max_length=NAME_LENGTH,
        error_messages={"required": gettext_lazy("Write the family name.")},
    )
    born_on = date_field(gettext_lazy("Birth date"), required=False)
    grade = forms.ChoiceField(label=gettext_lazy("Grade"), required=False)
    is_provisional = forms.BooleanField(
        label=gettext_lazy("Provisional: the office has not checked this record yet"), required=False
    )

    def __init__(self, *args: Any, fixed: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes: dict[str, Any] = dict(GRADES)
        if (now := self.initial.get("grade", "")) and now not in codes:
            codes[now] = grade_label(now)
        offer_choices(self, "grade", [("", _("Not said")), *codes.items()])
        for name in fixed:
            self.fields[name].disabled = True
            self.fields[name].help_text = _("The roster brings this. Change it where the roster is made.")


class NamesForm(forms.Form):
    """What a student is called, by who reads."""

    preferred_name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=NAME_LENGTH)
    pronouns = forms.CharField(label=gettext_lazy("Pronouns"), required=False, max_length=PRONOUNS_LENGTH)
    family_preferred_name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=NAME_LENGTH)
    family_pronouns = forms.CharField(label=gettext_lazy("Pronouns"), required=False, max_length=PRONOUNS_LENGTH)
    transcript_preferred_name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=NAME_LENGTH)
    transcript_pronouns = forms.CharField(label=gettext_lazy("Pronouns"), required=False, max_length=PRONOUNS_LENGTH)


class SignInForm(forms.Form):
    username = forms.RegexField(
        r"^[^\s/?#]+$",
        label=gettext_lazy("Sign-in name"),
        max_length=255,
        help_text=gettext_lazy("Ignores capitals. A password or a badge is given later."),
        error_messages={
            "required": gettext_lazy("Write a sign-in name."),
            "invalid": gettext_lazy("A sign-in name has no spaces, and none of / ? #."),
        },
    )


class StaffField(forms.ModelChoiceField):  # type: ignore[type-arg]  # it takes no type when it runs
    """Somebody of the staff, by name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.family_name}, {obj.given_name}" if obj.given_name else str(obj.family_name)


class CaseloadForm(forms.Form):
    manager = StaffField(
        User.objects.none(),
        label=gettext_lazy("Whose caseload"),
        to_field_name="uuid",
        empty_label=gettext_lazy("Choose somebody"),
        error_messages={"required": gettext_lazy("Choose somebody of the staff.")},
    )
    kind = forms.ChoiceField(label=gettext_lazy("As what"), choices=CaseloadKind.choices)
    scope = forms.ChoiceField(
        label=gettext_lazy("What it opens"),
        choices=CaseloadScope.choices,
        widget=forms.RadioSelect,
        initial=CaseloadScope.PROFILE,
    )
    starts_on = date_field(gettext_lazy("First day"))
    ends_on = date_field(gettext_lazy("Last day"), required=False)

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "manager", staff)


class LastDayForm(forms.Form):
    last_day = date_field(gettext_lazy("Last day"))
