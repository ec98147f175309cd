"""Who may do what: one table, action by action, of the relations that give it.

A relation says how a person stands to a student, a group, an organization or another person. What each relation
means, with its dates, is written once in ``access.py``. What is not in this table is not allowed.
"""

from enum import StrEnum

from lpm.people.enums import Part


class Relation(StrEnum):
    SELF = "the student"
    GUARDIAN = "a guardian with unrestricted contact, until the student comes of age, or longer if the student says so"
    HEARD_GUARDIAN = "a guardian whose contact is restricted, where the school lets them write to teachers all the same"
    TEACHER = "a teacher or co-teacher of a group, for some days before and after it, as the district says"
    SUBSTITUTE = "a substitute in a group on the days named"
    CASE_MANAGER = "a case manager or language teacher with the student on their dated caseload"
    COUNSELOR = "a counselor or therapist with the student on their dated caseload; families are not told of it"
    CASELOAD = "anybody with the student on their dated caseload, also where its scope is narrow"
    SCHOOL_TEACHER = "a teacher of any group of the student's school"
    LEADER = "a leader of the organization or of one above it"
    ADMINISTRATOR = "an administrator of the organization or of one above it"
    OFFICE = "the office of the organization or of one above it"
    CURRICULUM_LEAD = "a curriculum lead of the organization or of one above it"
    WRITER = "somebody named as a writer of the curriculum, for as long as it was said"
    PRIVACY_OFFICER = "the privacy officer of the organization or of one above it"
    OPERATOR = "an operator of the installation, in a session that is open, has a reason and ends"
    STAFF = "a teacher or role holder somewhere under the district"
    MEMBER = "a student, guardian, teacher or role holder somewhere under the district"


class Action(StrEnum):
    VIEW_STUDENT = "see a student's levels and where they are"
    RECORD_MARK = "record, judge and undo a student's levels"
    VIEW_STAFF_NOTES = "read what the staff says about a student’s levels among themselves, and levels at once"
    VOID_MARK = "take back what was recorded on an earlier day, with a reason"
    OFFER_MARK = "note what a student showed, for a teacher to accept"
    ASSESS_SELF = "say one’s own level, and ask to show what one can do"
    PAUSE_STRAND = "leave habits or reasoning out for a student"
    CHOOSE_PAGES = "say which pages a student has: those for early readers, or those for all"
    WRITE_MESSAGE = "write to a student, a guardian or a teacher about a student’s learning, and read the answers"
    OVERSEE_MESSAGES = "read what teachers, students and guardians write to each other"
    TRANSLATE_WORDS = "put what a teacher wrote about a student into another language"
    ADD_EVIDENCE = "add evidence on a student's target"
    VIEW_PROFILE = "see who a student is: names, school, groups"
    VIEW_CONTACTS = "see a student's guardians and households"
    MANAGE_STUDENT = "change a student, their guardians and caseloads; invite families; move, merge"
    ENROLL_STUDENT = "put a student into a group"
    VIEW_ACCESS = "see by role who can see a record, and who has seen it"
    VIEW_ACCESS_IN_FULL = "see by name who has seen a record"
    ALLOW_GUARDIANS = "say, once of age, which guardians go on seeing the record"
    EXPORT_PERSON = "take out everything that is kept about a person"
    ERASE_PERSON = "erase a person"
    VIEW_GROUP = "see a group and its grid"
    MANAGE_GROUP = "change a group, its students, teachers and substitutes"
    VIEW_SCHOOL = "see the groups of a school"
    VIEW_DIRECTORY = "see the students and staff of an organization"
    VIEW_PROGRESS = "see in counts how groups of students are doing"
    SHARE_VIEW = "give a school a view of the grid"
    SET_MASTERY = "choose how levels are made and shown"
    CREATE_GROUP = "make a group in a school"
    MANAGE_ORGANIZATION = "change an organization, its calendar and settings, and make those below it"
    MANAGE_STAFF = "add people and change their accounts; substitutes; hand over groups of somebody who leaves"
    GRANT_ROLE = "give and take roles over an organization"
    ROLL_OVER = "begin the next school year"
    VIEW_AUDIT = "read who did what in an organization"
    VIEW_CURRICULUM = "read the curriculum"
    COMMENT_CURRICULUM = "say something about a curriculum to those who write it"
    WRITE_CURRICULUM = "write a draft of a curriculum, and propose changes to a published one"
    PUBLISH_CURRICULUM = "publish a curriculum and its revisions, and name its writers"
    ADOPT_CURRICULUM = "say which curricula an organization uses"
    ADAPT_CURRICULUM = "say an “I can” sentence in the words of a school"
    UNPACK_TARGET = "say an “I can” sentence in the words of a class"
    IMPORT_CURRICULUM = "bring in a curriculum"
    IMPORT_ROSTER = "bring in people and classes"
    EXPORT_ROSTER = "take out people and classes"
    RUN_IMPORT = "see what an import would do, and apply it"


R = Relation
HEADS = frozenset({R.LEADER, R.ADMINISTRATOR})
OFFICES = HEADS | {R.OFFICE}
TEACHING = frozenset({R.TEACHER, R.SUBSTITUTE})
RECORD = frozenset({R.SELF, R.GUARDIAN, *TEACHING, R.CASE_MANAGER, R.COUNSELOR, *HEADS, R.PRIVACY_OFFICER, R.OPERATOR})

