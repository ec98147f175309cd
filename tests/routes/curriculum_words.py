"""Curricula in use, the words of schools and classes, translations, comments."""

from __future__ import annotations

from typing import Any

from curriculum.models import Comment, FrameworkAdoption, Wording
from tests.routes.common import HEADS, LEADS, PLACES, TEACHERS, Answers, Expected, writing
from tests.world import Place, World

ADOPTERS: dict[str, set[str]] = {
    "own": LEADS,
    "other_class": LEADS,
    "other_school": LEADS,
    "other_district": {"far_administrator"},
}
ADAPTERS: dict[str, set[str]] = {
    "own": HEADS | {"curriculum_lead"},
    "other_class": HEADS | {"curriculum_lead"},
    "other_school": {*LEADS, "teacher_here_leader_there"},
    "other_district": {"far_administrator"},
}
UNPACKERS: dict[str, set[str]] = {
    "own": TEACHERS,
    "other_class": set(),
    "other_school": set(),
    "other_district": {"far_teacher"},
}
NORTHERN_TEACHERS = TEACHERS | {"school_teacher"}  # of any class that uses the northern curriculum
STAFF = {
    *NORTHERN_TEACHERS, *HEADS, "curriculum_lead", "office", "privacy_officer", "substitute",
    "past_substitute",
}  # fmt: skip
COMMENTERS: dict[str, set[str]] = {
    "own": STAFF,
    "other_class": STAFF,
    "other_school": STAFF,
    "other_district": {"far_teacher", "far_administrator"},
}


def answering(who: dict[str, set[str]], status: int) -> Answers:
    return {place: {status: names} for place, names in who.items() if names}


EXPECTED: dict[str, Expected] = {
    "curriculum:adoption-choose": Expected({"own": {200: LEADS | {"far_administrator"}}}),
    "curriculum:adoption-list": Expected(answering(ADOPTERS, 200)),
    "curriculum:adoption-add": Expected(answering(ADOPTERS, 200)),
    "curriculum:adoption-end": Expected(answering(ADOPTERS, 200)),
    "curriculum:wording-list": Expected(answering(ADAPTERS, 200)),
    "curriculum:wording-topic": Expected(answering(ADAPTERS, 200)),
    "curriculum:wording-write": Expected(answering(ADAPTERS, 422), method="post"),
    "curriculum:wording-end": Expected(answering(ADAPTERS, 302), method="post"),
    "curriculum:unpack-choose": Expected(
        # a seminar is a class too, and whoever has two is asked
        {place: {302: {"school_teacher"}, 200: NORTHERN_TEACHERS - {"school_teacher"}} for place in PLACES[:3]}
        | {"other_district": {200: {"far_teacher"}}}
    ),
    "curriculum:unpack-show": Expected(answering(UNPACKERS, 200)),
    "curriculum:unpack-end": Expected(answering(UNPACKERS, 302), method="post"),
    "curriculum:translation-list": Expected(writing(200)),
    "curriculum:translation-edit": Expected(writing(200)),
    "curriculum:comment-list": Expected(answering(COMMENTERS, 200)),
    "curriculum:comment-desk": Expected(writing(200)),
    "curriculum:comment-answer": Expected(writing(302), method="post"),
    "curriculum:comment-settle": Expected(writing(302), method="post"),
}
MORE: list[tuple[str, Expected]] = [
    ("curriculum:adoption-add", Expected(answering(ADOPTERS, 422), method="post")),  # the district decided before
    ("curriculum:adoption-end", Expected(answering(ADOPTERS, 302), method="post")),
    (
        "curriculum:unpack-show",
        Expected(answering(UNPACKERS, 302), method="post", payload={"i_can": "I can", "language": "en"}),
    ),
    ("curriculum:translation-edit", Expected(writing(302), method="post")),
    ("curriculum:comment-list", Expected(answering(COMMENTERS, 302), method="post", payload={"text": "Words"})),
    ("curriculum:comment-desk", Expected(writing(302), method="post", payload={"text": "Words"})),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    """The district's adoption, a sentence of the school and one of the class, and something said."""
    target = place.targets[0]
    Wording.objects.get_or_create(target=target, organization=place.school, group=None, defaults={"i_can": "Ours"})
    Wording.objects.create(target=target, organization=place.school, group=place.group, i_can="Of our class")
    return {
        "adoption": FrameworkAdoption.objects.get(framework=place.framework, organization=place.district),
        "comment": Comment.objects.create(framework=place.framework, text="Is this in the right order?"),
    }
