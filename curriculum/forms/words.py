"""The shape of what is typed in one's own words, and in another language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.models import ContentArea, Framework, GuideLevel, Topic
from curriculum.queries.translations import Row, Text
from lpm.lib.forms import offer_choices

LONGEST_SENTENCE = 500
LONGEST = {"title": 200, "text": 5_000, "i_can": 2_000}  # letters; a title as long as a target's short one
TALL = 90  # letters from which on a text gets more than one line


def languages_for(framework: Framework) -> list[tuple[str, str]]:
    """What Cairn is read in, after the language of the framework itself."""
    known = dict(settings.LANGUAGES)
    own = framework.language
    others = [(code, name) for code, name in known.items() if code.split("-")[0] != own.split("-")[0]]
    return [(own, known.get(own.split("-")[0], own)), *others]


class WordingForm(forms.Form):
    i_can = forms.CharField(
        label=gettext_lazy("In our words"),
        max_length=LONGEST_SENTENCE,
        error_messages={"required": gettext_lazy("Write the sentence first.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))

    def __init__(self, *args: Any, framework: Framework, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "language", languages_for(framework))
        self.fields["language"].initial = framework.language


class TranslationForm(forms.Form):
    """A text field for each text of each row. ``only`` is the key of a row whose own button was pressed.

    A text that nobody touched stays as it is now, not as it was when the page was opened.
    """

    only = forms.CharField(required=False)

    def __init__(self, *args: Any, rows: Sequence[Row], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            for text in row.texts:
                self.fields[_name(row, text)] = _text_field(row, text, language)

    def saved_rows(self) -> list[Row]:
        only = self.cleaned_data["only"]
        return [row for row in self.rows if not only or row.key == only]

    def texts_of(self, row: Row) -> dict[str, str]:
        return {text.name: self._text(_name(row, text), text.translated) for text in row.texts}

    def _text(self, name: str, now: str) -> str:
        is_untouched = self[name].html_initial_name in self.data and name not in self.changed_data
        return now if is_untouched else str(self.cleaned_data[name])

    def drawn(self) -> Iterator[tuple[Row, list[tuple[Text, forms.BoundField]]]]:
        """Each row with its texts and their fields."""
        for row in self.rows:
            yield row, [(text, self[_name(row, text)]) for text in row.texts]


def _name(row: Row, text: Text) -> str:
    return f"{row.key}.{text.name}"


def _text_field(row: Row, text: Text, language: str) -> forms.CharField:
    lines = 1 + min(len(text.original) // TALL, 5)
    return forms.CharField(
        label=_label(row, text),
        required=False,
        max_length=LONGEST[text.name],
        initial=text.translated,
        show_hidden_initial=True,
        widget=forms.Textarea(attrs={"rows": lines, "lang": language}),
    )


def _label(row: Row, text: Text) -> str:
    if isinstance(row.of, ContentArea):
        return _("Content area")
    if isinstance(row.of, GuideLevel):
        return _("Scoring guide")
    if isinstance(row.of, Topic) and text.name == "title":
        return _("Topic")
    return {"title": _("Title"), "text": _("Text"), "i_can": _("“I can” sentence")}[text.name]
