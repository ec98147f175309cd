"""What pages that join several apps do: bringing in files, and fetching them."""

from lpm.home.services.drops import DropRefused, look_into_drop, set_drop, sweep_drops
from lpm.home.services.imports import (
    BRINGING_IN,
    MOST_ATTEMPTS,
    STALE_AFTER,
    EndsNotAccepted,
    NotReady,
    apply_import,
    choose_mapping,
    only_worker,
    process_import,
    start_import,
    sweep_imports,
)

__all__ = [
    "BRINGING_IN",
    "MOST_ATTEMPTS",
    "STALE_AFTER",
    "DropRefused",
    "EndsNotAccepted",
    "NotReady",
    "apply_import",
    "choose_mapping",
    "look_into_drop",
    "only_worker",
    "process_import",
    "set_drop",
    "start_import",
    "sweep_drops",
    "sweep_imports",
]
