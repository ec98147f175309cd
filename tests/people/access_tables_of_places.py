"""Everybody who may do what to the rows of schools and districts; see ``access_tables``."""

from __future__ import annotations

from lpm.people.policy import Action
from tests.people.access_tables import LEADING, spread

STAFF = "TEACHERS HEADS curriculum_lead office past_substitute privacy_officer school_teacher substitute"
SCHOOLS = spread(
    (
        {Action.VIEW_STUDENT, Action.VIEW_GROUP, Action.VIEW_STAFF_NOTES},
        {
            "own other_class": "HEADS LOOKING",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.ADD_EVIDENCE},
        {
            "own other_class": "TEACHERS school_teacher",
            "other_district": "far_teacher",
        },
    ),
    (
        {Action.VIEW_PROFILE, Action.VIEW_SCHOOL, Action.VIEW_DIRECTORY},
        {
            "own other_class": "HEADS LOOKING office",
            "other_school": "LOOKING administrator teacher_here_leader_there",
            "other_district": "far_administrator",
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
        {Action.VIEW_CONTACTS},
        {
            "own other_class": "HEADS office privacy_officer",
            "other_school": "administrator privacy_officer teacher_here_leader_there",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.MANAGE_STUDENT, Action.ENROLL_STUDENT, Action.MANAGE_GROUP, Action.CHOOSE_PAGES},
        {
            "own other_class": "HEADS office",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator",
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
        {Action.CREATE_GROUP},
        {
            "own other_class": "TEACHERS HEADS office school_teacher",
            "other_school": "administrator teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
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
        {
            Action.MANAGE_STAFF,
            Action.ROLL_OVER,
            Action.SHARE_VIEW,
            Action.VIEW_PROGRESS,
            Action.VOID_MARK,
            Action.PAUSE_STRAND,
            Action.TRANSLATE_WORDS,
        },
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
            "own other_class": (
                "TEACHERS FAMILY HEADS LOOKING case_manager classmate counselor curriculum_lead "
                "grown_student guardian_allowed guardian_of_grown narrow_caseload office past_guardian "
                "past_leader past_substitute past_teacher past_writer restricted_guardian school_teacher "
                "substitute writer"
            ),
            "other_school": (
                "LOOKING administrator curriculum_lead guardian guardian_allowed guardian_of_grown "
                "past_guardian restricted_guardian teacher_here_leader_there"
            ),
            "other_district": "far_administrator far_teacher teacher_from_afar",
        },
    ),
    (
        {Action.COMMENT_CURRICULUM},
        {
            "own other_class": STAFF,
            "other_school": "administrator curriculum_lead privacy_officer teacher_here_leader_there",
            "other_district": "far_administrator far_teacher",
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
DISTRICTS = spread(
    (
        {
            Action.VIEW_STUDENT,
            Action.VIEW_STAFF_NOTES,
            Action.VIEW_PROFILE,
            Action.VIEW_GROUP,
            Action.VIEW_SCHOOL,
            Action.VIEW_DIRECTORY,
        },
        {
            "own": "LOOKING administrator",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.VIEW_CONTACTS, Action.VIEW_ACCESS, Action.VIEW_AUDIT, Action.OVERSEE_MESSAGES},
        {
            "own": "administrator privacy_officer",
            "other_district": "far_administrator",
        },
    ),
    (
        {
            Action.CHOOSE_PAGES,
            Action.MANAGE_STUDENT,
            Action.ENROLL_STUDENT,
            Action.MANAGE_GROUP,
            Action.CREATE_GROUP,
            Action.MANAGE_ORGANIZATION,
            Action.MANAGE_STAFF,
            Action.GRANT_ROLE,
            Action.ROLL_OVER,
            Action.IMPORT_ROSTER,
            Action.EXPORT_ROSTER,
            Action.SHARE_VIEW,
            Action.TRANSLATE_WORDS,
            Action.VIEW_PROGRESS,
            Action.VOID_MARK,
            Action.PAUSE_STRAND,
        },
        {
            "own": "administrator",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.VIEW_ACCESS_IN_FULL, Action.EXPORT_PERSON, Action.ERASE_PERSON},
        {
            "own": "privacy_officer",
        },
    ),
    (
        {Action.VIEW_CURRICULUM},
        {
            "own": (
                "TEACHERS FAMILY HEADS LOOKING case_manager classmate counselor curriculum_lead "
                "grown_student guardian_allowed guardian_of_grown narrow_caseload office past_guardian "
                "past_leader past_substitute past_teacher past_writer restricted_guardian school_teacher "
                "substitute writer"
            ),
            "other_district": "far_administrator far_teacher teacher_from_afar",
        },
    ),
    (
        {Action.COMMENT_CURRICULUM},
        {
            "own": STAFF,
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.ADAPT_CURRICULUM},
        {
            "own": "administrator curriculum_lead",
            "other_district": "far_administrator",
        },
    ),
    (
        LEADING,
        {
            "own": "administrator curriculum_lead",
            "other_district": "far_administrator",
        },
    ),
)
FRAMEWORKS = spread(
    (
        {Action.VIEW_CURRICULUM},
        {
            "own": (
                "TEACHERS FAMILY HEADS LOOKING case_manager classmate counselor curriculum_lead "
                "grown_student guardian_allowed guardian_of_grown narrow_caseload office past_guardian past_leader "
                "past_substitute past_teacher past_writer restricted_guardian school_teacher substitute writer"
            ),
            "other_district": "far_administrator far_teacher teacher_from_afar",
        },
    ),
    (
        {Action.COMMENT_CURRICULUM},
        {
            "own": STAFF,
            "other_district": "far_administrator far_teacher",
        },
    ),
    (
        {Action.WRITE_CURRICULUM},
        {
            "own": "administrator curriculum_lead writer",
            "other_district": "far_administrator",
        },
    ),
    (
        {Action.PUBLISH_CURRICULUM},
        {
            "own": "administrator curriculum_lead",
            "other_district": "far_administrator",
        },
    ),
)
