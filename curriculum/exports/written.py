"""Rows that were written here, as objects of CASE 1.1. No database."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from curriculum.enums import Domain, FrameworkStatus
from curriculum.models import ContentArea, Framework, Target, Topic

ADOPTION = {
    FrameworkStatus.DRAFT: "Draft",
    FrameworkStatus.PUBLISHED: "Adopted",
    FrameworkStatus.RETIRED: "Deprecated",
}


def put(raw: dict[str, Any], **members: Any) -> None:
    """Set the members; those that are empty go."""
    for key, value in members.items():
        if value in ("", None, []):
            raw.pop(key, None)
        else:
            raw[key] = value


def put_ours(raw: dict[str, Any], key: str, value: str) -> None:
    """Set one of our own extensions, beside those of others."""
    given = raw.get("extensions")
    extensions = dict(given) if isinstance(given, dict) else {}
    ours = extensions.get("lpm")
    lpm = {**(ours if isinstance(ours, dict) else {}), key: value}
    if not value:
        del lpm[key]
    extensions["lpm"] = lpm
    if not lpm:
        del extensions["lpm"]
    put(raw, extensions=extensions or None)


def document_object(framework: Framework) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "identifier": framework.case_identifier,
        "creator": framework.creator or framework.owner.name,
        "title": framework.title,
    }
    put(
        raw,
        version=framework.version,
        language=framework.language,
        notes=framework.notes,
        adoptionStatus=ADOPTION[FrameworkStatus(framework.status)],
    )
    if framework.published_on:
        raw["statusStartDate"] = str(framework.published_on)
    return raw


def area_object(area: ContentArea) -> dict[str, Any]:
    raw = {"identifier": area.case_identifier, "fullStatement": area.title, "CFItemType": "Content Area"}
    say_domain(raw, area)
    return raw


def say_domain(raw: dict[str, Any], area: ContentArea) -> None:
    put_ours(raw, "domain", "" if area.domain == Domain.CONTENT else area.domain)


def topic_object(topic: Topic) -> dict[str, Any]:
    raw = {"identifier": topic.case_identifier, "fullStatement": topic.title, "CFItemType": "Measurement Topic"}
    put(raw, humanCodingScheme=topic.code, notes=topic.description)
    return raw


def target_object(target: Target) -> dict[str, Any]:
    raw = {
        "identifier": target.case_identifier,
        "fullStatement": target.statement,
        "CFItemType": "Component" if target.part_of_id else "Learning Target",
    }
    put(
        raw,
        humanCodingScheme=target.code,
        abbreviatedStatement=target.short_title,
        language=target.language,
        educationLevel=list(target.grades),
    )
    put_ours(raw, "iCan", target.i_can)
    return raw


def level_object(identifier: str, value: Decimal, description: str) -> dict[str, Any]:
    return {"identifier": identifier, "description": description, "score": number(value)}


def rubric_object(
    identifier: str, criterion: str, item: dict[str, Any], levels: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    """A scoring guide for one item, which ``item`` links to: one criterion."""
    numbered = [{**level, "position": place} for place, level in enumerate(levels, start=1)]
    told = {"identifier": criterion, "CFItemURI": item, "position": 1, "CFRubricCriterionLevels": numbered}
    return {"identifier": identifier, "title": item["title"], "CFRubricCriteria": [told]}


def number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
