from students.mastery.calculations import Cell
from students.mastery.queries.as_of import states_as_of
from students.mastery.queries.derive import (
    COUNT_FIELDS,
    STATE_FIELDS,
    MethodChoice,
    RollUps,
    compute_roll_ups,
    compute_states,
    expected_states,
    find_differences,
    method_for,
    methods_of,
    read_logs,
    scale_range,
    states_of,
)
from students.mastery.queries.entry import EntryStep, StartTopic, read_entry_steps, read_start_topics
from students.mastery.queries.grid import Grid, GridCell, GridRow, GridTarget, find_topic, read_grid
from students.mastery.queries.record import Choice, Guide, Seen, TargetRecord, read_guide, read_target_record
from students.mastery.queries.routes import NO_ROUTES, read_routes
from students.mastery.queries.trial import Trial, count_touched, find_tried, read_trial, try_on

__all__ = [
    "COUNT_FIELDS",
    "NO_ROUTES",
    "STATE_FIELDS",
    "Cell",
    "Choice",
    "EntryStep",
    "Grid",
    "GridCell",
    "GridRow",
    "GridTarget",
    "Guide",
    "MethodChoice",
    "RollUps",
    "Seen",
    "StartTopic",
    "TargetRecord",
    "Trial",
    "compute_roll_ups",
    "compute_states",
    "count_touched",
    "expected_states",
    "find_differences",
    "find_topic",
    "find_tried",
    "method_for",
    "methods_of",
    "read_entry_steps",
    "read_grid",
    "read_guide",
    "read_logs",
    "read_routes",
    "read_start_topics",
    "read_target_record",
    "read_trial",
    "scale_range",
    "states_as_of",
    "states_of",
    "try_on",
]
