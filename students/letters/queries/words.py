"""A week's letter in words: three lines, what needs a look first; one piece of work; one question to ask tonight.

Sentences are short and plain (grade 6), and name no level and no code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from curriculum.models import Target
from curriculum.queries.words import Sentence, Whose, sentence_for
from lpm.people.enums import Audience
from lpm.people.models import Student
from students.letters.calculations import form_of_week
from students.letters.queries.homes import Home
from students.letters.queries.learning import Learning, Moved
from students.mastery.queries.words import Words

LONG_QUIET = timedelta(days=21)
Sentences = Mapping[int, Sentence]  # by target


@dataclass(frozen=True)
class Quote:
    """What is quoted, in its own language; ``by`` says who wrote it, "" of an “I can” sentence."""

    text: str
    language: str = ""
    by: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a letter, with what it quotes. ``icon`` and ``tone`` are of the page."""

    title: str
    text: str
    quotes: tuple[Quote, ...] = ()
    icon: str = "map"
    tone: str = "pine"


@dataclass(frozen=True)
class ChildPart:
    """What a letter says of one child."""

    student: Student
    name: str
    lines: list[Line]
    work: Line | None
    question: Line | None

    @property
    def every_line(self) -> list[Line]:
        return [*self.lines, *(line for line in (self.work, self.question) if line)]


@dataclass(frozen=True)
class Letter:
    home: Home
    week: str
    children: list[ChildPart]

    @property
    def language(self) -> str:
        return self.home.language


def write_letters(homes: Collection[Home], learning: Mapping[int, Learning], day: date) -> list[Letter]:
    """A letter for each home, in its language. In 1 query, and at most 4 for each school and language among them."""
    said = _read_sentences(homes, learning)
    return [_letter(home, learning, said, day) for home in homes]


def _letter(
    home: Home, learning: Mapping[int, Learning], said: Mapping[tuple[int, str], Sentences], day: date
) -> Letter:
    with override(home.language):
        children = [
            _child(learning[child.pk], said.get((child.school_id, home.language), {}), day, number)
            for number, child in enumerate(home.children)
        ]
        monday = date_format(day - timedelta(days=day.weekday()), "MONTH_DAY_FORMAT")
        return Letter(home, _("Week of %(day)s") % {"day": monday}, children)


def _read_sentences(
    homes: Iterable[Home], learning: Mapping[int, Learning]
) -> dict[tuple[int, str], dict[int, Sentence]]:
    """What the targets are called, for each school and language: in words of the school, if these are in the
    language; else in translation."""
    wanted: dict[tuple[int, str], set[int]] = defaultdict(set)
    for home in homes:
        for child in home.children:
            wanted[child.school_id, home.language] |= learning[child.pk].target_ids
    targets = Target.objects.in_bulk({pk for pks in wanted.values() for pk in pks})
    return {
        (school, language): _said([targets[pk] for pk in pks], school, language)
        for (school, language), pks in wanted.items()
    }


def _said(targets: list[Target], school: int, language: str) -> dict[int, Sentence]:
    said = sentence_for(targets, organization=school, group=None, language=language)
    foreign = [target for target in targets if _is_foreign(said[target.pk], language)]
    for target, other in sentence_for(foreign, organization=0, group=None, language=language).items():
        if other.language == language:
            said[target] = other
    return said


def _is_foreign(sentence: Sentence, language: str) -> bool:
    return sentence.whose == Whose.SCHOOL and sentence.language != language


# One child


def _child(one: Learning, said: Sentences, day: date, number: int) -> ChildPart:
    name = one.student.first_name_for(Audience.FAMILY)
    needs = _needs(one, name, said, day)
    others = [_changed(one, name, said), _next(one, name, said)]
    calm = Line(_("What needs a look"), _("Nothing needs a look this week."), icon="check")
    lines = [needs, *others] if needs else [others[0], calm, others[1]]
    return ChildPart(one.student, name, lines, _work(one, name, said), _question(one, name, said, day, number))


def _quote(said: Sentences, target: int | None) -> tuple[Quote, ...]:
    sentence = said.get(target or 0)
    return (Quote(sentence.text, sentence.language),) if sentence else ()


def _quote_words(words: Words | None, by: str, language: str) -> tuple[Quote, ...]:
    """In translation where a person made one for this reader."""
    if not words:
        return ()
    other = words.translated(language)
    return (Quote(other.text, other.language, by),) if other else (Quote(words.text, words.language, by),)


