"""What people send from a student's own pages."""

from __future__ import annotations

from django import forms


class WantForm(forms.Form):
    """One tap: the child wants to show this. ``uuid`` makes a second tap harmless."""

    uuid = forms.UUIDField()


class PagesForm(forms.Form):
    """Which pages a student has."""

    is_early_reader = forms.BooleanField(required=False)
