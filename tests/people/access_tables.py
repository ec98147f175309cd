"""Everybody who may do what, and where: by kind of row, action and place, with whole sets of people.

Several actions, or places, stand together where the same people may do them there.
"""

from __future__ import annotations

from datetime import date

from lpm.people.models import Student, User
from lpm.people.policy import Action

Row = tuple[set[Action], dict[str, str]]  # actions; places to the people there
Table = dict[Action, dict[str, str]]  # place to the people's names, with a word for those who often come together


def spread(*rows: Row) -> Table:
    """A row for each action, and in it each place for itself."""
    return {
        action: {place: words for places, words in people.items() for place in places.split()}
        for actions, people in rows
        for action in actions
    }


TOGETHER = {
    "TEACHERS": "teacher co_teacher teacher_here_leader_there teacher_from_afar",
    "FAMILY": "student guardian guardian_from_nowhere",
    "HEADS": "leader administrator",
    "LOOKING": "privacy_officer operator",
}


# What those do who lead a curriculum: administrators and curriculum leads.
LEADING = {
    Action.IMPORT_CURRICULUM,
    Action.RUN_IMPORT,
    Action.WRITE_CURRICULUM,
    Action.PUBLISH_CURRICULUM,
    Action.ADOPT_CURRICULUM,
    Action.SET_MASTERY,
}

