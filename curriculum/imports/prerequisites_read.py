"""Graphs of what comes before what, as two public ones are written, into pairs of codes. No database.

Source: the coherence map of Student Achievement Partners (achievethecore.org) and the graph of flywheelmath.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from curriculum.calculations.circles import Edge
from curriculum.imports.reading import line
from lpm.lib.imports import refusal

PREFIX = re.compile(r"^CCSS\.(MATH|ELA-LITERACY)\.(CONTENT\.|PRACTICE\.)?", re.IGNORECASE)
TOKENS = re.compile(r"[0-9]+|[^\W0-9_]+")
HIGH_SCHOOL = re.compile(r"^[ANFGS]$")
DEPENDS = "dependency"


@dataclass(frozen=True, slots=True)
class StepsRead:
    """``steps`` are (what comes before, what it opens) by code; ``undirected`` counts links that say no order."""

    steps: tuple[Edge, ...]
    undirected: int


def read_graph(value: Any) -> StepsRead:
    """The steps in the JSON of a coherence map (standards, clusters, domains, edges) or of a graph (nodes, links).

    Links that only relate two standards are counted and left out. Raises ImportRefused: wrong_graph.
    """
    if isinstance(value, dict) and isinstance(value.get("edges"), list) and isinstance(value.get("standards"), dict):
        return _coherence_map(value)
    if isinstance(value, dict) and isinstance(value.get("links"), list):
        return _graph(value)
    sentence = _(
        "This is neither a coherence map (standards and edges) nor a graph (nodes and links). Nothing changed."
    )
    raise refusal("wrong_graph", sentence)


def code_key(code: str) -> tuple[str, ...]:
    """What is the same in all spellings of a code: CCSS.Math.Content.3.NF.A.3c, 3-NF.A.3.c and 3.nf.a.3.C."""
    key = tuple(TOKENS.findall(PREFIX.sub("", code.strip()).upper()))
    if key and HIGH_SCHOOL.match(key[0]):  # A-REI.D.12 is HSA-REI.D.12
        return (f"HS{key[0]}", *key[1:])
    return (f"HS{key[1]}", *key[2:]) if key[:1] == ("HS",) and len(key) > 1 else key


def _coherence_map(value: dict[str, Any]) -> StepsRead:
    codes = dict(_codes(value))
    steps = [(_end(edge, "from", codes), _end(edge, "to", codes)) for edge in _dicts(value["edges"])]
    return StepsRead(_clean(steps), len(list(_dicts(value.get("nd_edges")))))


def _codes(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The code of each standard by its number: grade, domain, cluster and place in it."""
    clusters, domains = _table(value, "clusters"), _table(value, "domains")
    for number, standard in _table(value, "standards").items():
        cluster = clusters.get(line(standard.get("ccmathcluster_id")), {})
        domain = domains.get(line(cluster.get("ccmathdomain_id")), {})
        parts = [line(domain.get("grade")), *(line(part.get("ordinal")) for part in (domain, cluster, standard))]
        if all(parts):
            yield number, ".".join(parts)


def _end(edge: dict[str, Any], name: str, codes: dict[str, str]) -> str:
    number = line(edge.get(name))
    return codes.get(number, f"#{number}" if number else "")


def _graph(value: dict[str, Any]) -> StepsRead:
    links = list(_dicts(value["links"]))
    ordered = [link for link in links if line(link.get("type")).casefold() in {"", DEPENDS}]
    steps = [(_name(link.get("source")), _name(link.get("target"))) for link in ordered]
    return StepsRead(_clean(steps), len(links) - len(ordered))


def _name(end: Any) -> str:
    """The code of an end; some graphs put the node itself there."""
    return line(end.get("id") if isinstance(end, dict) else end)


def _clean(steps: Iterable[Edge]) -> tuple[Edge, ...]:
    return tuple(dict.fromkeys(step for step in steps if all(step)))


def _table(value: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
    table = value.get(key)
    return {name: row for name, row in table.items() if isinstance(row, dict)} if isinstance(table, dict) else {}


def _dicts(values: Any) -> Iterator[dict[str, Any]]:
    return (row for row in values if isinstance(row, dict)) if isinstance(values, list) else iter(())
