"""Static files by hashed names, also where one script imports another."""

from __future__ import annotations

from collections.abc import Callable
from re import Match
from typing import Any

from whitenoise.storage import (  # type: ignore[import-untyped]  # whitenoise has no types
    CompressedManifestStaticFilesStorage,
)

OURS = "js/"


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # as above
    """Each pass settles the names one import deeper; modules must not import each other in a circle."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20

    def url_converter(self, name: str, *args: Any, **options: Any) -> Callable[[Match[str]], str]:
        """Scripts of packages are left as they are: what we serve of them imports nothing."""
        if name.endswith(".js") and not name.startswith(OURS):
            return lambda found: found[0]
        converter: Callable[[Match[str]], str] = super().url_converter(name, *args, **options)
        return converter
