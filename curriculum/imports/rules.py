"""What sorts of items become, as a person wrote it down. No database."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from curriculum.enums import ItemKind
from curriculum.imports.mapping import LONGEST_TYPE, Rules, Sort
from curriculum.imports.reading import line, whole
from lpm.lib.imports import refusal

DEEPEST = 32767
MOST_RULES = 1000


def read_rules(value: Any) -> Rules:
    """Rules from a JSON list of ``{"type": …, "depth": …, "kind": …}``: type of the items ("" for none) in any case,
    depth from 1 under the document, kind one of ItemKind. Raises ImportRefused."""
    if not isinstance(value, list) or len(value) > MOST_RULES:
        raise refusal("bad_mapping", _("The mapping is not a list of rules with type, depth and kind."))
    return dict(_rule(entry, number) for number, entry in enumerate(value, start=1))


def sort_of(told: dict[str, Any]) -> Sort:
    """The sort that an entry of a report's ``sorts`` tells."""
    return line(told["type"]).casefold()[:LONGEST_TYPE], int(told["depth"])


def _rule(entry: Any, number: int) -> tuple[Sort, ItemKind]:
    raw = entry if isinstance(entry, dict) else {}
    depth, kind = whole(raw.get("depth")), line(raw.get("kind")).lower()
    if depth is None or not 1 <= depth <= DEEPEST or kind not in ItemKind.values:
        sentence = _("Rule %(number)d of the mapping needs a depth from 1 and a kind, one of: %(kinds)s.")
        raise refusal("bad_mapping", sentence % {"number": number, "kinds": ", ".join(ItemKind.values)})
    return (line(raw.get("type")).casefold()[:LONGEST_TYPE], depth), ItemKind(kind)