STUDENTS = spread(
    (
        {Action.VIEW_STUDENT},
        {
            "own": "TEACHERS FAMILY HEADS LOOKING case_manager counselor substitute",
            "other_class": "HEADS LOOKING",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
            "grown": "TEACHERS HEADS LOOKING grown_student guardian_allowed substitute",
        },
    ),
    (
        {Action.VIEW_STAFF_NOTES},
        {
            "own": "TEACHERS HEADS LOOKING case_manager counselor substitute",
            "other_class": "HEADS LOOKING",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
            "grown": "TEACHERS HEADS LOOKING substitute",
        },
    ),
    (
        {Action.VOID_MARK},
        {
            "own grown": "TEACHERS HEADS",
            "other_class": "HEADS",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.TRANSLATE_WORDS},
        {
            "own": "TEACHERS HEADS case_manager",
            "grown": "TEACHERS HEADS",
            "other_class": "HEADS",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.CHOOSE_PAGES},
        {
            "own": "TEACHERS HEADS case_manager office",
            "grown": "TEACHERS HEADS office",
            "other_class": "HEADS office",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.WRITE_MESSAGE},
        {
            "own": "TEACHERS FAMILY case_manager",
            "grown": "TEACHERS grown_student guardian_allowed",
            "other_district": "far_teacher",
        },
    ),
    (
        {Action.OVERSEE_MESSAGES},
        {
            "own other_class grown": "HEADS privacy_officer",
            "other_school": "administrator privacy_officer teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.PAUSE_STRAND},
        {
            "own": "TEACHERS HEADS case_manager",
            "grown": "TEACHERS HEADS",
            "other_class": "HEADS",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.OFFER_MARK},
        {
            "own grown": "substitute",
        },
    ),
    (
        {Action.ASSESS_SELF},
        {
            "own": "student",
            "grown": "grown_student",
        },
    ),
    (
        {Action.SHARE_VIEW, Action.VIEW_PROGRESS},
        {
            "own other_class grown": "HEADS",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.RECORD_MARK, Action.UNPACK_TARGET},
        {
            "own grown": "TEACHERS",
            "other_district": "far_teacher",
        },
    ),
    (
        {Action.ADD_EVIDENCE},
        {
            "own other_class grown": "TEACHERS school_teacher",
            "other_district": "far_teacher",
        },
    ),
    (
        {Action.VIEW_PROFILE},
        {
            "own": "TEACHERS FAMILY HEADS LOOKING case_manager counselor narrow_caseload office substitute",
            "other_class": "HEADS LOOKING office",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
            "grown": "TEACHERS HEADS LOOKING grown_student guardian_allowed office substitute",
        },
    ),
    (
        {Action.VIEW_CONTACTS},
        {
            "own": "TEACHERS HEADS case_manager counselor office privacy_officer",
            "other_class": "HEADS office privacy_officer",
            "other_school": "administrator privacy_officer teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
            "grown": "TEACHERS HEADS office privacy_officer",
        },
    ),
    (
        {Action.MANAGE_STUDENT},
        {
            "own other_class grown": "HEADS office",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.ENROLL_STUDENT, Action.MANAGE_GROUP},
        {
            "own grown": "TEACHERS HEADS office",
            "other_class": "HEADS office",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.VIEW_ACCESS},
        {
            "own": "FAMILY HEADS privacy_officer",
            "other_class": "HEADS privacy_officer",
            "other_school": "administrator privacy_officer teacher_here_leader_there",
            "other_district": "far_administrator",
            "grown": "HEADS grown_student guardian_allowed privacy_officer",
        },
    ),
    (
        {Action.VIEW_ACCESS_IN_FULL, Action.EXPORT_PERSON, Action.ERASE_PERSON},
        {
            "own other_class other_school grown": "privacy_officer",
        },
    ),
    (
        {Action.ALLOW_GUARDIANS},
        {
            "own": "student",
            "grown": "grown_student",
        },
    ),
    (
        {Action.VIEW_GROUP},
        {
            "own grown": "TEACHERS HEADS LOOKING substitute",
            "other_class": "HEADS LOOKING",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.VIEW_SCHOOL, Action.VIEW_DIRECTORY},
        {
            "own other_class grown": "HEADS LOOKING office",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.CREATE_GROUP},
        {
            "own other_class grown": "TEACHERS HEADS office school_teacher",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.MANAGE_ORGANIZATION, Action.GRANT_ROLE, Action.IMPORT_ROSTER, Action.EXPORT_ROSTER},
        {
            "own other_class other_school grown": "administrator",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.MANAGE_STAFF, Action.ROLL_OVER},
        {
            "own other_class grown": "HEADS",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.VIEW_AUDIT},
        {
            "own other_class other_school grown": "administrator privacy_officer",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.VIEW_CURRICULUM},
        {
            "own other_class other_school grown": "operator",
        },
    ),
    (
        {Action.ADAPT_CURRICULUM},
        {
            "own other_class grown": "HEADS curriculum_lead",
            "other_school": "administrator curriculum_lead teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        LEADING,
        {
            "own other_class other_school grown": "administrator curriculum_lead",
            "other_district": "far_administrator",
        },
    ),
)
GROUPS = spread(
    (
        {Action.VIEW_STUDENT, Action.VIEW_GROUP, Action.VIEW_STAFF_NOTES},
        {
            "own": "TEACHERS HEADS LOOKING substitute",
            "other_class": "HEADS LOOKING",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.CHOOSE_PAGES},
        {
            "own": "TEACHERS HEADS office",
            "other_class": "HEADS office",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.OVERSEE_MESSAGES},
        {
            "own other_class": "HEADS privacy_officer",
            "other_school": "administrator privacy_officer teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.VOID_MARK, Action.PAUSE_STRAND, Action.TRANSLATE_WORDS},
        {
            "own": "TEACHERS HEADS",
            "other_class": "HEADS",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.OFFER_MARK},
        {
            "own": "substitute",
        },
    ),
    (
        {Action.RECORD_MARK, Action.ADD_EVIDENCE, Action.UNPACK_TARGET, Action.WRITE_MESSAGE},
        {
            "own": "TEACHERS",
            "other_district": "far_teacher",
        },
    ),
    (
        {Action.VIEW_PROFILE},
        {
            "own": "TEACHERS HEADS LOOKING office substitute",
            "other_class": "HEADS LOOKING office",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.VIEW_CONTACTS},
        {
            "own": "TEACHERS HEADS office privacy_officer",
            "other_class": "HEADS office privacy_officer",
            "other_school": "administrator privacy_officer teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.MANAGE_STUDENT, Action.CREATE_GROUP},
        {
            "own other_class": "HEADS office",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.ENROLL_STUDENT, Action.MANAGE_GROUP},
        {
            "own": "TEACHERS HEADS office",
            "other_class": "HEADS office",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.VIEW_ACCESS},
        {
            "own other_class": "HEADS privacy_officer",
            "other_school": "administrator privacy_officer teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.VIEW_ACCESS_IN_FULL, Action.EXPORT_PERSON, Action.ERASE_PERSON},
        {
            "own other_class other_school": "privacy_officer",
        },
    ),
    (
        {Action.VIEW_SCHOOL, Action.VIEW_DIRECTORY},
        {
            "own other_class": "HEADS LOOKING office",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.MANAGE_ORGANIZATION, Action.GRANT_ROLE, Action.IMPORT_ROSTER, Action.EXPORT_ROSTER},
        {
            "own other_class other_school": "administrator",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.MANAGE_STAFF, Action.ROLL_OVER, Action.SHARE_VIEW, Action.VIEW_PROGRESS},
        {
            "own other_class": "HEADS",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.VIEW_AUDIT},
        {
            "own other_class other_school": "administrator privacy_officer",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.VIEW_CURRICULUM},
        {
            "own other_class other_school": "operator",
        },
    ),
    (
        {Action.ADAPT_CURRICULUM},
        {
            "own other_class": "HEADS curriculum_lead",
            "other_school": "administrator curriculum_lead teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        LEADING,
        {
            "own other_class other_school": "administrator curriculum_lead",
            "other_district": "far_administrator",
        },
    ),
)
# Actions that a page does to a student; those on groups and organizations are looked up on these.
ABOUT_STUDENTS = {
    Action.VIEW_STUDENT,
    Action.RECORD_MARK,
    Action.ADD_EVIDENCE,
    Action.VIEW_PROFILE,
    Action.VIEW_CONTACTS,
    Action.MANAGE_STUDENT,
    Action.ENROLL_STUDENT,
    Action.VIEW_ACCESS,
    Action.VIEW_ACCESS_IN_FULL,
    Action.ALLOW_GUARDIANS,
    Action.EXPORT_PERSON,
    Action.ERASE_PERSON,
}


def names(words: str) -> set[str]:
    return {name for word in words.split() for name in TOGETHER.get(word, word).split()}


def sees(user: User, student: Student, day: date, action: Action = Action.VIEW_STUDENT) -> bool:
    return Student.objects.visible_to(user, action, day).filter(pk=student.pk).exists()
