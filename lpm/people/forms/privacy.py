"""Forms about records themselves: who goes on seeing one, its erasure, sessions of operators, the audit's filters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.forms import offer_choices
from lpm.people.enums import OrganizationKind
from lpm.people.models import Guardianship, Organization, User
from lpm.people.services.operators import MOST_HOURS, SHORTEST_REASON


class GuardiansForm(forms.Form):
    """Which of the guardianships of a student of age stay open."""

    allowed = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Who goes on seeing your record"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, choices: Iterable[Guardianship], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(choices)
        offer_choices(self, "allowed", [(str(one.uuid), one.guardian.name) for one in rows])
        self.initial["allowed"] = [str(one.uuid) for one in rows if one.student_allows]


class ErasureForm(forms.Form):
    """Why, the word that says it is meant, and which guardians go along."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=10,
        max_length=500,
        help_text=gettext_lazy("Such as “request of the family”. It is kept: write no name."),
    )
    along = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Erase these guardians as well"), required=False, widget=forms.CheckboxSelectMultiple
    )
    typed = forms.CharField(label=gettext_lazy("Confirm"), max_length=50)

    def __init__(self, *args: Any, alone: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["typed"].help_text = _("Type the word %(word)s.") % {"word": self.word}
        self.fields["typed"].widget.attrs["autocomplete"] = "off"
        self.fields["reason"].widget.attrs["autocomplete"] = "off"
        if choices := [(str(user.uuid), user.name) for user in alone]:
            offer_choices(self, "along", choices)
        else:
            del self.fields["along"]

    @property
    def word(self) -> str:
        return _("erase")

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed.strip().casefold() != self.word.casefold():
            raise forms.ValidationError(
                _("Type the word %(word)s, then nothing can go by mistake.") % {"word": self.word}
            )
        return typed


class SessionForm(forms.Form):
    """An operator opens a session over a district."""

    organization = forms.ModelChoiceField(
        Organization.objects.filter(kind=OrganizationKind.DISTRICT).by_name(),
        label=gettext_lazy("District"),
        to_field_name="uuid",
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=SHORTEST_REASON,
        max_length=500,
        help_text=gettext_lazy("What you are asked to look at. The district reads it; write no student’s name."),
    )
    hours = forms.TypedChoiceField(
        label=gettext_lazy("Hours"), coerce=int, choices=[(n, str(n)) for n in range(1, MOST_HOURS + 1)]
    )


class AuditForm(forms.Form):
    """What to show of the audit. All of it may be left empty."""

    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    person = forms.CharField(label=gettext_lazy("Who did it"), required=False, max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("What was done"), required=False)

    def __init__(self, *args: Any, kinds: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "kind", [("", _("everything")), *kinds])
