"""What may be chosen in a form, where only the page knows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm, ChoiceField, ModelChoiceField


def offer_choices(form: BaseForm, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """The field ``name`` offers ``choices``, each a value and its words."""
    field = form.fields[name]
    assert isinstance(field, ChoiceField)
    field.choices = list(choices)


def offer_rows(form: BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """The field ``name`` offers ``rows``; none but these are taken."""
    field = form.fields[name]
    assert isinstance(field, ModelChoiceField)
    field.queryset = rows
