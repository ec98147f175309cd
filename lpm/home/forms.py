from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lpm.lib.forms import offer_choices, offer_rows
from lpm.people.enums import ImportKind
from lpm.people.models import Organization


class ImportForm(forms.Form):
    """The file to bring in and for whom. ``organizations`` maps each kind to where the person may do that."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is in the file"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what is in the file.")},
    )
    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=gettext_lazy("For"), to_field_name="uuid", empty_label=None
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "A CASE package (.json) or a OneRoster bundle (.zip). You see what it would change first."
        ),
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "empty": gettext_lazy("This file is empty."),
        },
    )

    def __init__(self, *args: Any, organizations: dict[ImportKind, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organizations = {kind: rows for kind, rows in organizations.items() if rows.exists()}
        offer_choices(self, "kind", [(kind.value, kind.label) for kind in self.organizations])
        if len(self.organizations) == 1:
            self.initial.setdefault("kind", next(iter(self.organizations)).value)
        ids = {pk for rows in self.organizations.values() for pk in rows.values_list("pk", flat=True)}
        offer_rows(self, "organization", Organization.objects.filter(pk__in=ids).from_the_top())

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            most = filesizeformat(settings.IMPORT_MAX_BYTES)
            raise forms.ValidationError(_("This file is larger than %(most)s.") % {"most": most})
        return file

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind, organization = data.get("kind"), data.get("organization")
        if kind and organization and not self.organizations[ImportKind(kind)].filter(pk=organization.pk).exists():
            raise forms.ValidationError(_("You cannot bring this kind of file in for this organization."))
        return data


class DropForm(forms.Form):
    """Where a roster is left, and when it is looked for."""

    place = forms.CharField(
        label=gettext_lazy("Where it is left"),
        max_length=500,
        help_text=gettext_lazy(
            "A folder that the installation keeps for you, such as north; or a server: sftp://user@host/folder"
        ),
        error_messages={"required": gettext_lazy("Say where it is left.")},
    )
    host_key = forms.CharField(
        label=gettext_lazy("Public key of the server"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("For a server only: one line that begins with ssh-ed25519, for example."),
    )
    hour = forms.TypedChoiceField(
        label=gettext_lazy("Look for it at"), coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)]
    )
    is_on = forms.BooleanField(label=gettext_lazy("Look every day"), required=False)
    applies_itself = forms.BooleanField(
        label=gettext_lazy("Bring it in without asking, unless it would end a great deal"), required=False
    )
