"""Who may do what: one table, action by action, of the relations that give it.

A relation says how a person stands to a student, a group or an organization. What each relation means,
with its dates, is written once in ``access.py``. What is not in this table is not allowed.
"""

from enum import StrEnum


class Relation(StrEnum):
    SELF = "the student"
    GUARDIAN = "a guardian of the student with unrestricted contact, until the student is 18"
    TEACHER = "a teacher or co-teacher of a group, from 30 days before to 14 days after"
    SUBSTITUTE = "a substitute in a group on the days named"
    CASE_MANAGER = "someone with the student on their dated caseload"
    LEADER = "a leader of the organization or of one above it"
    ADMINISTRATOR = "an administrator of the organization or of one above it"
    CURRICULUM_LEAD = "a curriculum lead of the organization or of one above it"
    MEMBER = "a student, guardian, teacher or role holder somewhere under the district"


class Action(StrEnum):
    VIEW_STUDENT = "see a student's levels and where they are"
    RECORD_MARK = "record, judge and undo a student's levels"
    VIEW_GROUP = "see a group and its grid"
    VIEW_SCHOOL = "see the groups of a school"
    VIEW_CURRICULUM = "read the curriculum"
    IMPORT_CURRICULUM = "bring in a curriculum"
    IMPORT_ROSTER = "bring in people and classes"
    RUN_IMPORT = "see what an import would do, and apply it"


R = Relation

POLICY: dict[Action, frozenset[Relation]] = {
    Action.VIEW_STUDENT: frozenset(
        {
            R.SELF,
            R.GUARDIAN,
            R.TEACHER,
            R.SUBSTITUTE,
            R.CASE_MANAGER,
            R.LEADER,
            R.ADMINISTRATOR,
        }
    ),
    Action.RECORD_MARK: frozenset({R.TEACHER}),
    Action.VIEW_GROUP: frozenset({R.TEACHER, R.SUBSTITUTE, R.LEADER, R.ADMINISTRATOR}),
    Action.VIEW_SCHOOL: frozenset({R.LEADER, R.ADMINISTRATOR}),
    Action.VIEW_CURRICULUM: frozenset({R.MEMBER}),
    Action.IMPORT_CURRICULUM: frozenset({R.ADMINISTRATOR, R.CURRICULUM_LEAD}),
    Action.IMPORT_ROSTER: frozenset({R.ADMINISTRATOR}),
    Action.RUN_IMPORT: frozenset({R.ADMINISTRATOR, R.CURRICULUM_LEAD}),
}

# To whom an action is refused with "you may see this, but not do that": by model, the action that shows a row of it.
# To all others the thing does not exist.
SEEING: dict[Action, dict[str, Action]] = {
    Action.RECORD_MARK: {"student": Action.VIEW_STUDENT, "group": Action.VIEW_GROUP},
}
