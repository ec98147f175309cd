"""The shape of what is typed about revisions; what it means is checked by the services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.enums import Carries, ChangeKind
from curriculum.models import Revision, Topic
from curriculum.services import NewTarget

NEW_ROWS = 4
Choices = Sequence[tuple[str, str]]


def _day_field(label: Any, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


class RevisionForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("What it is called"),
        max_length=Revision._meta.get_field("title").max_length,
        help_text=gettext_lazy("Everybody reads it, such as “Fractions made clearer”."),
        error_messages={"required": gettext_lazy("Give the revision a name.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Why it is made"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("A few plain sentences for teachers, students and families."),
    )


class BeginForm(forms.Form):
    title = RevisionForm.base_fields["title"]


class UndoForm(forms.Form):
    """The changes to take out, by what they are about."""

    subject = forms.TypedMultipleChoiceField(coerce=UUID)

    def __init__(self, data: Any, *, subjects: Sequence[UUID]) -> None:
        super().__init__(data)
        field = self.fields["subject"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(str(uuid), "") for uuid in subjects]


class TrialForm(forms.Form):
    starts_on = _day_field(gettext_lazy("First day"))
    ends_on = _day_field(gettext_lazy("Last day"))


class PublishForm(forms.Form):
    """Now, or on a day to come."""

    NOW, LATER = "now", "later"
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[(NOW, gettext_lazy("Now")), (LATER, gettext_lazy("On a day to come"))],
        initial=NOW,
        widget=forms.RadioSelect,
    )
    publish_on = _day_field(gettext_lazy("The day"), required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("when") == self.LATER and not data.get("publish_on") and "publish_on" not in self.errors:
            self.add_error("publish_on", _("Choose the day."))
        return data


class PlaceForm(forms.Form):
    """In which topics to look for the targets that end, and for those that take their place."""

    topic = forms.ModelChoiceField(
        Topic.objects.none(), label=gettext_lazy("Topic of what ends"), to_field_name="uuid", empty_label=None
    )
    onward = forms.ModelChoiceField(
        Topic.objects.none(),
        label=gettext_lazy("Topic of what takes its place"),
        to_field_name="uuid",
        required=False,
        empty_label=gettext_lazy("the same"),
    )

    def __init__(self, data: Any, *, topics: Any) -> None:
        super().__init__(data)
        for field in self.fields.values():
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = topics


class EndForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What happens"),
        choices=[
            (ChangeKind.SPLIT.value, gettext_lazy("One target is split into several")),
            (ChangeKind.MERGED.value, gettext_lazy("Several targets become one")),
            (ChangeKind.RETIRED.value, gettext_lazy("Targets are not used any more")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what happens.")},
    )
    sources = forms.TypedMultipleChoiceField(
        label=gettext_lazy("What ends"),
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose what ends.")},
    )
    existing = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Targets that take its place"),
        coerce=UUID,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    carries = forms.ChoiceField(
        label=gettext_lazy("What follows the student"),
        choices=[("", gettext_lazy("the usual for what happens")), *Carries.choices],
        required=False,
        help_text=gettext_lazy(
            "The usual: after a split, levels too; after a merge, evidence only. Nothing that was recorded is lost."
        ),
    )

    def __init__(self, data: Any, *, sources: Choices, existing: Choices, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        for name, choices in (("sources", sources), ("existing", existing)):
            field = self.fields[name]
            assert isinstance(field, forms.TypedMultipleChoiceField)
            field.choices = list(choices)
        for number in range(1, NEW_ROWS + 1):
            self._add_row(number)

    def _add_row(self, number: int) -> None:
        count = {"number": number}
        self.fields[f"code_{number}"] = forms.CharField(
            label=_("Code of new target %(number)d") % count, required=False, max_length=100
        )
        self.fields[f"statement_{number}"] = forms.CharField(
            label=_("Statement of new target %(number)d") % count,
            required=False,
            max_length=5_000,
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        self.fields[f"i_can_{number}"] = forms.CharField(
            label=_("“I can” of new target %(number)d") % count, required=False, max_length=2_000
        )

    def rows(self) -> list[list[forms.BoundField]]:
        """The fields of each new target."""
        return [
            [self[f"{name}_{number}"] for name in ("code", "statement", "i_can")] for number in range(1, NEW_ROWS + 1)
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for number in range(1, NEW_ROWS + 1):
            row = [data.get(f"{name}_{number}") for name in ("code", "i_can")]
            if any(row) and not data.get(f"statement_{number}"):
                self.add_error(f"statement_{number}", _("Say what this target is."))
        return data

    def new_targets(self) -> list[NewTarget]:
        data = self.cleaned_data
        return [
            NewTarget(statement=data[f"statement_{number}"], code=data[f"code_{number}"], i_can=data[f"i_can_{number}"])
            for number in range(1, NEW_ROWS + 1)
            if data[f"statement_{number}"]
        ]

    def carried(self) -> Carries | None:
        return Carries(self.cleaned_data["carries"]) if self.cleaned_data["carries"] else None
