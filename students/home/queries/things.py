"""What an early reader works on: one thing at a time, with a picture, stones for the level, and no figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from curriculum.enums import Domain
from curriculum.models import GuideLevel, Scale, Target
from students.home.queries.areas import TopicView, next_above
from students.mastery.calculations import State

MOST_DONE = 6
STONES = 4
NEW = gettext_lazy("This is new.")
WORDS: Sequence[str | Promise] = (
    gettext_lazy("You are looking for a way in."),
    gettext_lazy("You have started."),
    gettext_lazy("You are getting there."),
    gettext_lazy("You can do this."),
    gettext_lazy("You can do this, and more."),
)
# Which picture stands for an area, by what its title says in the languages of the pages.
PICTURES: Mapping[str, tuple[str, ...]] = {
    "blocks": ("math", "matem", "mathé", "number", "número", "nombre"),
    "book": ("english", "language", "read", "lit", "inglés", "lengua", "lect", "anglais", "langue"),
    "sprout": ("scien", "cienc", "nature"),
    "paint": ("art", "arte", "music", "músic", "musiq"),
    "ball": ("health", "physical", "sport", "salud", "física", "santé"),
    "globe": ("social", "history", "world", "histor", "mundo", "monde", "hist"),
}


@dataclass(frozen=True)
class Stones:
    """A level as a pile of stones: three is proficient, four is as far as the scale goes. ``words`` says it."""

    count: int
    words: str | Promise


@dataclass(frozen=True)
class Thing:
    """One thing to work on, and ``left``, what the next level of its guide looks like."""

    place: TopicView
    target: Target
    picture: str
    stones: Stones
    left: str


def stones_of(level: Decimal | None, scale: Scale) -> Stones:
    if level is None:
        return Stones(0, NEW)
    if level >= scale.proficient:
        count = STONES if level >= scale.high > scale.proficient else STONES - 1
    else:
        count = max(0, int((STONES - 1) * (level - scale.low) / (scale.proficient - scale.low)))
    return Stones(count, WORDS[count])


def picture_of(title: str) -> str:
    words = title.casefold().split()
    return next((name for name, known in PICTURES.items() if any(w.startswith(known) for w in words)), "trail")


def read_things(places: Iterable[TopicView]) -> list[Thing]:
    """In 1 query."""
    found = [(place, place.here) for place in places if place.here]
    guides: dict[int, dict[Decimal, GuideLevel]] = {}
    for row in GuideLevel.objects.filter(target__in=[target for _place, target in found]):
        guides.setdefault(row.target_id or 0, {})[row.value] = row
    return [_thing(place, target, guides.get(target.pk, {})) for place, target in found]


def _thing(place: TopicView, target: Target, guide: Mapping[Decimal, GuideLevel]) -> Thing:
    scale = place.topic.area.framework.scale
    left = next_above(guide, place.level, scale)
    stones = stones_of(place.level, scale)
    return Thing(place, target, picture_of(place.topic.area.title), stones, left.description if left else "")


def read_done(states: Mapping[int, State]) -> list[Target]:
    """What the student can do, the newest first: a few of it, in 1 query."""
    met = {pk: state.last_performed_on for pk, state in states.items() if state.is_proficient}
    rows = Target.objects.current().filter(pk__in=met, topic__area__domain=Domain.CONTENT)
    rows = rows.select_related("topic__area")
    return sorted(rows, key=lambda row: (met[row.pk] or date.min, row.pk), reverse=True)[:MOST_DONE]
