from students.mastery.calculations import Cell
from students.mastery.queries.as_of import states_as_of
from students.mastery.queries.derive import (
    COUNT_FIELDS,
    STATE_FIELDS,
    RollUps,
    compute_roll_ups,
    compute_states,
    expected_states,
    find_differences,
    read_logs,
    states_of,
)
from students.mastery.queries.entry import EntryStep, StartTopic, read_entry_steps, read_start_topics
from students.mastery.queries.grid import Grid, GridCell, GridRow, GridTarget, find_topic, read_grid
from students.mastery.queries.judged import judgements_in_force
from students.mastery.queries.record import Choice, Guide, Seen, TargetRecord, read_guide, read_target_record
from students.mastery.queries.routes import NO_ROUTES, read_routes
from students.mastery.queries.trial import Trial, count_touched, find_tried, read_trial, try_on
from students.mastery.queries.ways import (
    Measure,
    WaysBook,
    measure_of,
    parameters_of,
    read_measures,
    scale_range,
    ways_for,
    ways_of,
)

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
    "Measure",
    "RollUps",
    "Seen",
    "StartTopic",
    "TargetRecord",
    "Trial",
    "WaysBook",
    "compute_roll_ups",
    "compute_states",
    "count_touched",
    "expected_states",
    "find_differences",
    "find_topic",
    "find_tried",
    "judgements_in_force",
    "measure_of",
    "parameters_of",
    "read_entry_steps",
    "read_grid",
    "read_guide",
    "read_logs",
    "read_measures",
    "read_routes",
    "read_start_topics",
    "read_target_record",
    "read_trial",
    "scale_range",
    "states_as_of",
    "states_of",
    "try_on",
    "ways_for",
    "ways_of",
]
