"""The associations and scoring guides of a CASE package, with every reference resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.calculations.circles import Edge, circle, closing
from curriculum.imports.package import CaseCriterion, CaseItem, CaseLevel, shortened
from curriculum.imports.reading import identifier_of, line, listed, text, whole, words
from lpm.lib.imports import Findings

LONGEST_CIRCLE_NAMED = 6


class Place(NamedTuple):
    """Under ``parent`` (an item or the document), at ``sequence`` beside its siblings."""

    parent: str
    sequence: int | None


class Names:
    """Who is meant by a reference: an object with ``identifier`` and ``uri``, or one of the two as text."""

    def __init__(self, document: str, items: Mapping[str, CaseItem], package: dict[str, Any]) -> None:
        self.document = document
        self.items = items
        raws = [package["CFDocument"], *package["CFItems"]]
        self._by_uri = {line(raw["uri"]): identifier_of(raw) for raw in raws if line(raw.get("uri"))}

    def find(self, reference: Any) -> str | None:
        """The identifier of the item or document meant; None when it is not in the package."""
        uri = reference.get("uri") if isinstance(reference, dict) else reference
        identifier = identifier_of(reference)
        if identifier in self.items or identifier == self.document:
            return identifier
        return self._by_uri.get(line(uri))

    def item(self, reference: Any) -> str | None:
        found = self.find(reference)
        return None if found == self.document else found

    def of(self, identifiers: Sequence[str], between: str) -> str:
        names = [self.items[identifier].name for identifier in identifiers]
        if len(names) > LONGEST_CIRCLE_NAMED:
            names[LONGEST_CIRCLE_NAMED - 1 : -1] = ["…"]
        return between.join(names)


@dataclass(slots=True)
class Links:
    """What the associations say, sorted by kind; ends are identifiers of the package."""

    names: Names
    parents: dict[str, list[Place]] = field(default_factory=dict)
    parents_elsewhere: dict[str, list[str]] = field(default_factory=dict)
    precedes: dict[Edge, None] = field(default_factory=dict)
    outside: int = 0

    def place(self, findings: Findings) -> tuple[CaseItem, ...]:
        """The items under their first parent in the file, at the top if it is elsewhere. Refuses circles."""
        self._tell_of_parents_elsewhere(findings)
        self._refuse_circle(findings)
        self._warn_of_orphans(findings)
        top = [Place(self.names.document, None)]
        items = self.names.items.values()
        return tuple(self._under(item, self.parents.get(item.identifier, top)[0]) for item in items)

    def in_sequence(self, findings: Findings) -> tuple[Edge, ...]:
        """(What comes before, what it opens), without the steps that would close a circle."""
        edges = list(self.precedes)
        left_out = set(closing(edges))
        for edge in edges:
            if edge in left_out:
                warn_of_circle(self.names.of(edge, " → "), findings)
        return tuple(edge for edge in edges if edge not in left_out)

    def warn_of_outside(self, findings: Findings) -> None:
        if self.outside:
            sentence = ngettext(
                "%(count)d link leads to something that is not in this package; it is kept for an export.",
                "%(count)d links lead to something that is not in this package; they are kept for an export.",
                self.outside,
            )
            findings.warn("outside_links", sentence % {"count": self.outside})

    def _under(self, item: CaseItem, place: Place) -> CaseItem:
        parent = None if place.parent == self.names.document else place.parent
        return replace(item, parent=parent, sequence=place.sequence)

    def _tell_of_parents_elsewhere(self, findings: Findings) -> None:
        for child, parents in self.parents_elsewhere.items():
            if child in self.parents:
                self.outside += len(parents)
            else:
                sentence = _("%(name)s belongs under %(parent)s, which is not in this package; it was put at the top.")
                facts = {"name": self.names.items[child].name, "parent": parents[0]}
                findings.warn("unresolved_parent", sentence % facts)

    def _refuse_circle(self, findings: Findings) -> None:
        edges = [(child, place.parent) for child, places in self.parents.items() for place in places]
        if around := circle(edges):
            sentence = _("These items are inside each other in a circle: %(circle)s.")
            findings.refuse("circle", sentence % {"circle": self.names.of(around, " › ")})

    def _warn_of_orphans(self, findings: Findings) -> None:
        placed = self.parents.keys() | self.parents_elsewhere.keys()
        orphans = [item for item in self.names.items.values() if item.identifier not in placed]
        if orphans:
            sentence = ngettext(
                "%(count)d item has no place in the framework (%(name)s); it was put at the top.",
                "%(count)d items have no place in the framework (such as %(name)s); they went to the top.",
                len(orphans),
            )
            findings.warn("no_parent", sentence % {"count": len(orphans), "name": orphans[0].name})


def warn_of_circle(step: str, findings: Findings) -> None:
    sentence = _("“Comes before” goes round in a circle; this step was left out: %(step)s.")
    findings.warn("circle_of_prerequisites", sentence % {"step": step})


def links_of(raw_associations: list[Any], names: Names) -> Links:
    links = Links(names)
    for raw in raw_associations:
        _sort_in(raw if isinstance(raw, dict) else {}, links)
    return links


def _shown(reference: Any) -> str:
    return shortened(identifier_of(reference)) or "?"


def _sort_in(raw: dict[str, Any], links: Links) -> None:
    kind = line(raw.get("associationType")).replace(" ", "").casefold()
    names, target = links.names, raw.get("destinationNodeURI")
    origin, destination = names.find(raw.get("originNodeURI")), names.find(target)
    if kind == "ischildof" and origin and origin in names.items:
        if destination:
            place = Place(destination, whole(raw.get("sequenceNumber")))
            links.parents.setdefault(origin, []).append(place)
        else:
            links.parents_elsewhere.setdefault(origin, []).append(_shown(target))
    elif origin is None or destination is None or kind == "ischildof":
        links.outside += 1
    elif kind == "precedes" and names.document not in (origin, destination):
        links.precedes[origin, destination] = None


def criteria_of(rubrics: list[Any], names: Names, findings: Findings) -> tuple[CaseCriterion, ...]:
    return tuple(
        criterion
        for rubric in rubrics
        if isinstance(rubric, dict)
        for raw in listed(rubric, "CFRubricCriteria", findings)
        if isinstance(raw, dict) and (criterion := _criterion(raw, names, findings))
    )


def _criterion(raw: dict[str, Any], names: Names, findings: Findings) -> CaseCriterion | None:
    reference = raw.get("CFItemURI")
    category = line(raw.get("category"))
    if reference is None:
        findings.warn(
            "criterion_without_item",
            _("A line of a scoring guide (%(name)s) names no target; it was left out.")
            % {"name": category or shortened(text(raw.get("description"))) or "?"},
        )
        return None
    item = names.item(reference)
    if item is None:
        sentence = _("A scoring guide is for %(item)s, which is not in this package.")
        findings.refuse("unresolved_criterion", sentence % {"item": _shown(reference)})
        return None
    raw_levels = listed(raw, "CFRubricCriterionLevels", findings)
    levels = [_level(level if isinstance(level, dict) else {}, item, names, findings) for level in raw_levels]
    return CaseCriterion(item, category, tuple(level for level in levels if level and level.description))


def _level(raw: dict[str, Any], item: str, names: Names, findings: Findings) -> CaseLevel | None:
    score = _score(raw.get("score"))
    if score is None:
        sentence = _("A level in the scoring guide of %(name)s has no number (score: %(score)s); it was left out.")
        given = shortened(text(raw.get("score"))) or _("empty")
        findings.warn("level_without_number", sentence % {"name": names.of([item], ""), "score": given})
        return None
    return CaseLevel(score, words(raw.get("description")) or words(raw.get("quality")))


def _score(raw: Any) -> Decimal | None:
    try:
        score = Decimal(text(raw))
    except InvalidOperation:
        return None
    return score if score.is_finite() and abs(score.adjusted()) < 30 else None
