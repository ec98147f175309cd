"""The curriculum of the district, from its file, and its "I can" sentences in the languages of the families."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from curriculum.enums import Domain
from curriculum.imports import import_case
from curriculum.models import ContentArea, Framework, Target
from curriculum.services.words import TranslatedRow, save_translations
from lpm.demo.services.making import Making

DATA = Path(__file__).parents[1] / "data"
PACKAGE = DATA / "penobscot.cfpackage.json"
SENTENCES = DATA / "penobscot.sentences.json"


def bring_in_curriculum(making: Making) -> None:
    data = PACKAGE.read_bytes()
    import_case(data=data, owner=making.district, actor=None)
    _tell_domains(json.loads(data))
    framework = Framework.objects.select_related("owner").get(owner=making.district)
    sentences = json.loads(SENTENCES.read_text(encoding="utf-8"))
    for language in sorted({language for said in sentences.values() for language in said}):
        rows = [_sentence(target, sentences.get(code, {}), language) for code, target in making.targets.items()]
        save_translations(framework=framework, language=language, rows=rows, actor=None, day=making.day)


def _sentence(target: Target, said: dict[str, str], language: str) -> TranslatedRow:
    return TranslatedRow(target, {"i_can": said.get(language, "")})


def _tell_domains(package: dict[str, Any]) -> None:
    """Which areas are reasoning and which are habits, as the file says in an extension."""
    for item in package["CFItems"]:
        domain = item.get("extensions", {}).get("lpm", {}).get("domain")
        if domain in Domain.values:
            ContentArea.objects.filter(case_identifier=item["identifier"]).exclude(domain=domain).update(domain=domain)