def _needs(one: Learning, name: str, said: Sentences, day: date) -> Line | None:
    """The first that there is of: something asked for, a level that fell, a long silence, what was left alone."""
    title = _("What needs a look")
    if one.returned:
        text = _("%(teacher)s asks %(name)s for something first, before the next try.")
        words = _quote_words(one.returned.words, one.returned.by, _language())
        text = text % {"teacher": one.returned.by or _("A teacher"), "name": name}
        return Line(title, text, (*_quote(said, one.returned.target_id), *words), "chat", "honey")
    if fallen := next((moved for moved in one.moved if not moved.is_up), None):
        text = _("This looked different this time. That is normal while learning.")
        return Line(title, text, _quote(said, fallen.target_id), "steady", "sky")
    if silence := _silence(one, day):
        return Line(title, silence % {"name": name}, icon="clock", tone="honey")
    if one.due_count:
        text = ngettext(
            "%(n)s thing that %(name)s could do long ago is worth another look.",
            "%(n)s things that %(name)s could do long ago are worth another look.",
            one.due_count,
        )
        return Line(title, text % {"n": one.due_count, "name": name}, icon="undo", tone="sky")
    return None


def _language() -> str:
    return get_language() or ""


def _silence(one: Learning, day: date) -> str:
    if one.last_on is None:
        return "" if one.moved else _("No teacher has noted anything about %(name)s yet. You can ask how it is going.")
    if day - one.last_on < LONG_QUIET:
        return ""
    return _("Nothing new was noted about %(name)s for three weeks or more. You can ask a teacher how it is going.")


def _changed(one: Learning, name: str, said: Sentences) -> Line:
    title = _("What changed")
    met = [moved for moved in one.moved if moved.is_newly_met]
    up = [moved for moved in one.moved if moved.is_up and not moved.is_newly_met and not moved.is_first]
    first = [moved for moved in one.moved if moved.is_first and not moved.is_newly_met]
    for rows, words in ((met, _met), (up, _up), (first, _first)):
        if rows:
            return Line(title, words(len(rows)) % {"n": len(rows), "name": name}, _quotes(rows, said), "ahead")
    return Line(title, _("Nothing new this week. Learning takes time."), icon="steady", tone="sky")


def _quotes(rows: Iterable[Moved], said: Sentences) -> tuple[Quote, ...]:
    """The newest of them; a letter is short."""
    return _quote(said, next(iter(rows)).target_id)


def _met(count: int) -> str:
    return ngettext("%(name)s can do %(n)s new thing.", "%(name)s can do %(n)s new things. One of them:", count)


def _up(count: int) -> str:
    return ngettext("%(name)s moved up in %(n)s thing.", "%(name)s moved up in %(n)s things. One of them:", count)


def _first(count: int) -> str:
    return ngettext("%(name)s began %(n)s new thing.", "%(name)s began %(n)s new things. One of them:", count)


def _next(one: Learning, name: str, said: Sentences) -> Line:
    title = _("What comes next")
    if one.here is not None:
        text = _("%(name)s works on this:") % {"name": name}
        return Line(title, text, _quote(said, one.here), "flag", "honey")
    if one.is_started:
        text = _("%(name)s has done everything that was begun. A teacher helps to choose the next step.")
    else:
        text = _("A teacher helps %(name)s to choose the first step.")
    return Line(title, text % {"name": name}, icon="flag", tone="honey")


def _work(one: Learning, name: str, said: Sentences) -> Line | None:
    if one.work is None:
        return None
    day = date_format(one.work.on, "MONTH_DAY_FORMAT")
    text = _("On %(day)s %(name)s showed this:") if one.work.is_met else _("On %(day)s %(name)s worked on this:")
    quotes = (*_quote(said, one.work.target_id), *_quote_words(one.work.words, one.work.by, _language()))
    return Line(_("One piece of work"), text % {"day": day, "name": name}, quotes, "star")


def _question(one: Learning, name: str, said: Sentences, day: date, number: int) -> Line | None:
    """Made of the target at hand; another form every week."""
    if one.here is None:
        return None
    ask: Callable[[], str] = form_of_week(QUESTIONS, day, number)
    return Line(_("Ask tonight"), ask() % {"name": name}, _quote(said, one.here), "talk", "plum")


QUESTIONS: tuple[Callable[[], str], ...] = (
    lambda: _("%(name)s, can you teach me how to do this?"),
    lambda: _("%(name)s, which part of this is easy for you, and which part is hard?"),
    lambda: _("%(name)s, where could we use this at home?"),
    lambda: _("%(name)s, can you draw or show me what this looks like?"),
    lambda: _("%(name)s, what did you try first, and what did you change?"),
    lambda: _("%(name)s, how would you explain this to a younger child?"),
    lambda: _("%(name)s, how will you know that you can do this?"),
)
