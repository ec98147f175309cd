"""Curriculum from files: CASE packages of 1EdTech, 1.0 and 1.1."""

from curriculum.imports.apply import CaseReport, import_case
from curriculum.imports.case import read_package
from curriculum.imports.mapping import Curriculum, map_package
from curriculum.imports.package import CasePackage

__all__ = ["CasePackage", "CaseReport", "Curriculum", "import_case", "map_package", "read_package"]
