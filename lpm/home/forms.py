from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.enums import ItemKind
from curriculum.imports import Rules, sort_of
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
        required=False,
        help_text=gettext_lazy(
            "A CASE package (.json), a spreadsheet of a curriculum (.xlsx, .csv) or a OneRoster bundle (.zip). "
            "You see what it would change first."
        ),
        error_messages={"empty": gettext_lazy("This file is empty.")},
    )
    url = forms.CharField(
        label=gettext_lazy("Or an address"),
        required=False,
        max_length=2000,
        widget=forms.URLInput,
        help_text=gettext_lazy(
            "Where a CASE package lies on the web, such as https://server/ims/case/v1p0/CFPackages/…"
        ),
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
        if file and file.size > settings.IMPORT_MAX_BYTES:
            most = filesizeformat(settings.IMPORT_MAX_BYTES)
            raise forms.ValidationError(_("This file is larger than %(most)s.") % {"most": most})
        return file

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        if url and not url.lower().startswith(("https://", "http://")):
            raise forms.ValidationError(_("An address begins with https://."))
        return url

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind, organization = data.get("kind"), data.get("organization")
        if kind and organization and not self.organizations[ImportKind(kind)].filter(pk=organization.pk).exists():
            raise forms.ValidationError(_("You cannot bring this kind of file in for this organization."))
        self._check_one_place(data)
        return data

    def _check_one_place(self, data: dict[str, Any]) -> None:
        if self.errors.keys() & {"file", "url"}:
            return
        if not data.get("file") and not data.get("url"):
            self.add_error("file", _("Choose a file first."))
        elif data.get("file") and data.get("url"):
            self.add_error("url", _("Send a file or an address, not both."))
        elif data.get("url") and data.get("kind") == ImportKind.ROSTER:
            self.add_error("url", _("People and classes come as a file, not by an address."))


class MappingForm(forms.Form):
    """What each sort of item becomes; ``sorts`` as the report of the import lists them, ``before`` as said earlier."""

    def __init__(self, *args: Any, sorts: list[dict[str, Any]], before: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sorts = sorts
        self.before = before
        for number, sort in enumerate(sorts):
            self.fields[f"sort_{number}"] = forms.ChoiceField(
                label=_("What “%(type)s” at level %(depth)d becomes")
                % {"type": sort["type"] or _("no type"), "depth": sort["depth"]},
                choices=self._choices(sort),
                initial=sort["kind"] or "",
                required=bool(sort["proposed"]),
            )

    def _choices(self, sort: dict[str, Any]) -> list[tuple[str, Any]]:
        """The kinds; where items of the sort become several, that they go on doing so."""
        each = [] if sort["proposed"] else [("", _("each by its place in the tree"))]
        return [*each, *ItemKind.choices]

    def rows(self) -> list[tuple[dict[str, Any], forms.BoundField]]:
        return [(sort, self[f"sort_{number}"]) for number, sort in enumerate(self.sorts)]

    def rules(self) -> Rules:
        """What was chosen now, or before and not taken back."""
        chosen = [(sort, self.cleaned_data[f"sort_{number}"]) for number, sort in enumerate(self.sorts)]
        return {
            sort_of(sort): ItemKind(kind)
            for sort, kind in chosen
            if kind and (kind != sort["kind"] or sort_of(sort) in self.before)
        }


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
