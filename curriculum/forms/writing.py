"""The shape of what is typed by those who write a curriculum; what it means is checked by the services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from curriculum.calculations.outline import PARENT
from curriculum.enums import Domain, Subject
from curriculum.models import Scale
from curriculum.queries.writing import GuideLine
from lpm.lib.forms import offer_choices, offer_rows
from lpm.lib.grades import GRADES
from lpm.people.models import Organization, User

LANGUAGES = [
    *settings.CATALOGUES,
    *(("de", "Deutsch"), ("pt", "Português"), ("ar", "العربية"), ("so", "Soomaali")),
    *(("vi", "Tiếng Việt"), ("zh", "中文"), ("ja", "日本語")),
]
SHORT = 200
LONG = 10_000


def line(label: Any, *, required: bool = False, longest: int = 500) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class Text(forms.CharField):
    """Some lines; a browser sends their ends as two letters, we keep one."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


def text(label: Any, *, required: bool = False, rows: int = 3, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return Text(label=label, required=required, max_length=LONG, widget=area, help_text=help_text)


class FrameworkForm(forms.Form):
    """A curriculum's own words."""

    title = forms.CharField(
        label=_("Title"), max_length=500, error_messages={"required": _("Give the curriculum a title.")}
    )
    creator = line(_("Who makes it"))
    version = line(_("Version"), longest=100)
    language = forms.CharField(label=_("Language it is written in"), widget=forms.Select)
    notes = text(_("Notes for its readers"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = str(self.initial.get("language") or "en")
        known = LANGUAGES if now in dict(LANGUAGES) else [*LANGUAGES, (now, now)]
        self.fields["language"] = forms.ChoiceField(label=self.fields["language"].label, choices=known)


class NewFrameworkForm(FrameworkForm):
    owner = forms.ModelChoiceField(
        Organization.objects.none(), label=_("Whose it is"), to_field_name="uuid", empty_label=None
    )
    scale = forms.ModelChoiceField(
        Scale.objects.none(),
        label=_("Scale"),
        to_field_name="uuid",
        required=False,
        empty_label=_("the scale used there"),
        help_text=_("Which levels its targets are judged by."),
    )
    field_order = ("title", "owner", "language", "scale")

    def __init__(self, *args: Any, owners: Any, scales: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("creator", "version", "notes"):
            del self.fields[name]
        offer_rows(self, "owner", owners)
        offer_rows(self, "scale", scales)
        self.fields["owner"].label_from_instance = str  # type: ignore[attr-defined]
        self.fields["scale"].label_from_instance = lambda scale: f"{scale.name} · {scale.owner.name}"  # type: ignore[attr-defined]


class AreaForm(forms.Form):
    title = forms.CharField(
        label=_("Content area"), max_length=500, error_messages={"required": _("Give the area a name.")}
    )
    domain = forms.ChoiceField(
        label=_("What kind of learning"), choices=[(one.value, str(one.label).capitalize()) for one in Domain]
    )


class GuideForm(forms.Form):
    """With a field for each line of a scoring guide, named by its level: ``level_3.00``."""

    def __init__(self, *args: Any, guide: list[GuideLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = guide
        for row in guide:
            field = text(row.name or str(row.level), rows=2)
            field.initial = row.words
            self.fields[f"level_{row.level}"] = field

    def guide_lines(self) -> list[tuple[GuideLine, forms.BoundField]]:
        return [(row, self[f"level_{row.level}"]) for row in self.lines]

    def guide(self) -> dict[Decimal, str]:
        return {row.level: self.cleaned_data[f"level_{row.level}"].strip() for row in self.lines}


class NewTopicForm(forms.Form):
    title = forms.CharField(
        label=_("Measurement topic"), max_length=500, error_messages={"required": _("Give the topic a name.")}
    )
    code = line(_("Code"), longest=100)
    area = forms.UUIDField(widget=forms.HiddenInput)


class TopicForm(GuideForm):
    title = forms.CharField(
        label=_("Measurement topic"), max_length=500, error_messages={"required": _("Give the topic a name.")}
    )
    code = line(_("Code"), longest=100)
    description = text(_("What it is about"))

    def values(self) -> dict[str, Any]:
        return {**{name: self.cleaned_data[name] for name in ("title", "code", "description")}, "guide": self.guide()}


class NewTargetForm(forms.Form):
    """The line in which one target after the other is typed."""

    code = line(_("Code"), longest=100)
    statement = forms.CharField(
        label=_("Next target"),
        max_length=LONG,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write what is learned.")},
    )


class TargetForm(GuideForm):
    code = line(_("Code"), longest=100)
    short_title = line(_("Short title"), longest=SHORT)
    statement = Text(
        label=_("What is learned"),
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what is learned.")},
    )
    i_can = text(_("For students"), rows=2, help_text=_("Begins with “I can”."))
    grades = forms.MultipleChoiceField(
        label=_("Grades"), required=False, choices=list(GRADES.items()), widget=forms.CheckboxSelectMultiple
    )
    part_of = forms.ChoiceField(label=_("Part of"), required=False)

    def __init__(self, *args: Any, wholes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "part_of", [("", _("nothing: a target of its own")), *wholes])
        more = [code for code in self.initial.get("grades") or [] if code not in GRADES]
        offer_choices(self, "grades", [*GRADES.items(), *((code, code) for code in more)])

    def values(self) -> dict[str, Any]:
        names = ("code", "short_title", "statement", "i_can", "grades")
        said = {name: self.cleaned_data[name] for name in names}
        return {**said, "part_of": self.cleaned_data["part_of"] or None, "guide": self.guide()}


class RequiresForm(forms.Form):
    """``requires`` are the targets that come before; ``q`` looks for more of them."""

    requires = forms.TypedMultipleChoiceField(label=_("Comes after"), required=False, choices=())
    q = forms.CharField(
        label=_("Find a target by its code or words"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, known: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "requires", [(uuid, uuid) for uuid in known])


class PieceForm(forms.Form):
    """Which one piece of the curriculum is meant."""

    area = forms.UUIDField(required=False)
    topic = forms.UUIDField(required=False)
    target = forms.UUIDField(required=False)

    def meant(self) -> tuple[Subject, UUID] | None:
        if not self.is_valid():
            return None
        named = [(subject, self.cleaned_data[subject]) for subject in PARENT if self.cleaned_data[subject]]
        return named[0] if len(named) == 1 else None


class MoveForm(PieceForm):
    """``place`` counts from 1, empty for the end; ``parent`` is the area or topic it goes to, empty to stay."""

    place = forms.IntegerField(required=False, min_value=0, max_value=100_000)
    parent = forms.UUIDField(required=False)


class WriterForm(forms.Form):
    user = forms.ModelChoiceField(
        User.objects.none(), to_field_name="uuid", error_messages={"required": _("Choose somebody first.")}
    )
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "user", people)


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Search by name"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
