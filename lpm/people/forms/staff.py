from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from lpm.lib.forms import offer_rows
from lpm.people.enums import Role
from lpm.people.forms.organizations import day_field
from lpm.people.models import Organization, User


class PersonForm(forms.Form):
    """The account of somebody who works in a school; ``person``: one that is there already."""

    given_name = forms.CharField(label=gettext_lazy("Given name"), max_length=200)
    family_name = forms.CharField(label=gettext_lazy("Family name"), max_length=200)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("With it they set their own password."),
    )
    username = forms.RegexField(
        r"^[^\s]+$",
        label=gettext_lazy("Sign-in name"),
        max_length=255,
        error_messages={"invalid": gettext_lazy("A sign-in name has no spaces.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("as the school")), *settings.LANGUAGES],
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person:
            self.initial.update({name: getattr(person, name) for name in self.fields})
        else:
            self.fields["username"].required = False
            self.fields["username"].help_text = gettext_lazy("Leave it empty: one is made from the name.")


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    organization = forms.ModelChoiceField(
        Organization.objects.none(),
        label=gettext_lazy("Over"),
        to_field_name="uuid",
        empty_label=None,
        help_text=gettext_lazy("And over everything below it."),
    )
    starts_on = day_field(gettext_lazy("First day"))
    ends_on = day_field(
        gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Leave it empty if it has no end yet.")
    )

    def __init__(self, *args: Any, organizations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "organization", organizations.from_the_top())


class EndForm(forms.Form):
    last_day = day_field(
        gettext_lazy("Last day"), help_text=gettext_lazy("The role still holds on it. Yesterday ends it at once.")
    )
