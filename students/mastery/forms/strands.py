"""The shape of a pause; what it means is checked by the service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from curriculum.models import ContentArea
from lpm.lib.forms import offer_rows


class PauseForm(forms.Form):
    area = forms.ModelChoiceField(
        ContentArea.objects.none(),
        label=_("What is not recorded"),
        to_field_name="uuid",
        empty_label=None,
        error_messages={"required": _("Choose what is not recorded.")},
    )
    starts_on = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the first day."), "invalid": _("Choose a day.")},
    )
    ends_on = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Leave it empty to decide later."),
        error_messages={"invalid": _("Choose a day.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only the staff reads this."),
    )

    def __init__(self, *args: Any, areas: list[ContentArea], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = ContentArea.objects.filter(pk__in=[area.pk for area in areas])
        offer_rows(self, "area", rows.order_by("domain", "framework_id", "position", "pk"))