POLICY: dict[Action, frozenset[Relation]] = {
    # a student
    Action.VIEW_STUDENT: RECORD,
    Action.RECORD_MARK: frozenset({R.TEACHER}),
    Action.VIEW_STAFF_NOTES: RECORD - {R.SELF, R.GUARDIAN},
    Action.VOID_MARK: HEADS | {R.TEACHER},
    Action.OFFER_MARK: frozenset({R.SUBSTITUTE}),
    Action.ASSESS_SELF: frozenset({R.SELF}),
    Action.PAUSE_STRAND: HEADS | {R.TEACHER, R.CASE_MANAGER},
    Action.CHOOSE_PAGES: OFFICES | {R.TEACHER, R.CASE_MANAGER},
    Action.WRITE_MESSAGE: frozenset({R.SELF, R.GUARDIAN, R.HEARD_GUARDIAN, R.TEACHER, R.CASE_MANAGER}),
    Action.OVERSEE_MESSAGES: HEADS | {R.PRIVACY_OFFICER},
    Action.TRANSLATE_WORDS: HEADS | {R.TEACHER, R.CASE_MANAGER},
    Action.ADD_EVIDENCE: frozenset({R.TEACHER, R.SCHOOL_TEACHER}),
    Action.VIEW_PROFILE: RECORD | {R.CASELOAD, R.OFFICE},
    Action.VIEW_CONTACTS: OFFICES | {R.TEACHER, R.CASE_MANAGER, R.COUNSELOR, R.PRIVACY_OFFICER},
    Action.MANAGE_STUDENT: OFFICES,
    Action.ENROLL_STUDENT: OFFICES | {R.TEACHER},
    Action.VIEW_ACCESS: HEADS | {R.SELF, R.GUARDIAN, R.PRIVACY_OFFICER},
    Action.VIEW_ACCESS_IN_FULL: frozenset({R.PRIVACY_OFFICER}),
    Action.ALLOW_GUARDIANS: frozenset({R.SELF}),
    Action.EXPORT_PERSON: frozenset({R.PRIVACY_OFFICER}),
    Action.ERASE_PERSON: frozenset({R.PRIVACY_OFFICER}),
    # a group
    Action.VIEW_GROUP: TEACHING | HEADS | {R.PRIVACY_OFFICER, R.OPERATOR},
    Action.MANAGE_GROUP: OFFICES | {R.TEACHER},
    Action.UNPACK_TARGET: frozenset({R.TEACHER}),
    # an organization
    Action.VIEW_SCHOOL: OFFICES | {R.PRIVACY_OFFICER, R.OPERATOR},
    Action.VIEW_DIRECTORY: OFFICES | {R.PRIVACY_OFFICER, R.OPERATOR},
    Action.VIEW_PROGRESS: HEADS,
    Action.SHARE_VIEW: HEADS,
    Action.SET_MASTERY: frozenset({R.ADMINISTRATOR, R.CURRICULUM_LEAD}),
    Action.CREATE_GROUP: OFFICES | {R.SCHOOL_TEACHER},
    Action.MANAGE_ORGANIZATION: frozenset({R.ADMINISTRATOR}),
    Action.MANAGE_STAFF: HEADS,
    Action.GRANT_ROLE: frozenset({R.ADMINISTRATOR}),
    Action.ROLL_OVER: HEADS,
    Action.VIEW_AUDIT: frozenset({R.ADMINISTRATOR, R.PRIVACY_OFFICER}),
    Action.VIEW_CURRICULUM: frozenset({R.MEMBER, R.OPERATOR}),
    Action.COMMENT_CURRICULUM: frozenset({R.STAFF}),
    Action.WRITE_CURRICULUM: frozenset({R.ADMINISTRATOR, R.CURRICULUM_LEAD, R.WRITER}),
    Action.PUBLISH_CURRICULUM: frozenset({R.ADMINISTRATOR, R.CURRICULUM_LEAD}),
    Action.ADOPT_CURRICULUM: frozenset({R.ADMINISTRATOR, R.CURRICULUM_LEAD}),
    Action.ADAPT_CURRICULUM: HEADS | {R.CURRICULUM_LEAD},
    Action.IMPORT_CURRICULUM: frozenset({R.ADMINISTRATOR, R.CURRICULUM_LEAD}),
    Action.IMPORT_ROSTER: frozenset({R.ADMINISTRATOR}),
    Action.EXPORT_ROSTER: frozenset({R.ADMINISTRATOR}),
    # an import
    Action.RUN_IMPORT: frozenset({R.ADMINISTRATOR, R.CURRICULUM_LEAD}),
}

# What a relation gives only where the student's school has turned the part on. Staff wait for no part, and neither do
# the rights that law gives: to see who looks at a record, and to have it all.
OPENED_BY: dict[Action, dict[Relation, Part]] = {
    Action.VIEW_STUDENT: {R.SELF: Part.STUDENTS, R.GUARDIAN: Part.FAMILIES},
    Action.ASSESS_SELF: {R.SELF: Part.STUDENTS},
}

# To whom an action is refused with "you may see this, but not do that": by model, the action that shows a row of it.
# To all others the thing does not exist.
SEEING: dict[Action, dict[str, Action]] = {
    Action.RECORD_MARK: {"student": Action.VIEW_STUDENT, "group": Action.VIEW_GROUP},
    Action.VOID_MARK: {"student": Action.VIEW_STUDENT},
    Action.ASSESS_SELF: {"student": Action.VIEW_STUDENT},
    Action.PAUSE_STRAND: {"student": Action.VIEW_STUDENT},
    Action.CHOOSE_PAGES: {"student": Action.VIEW_STUDENT},
    Action.TRANSLATE_WORDS: {"student": Action.VIEW_STAFF_NOTES},
}
