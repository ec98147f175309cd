"""Curriculum from files: CASE packages of 1EdTech, 1.0 and 1.1, and spreadsheets."""

from curriculum.imports.anyfile import import_curriculum
from curriculum.imports.apply import CaseReport, import_case
from curriculum.imports.case import read_package
from curriculum.imports.mapping import NO_RULES, Curriculum, Rules, map_package, propose_mapping
from curriculum.imports.objects import ObjectRow, objects_of, value_of
from curriculum.imports.package import CasePackage
from curriculum.imports.rules import read_rules, sort_of
from curriculum.imports.sheet_apply import import_sheet

__all__ = [
    "NO_RULES",
    "CasePackage",
    "CaseReport",
    "Curriculum",
    "ObjectRow",
    "Rules",
    "import_case",
    "import_curriculum",
    "import_sheet",
    "map_package",
    "objects_of",
    "propose_mapping",
    "read_package",
    "read_rules",
    "sort_of",
    "value_of",
]
