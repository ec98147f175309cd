"""A framework as a CASE package: what came in a file as it came, with what was written here since."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from curriculum.exports.complete import complete
from curriculum.exports.identifiers import server_address
from curriculum.exports.overlay import Overlay
from curriculum.exports.rows import moment_text, read_rows
from curriculum.exports.versions import raised, without_newer
from curriculum.models import Framework


@dataclass(frozen=True)
class Export:
    """``value`` is the JSON of the file, in the wrapper it came in; ``left_out`` counts what the version cannot say."""

    value: dict[str, Any]
    version: str
    left_out: Counter[str]

    @property
    def package(self) -> dict[str, Any]:
        inner: dict[str, Any] = self.value.get("CFPackage", self.value)
        return inner


def export_package(framework: Framework, version: str | None = None, *, server: str = "") -> Export:
    """All of the framework in ``version`` of CASE ("1.0", "1.1"), else in the one it came with.

    What came in a file and was not changed here is as it was in the file, every member, in its order. Members that
    CASE requires and the file lacked are added, addresses being those at ``server``. A constant number of queries;
    ``framework`` comes with its owner. Source: 1EdTech CASE 1.0 and 1.1, CFPackage.
    """
    rows = read_rows(framework)
    package = Overlay(rows).laid()
    told = version or framework.case_version
    left_out: Counter[str] = Counter()
    if told != framework.case_version or not rows.value:
        package = raised(package) if told == "1.1" else without_newer(package, left_out)
    complete(package, told, server or server_address(), moment_text(framework.imported_at))
    wrapped = {**rows.value, "CFPackage": package} if "CFPackage" in rows.value else package
    return Export(wrapped, told, left_out)
