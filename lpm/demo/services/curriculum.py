"""The curriculum of the district, from its files, and its "I can" sentences in the languages of the families."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from curriculum.enums import Domain
from curriculum.imports import import_case
from curriculum.models import ContentArea, Framework, Target
from curriculum.services.scales import Named, Numbers, create_scale, move_to_scale
from curriculum.services.words import TranslatedRow, save_translations
from lpm.demo.services.making import Making

DATA = Path(__file__).parents[1] / "data"
PACKAGES = ("penobscot.cfpackage.json", "penobscot-habits.cfpackage.json")
SENTENCES = DATA / "penobscot.sentences.json"
LEAST, MOST, STEP, PROFICIENT = Decimal("1.0"), Decimal("4.0"), Decimal("0.5"), Decimal("3.0")
# Marked as words of Cairn, so that families read them in their language; kept in English, as the files are.
HABITS_SAID = (_("rarely yet"), _("sometimes"), _("often"), _("consistently"))


def bring_in_curriculum(making: Making) -> None:
    """Habits are a framework of their own: they are told by a scale of their own."""
    for name in PACKAGES:
        import_case(data=(DATA / name).read_bytes(), owner=making.district, actor=None)
    _tell_habits_in_words(making)
    sentences = json.loads(SENTENCES.read_text(encoding="utf-8"))
    for framework in Framework.objects.filter(owner=making.district).select_related("owner").order_by("pk"):
        _translate(making, framework, sentences)


def _tell_habits_in_words(making: Making) -> None:
    area = ContentArea.objects.select_related("framework").get(domain=Domain.HABITS)
    with override("en"):
        names = [str(said) for said in HABITS_SAID]
    scale = create_scale(
        owner=making.district,
        name="How often a habit is seen",
        numbers=Numbers(LEAST, MOST, STEP, PROFICIENT),
        levels={LEAST + number: Named(name) for number, name in enumerate(names)},
        actor=None,
        day=making.day,
    )
    halves = [STEP * number for number in range(9)]
    levels = {level: max(level, LEAST) for level in halves}
    move_to_scale(framework=area.framework, scale=scale, levels=levels, actor=None, day=making.day)


def _translate(making: Making, framework: Framework, sentences: Mapping[str, Mapping[str, str]]) -> None:
    targets = [row for row in making.targets.values() if row.topic.area.framework_id == framework.pk]
    for language in sorted({language for said in sentences.values() for language in said}):
        rows = [_sentence(target, sentences.get(target.code, {}), language) for target in targets]
        save_translations(framework=framework, language=language, rows=rows, actor=None, day=making.day)


def _sentence(target: Target, said: Mapping[str, str], language: str) -> TranslatedRow:
    return TranslatedRow(target, {"i_can": said.get(language, "")})
