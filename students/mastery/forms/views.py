"""The form of a saved view."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.models import Target, Topic
from lpm.lib.forms import offer_rows
from lpm.people.models import Group, Student
from students.mastery.enums import GridFilter, GridMode
from students.mastery.models import GridView
from students.mastery.services import ViewContent

if TYPE_CHECKING:
    RowsField = forms.ModelMultipleChoiceField[Any]  # a parameter that Django's own class does not take
else:
    RowsField = forms.ModelMultipleChoiceField


class TopicChoice(RowsField):
    """Topics by their areas."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.area.title}: {obj.title}"


class NamedChoice(RowsField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ViewForm(forms.Form):
    """Its choices are what the person sees, and what the school uses; targets are named by their codes."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    groups = NamedChoice(
        Group.objects.none(),
        to_field_name="uuid",
        required=False,
        label=gettext_lazy("Groups, as they are on the day"),
        widget=forms.CheckboxSelectMultiple,
    )
    students = NamedChoice(
        Student.objects.none(),
        to_field_name="uuid",
        required=False,
        label=gettext_lazy("And these students"),
        widget=forms.CheckboxSelectMultiple,
    )
    topics = TopicChoice(
        Topic.objects.none(),
        to_field_name="uuid",
        required=False,
        label=gettext_lazy("Topics"),
        widget=forms.CheckboxSelectMultiple,
    )
    codes = forms.CharField(
        required=False,
        label=gettext_lazy("And these targets"),
        help_text=gettext_lazy("Their codes, with commas between them."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    mode = forms.ChoiceField(label=gettext_lazy("Opens in"), choices=GridMode.choices, initial=GridMode.LEVELS)
    filter = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Shows"),
        choices=[("", gettext_lazy("all students")), *GridFilter.choices],
    )
    is_default = forms.BooleanField(required=False, label=gettext_lazy("Groups open the way this view does"))
    is_for_school = forms.BooleanField(
        required=False, label=gettext_lazy("For all teachers of the school, each with their own students")
    )

    def __init__(
        self,
        *args: Any,
        choices: dict[str, Any],
        targets: Any,
        may_share: bool,
        is_of_school: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in choices.items():
            offer_rows(self, name, rows)
        self.targets = targets
        self.is_of_school = is_of_school
        if not may_share:
            del self.fields["is_for_school"]
        if is_of_school:
            del self.fields["groups"], self.fields["students"]

    def clean_codes(self) -> list[Target]:
        codes = [code for code in re.split(r"[,;\s]+", self.cleaned_data["codes"]) if code]
        found: dict[str, Target] = {target.code: target for target in self.targets.filter(code__in=codes)}
        missing = [code for code in codes if code not in found]
        if missing:
            raise forms.ValidationError(_("No target here has the code %(codes)s.") % {"codes": ", ".join(missing)})
        return list(found.values())

    @property
    def is_for_the_school(self) -> bool:
        return self.is_of_school or bool(self.cleaned_data.get("is_for_school"))

    def content(self) -> ViewContent:
        data = self.cleaned_data
        return ViewContent(
            name=data["name"],
            mode=data["mode"],
            filter=data["filter"],
            is_default=data["is_default"],
            groups=[] if self.is_for_the_school else list(data["groups"]),
            students=[] if self.is_for_the_school else list(data["students"]),
            topics=list(data["topics"]),
            targets=data["codes"],
        )


def initial_of(view: GridView) -> dict[str, Any]:
    return {
        **{name: getattr(view, name) for name in ("name", "mode", "filter", "is_default")},
        **{name: [row.uuid for row in getattr(view, name).all()] for name in ("groups", "students", "topics")},
        "codes": ", ".join(target.code for target in view.targets.all()),
        "is_for_school": view.owner_id is None,
    }
