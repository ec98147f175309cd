from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class OrganizationKind(TextChoices):
    CONSORTIUM = "consortium", _("consortium")
    DISTRICT = "district", _("district")
    SCHOOL = "school", _("school")
    TEAM = "team", _("team")


class GroupKind(TextChoices):
    CLASS = "class", _("class")
    ADVISORY = "advisory", _("advisory")
    SEMINAR = "seminar", _("seminar")


class Role(TextChoices):
    """What a role grant over an organization lets a person be there."""

    LEADER = "leader", _("school leader")
    ADMINISTRATOR = "administrator", _("district administrator")
    CURRICULUM_LEAD = "curriculum_lead", _("curriculum lead")
    OFFICE = "office", _("school office")
    PRIVACY_OFFICER = "privacy_officer", _("privacy officer")


class CaseloadKind(TextChoices):
    CASE_MANAGER = "case_manager", _("case manager")
    COUNSELOR = "counselor", _("counselor")
    THERAPIST = "therapist", _("therapist")
    LANGUAGE_TEACHER = "language_teacher", _("language teacher")


class CaseloadScope(TextChoices):
    """How much of a student somebody sees who has them on their caseload."""

    PROFILE = "profile", _("who they are, and their groups")
    RECORD = "record", _("the whole learning record")


class Audience(TextChoices):
    """Who reads a student's name."""

    CLASS = "class", _("at school")
    FAMILY = "family", _("at home")
    TRANSCRIPT = "transcript", _("on official papers")


class Part(TextChoices):
    """What a school turns on when it is ready, in the order in which schools do; later parts of Cairn add their own."""

    STUDENTS = "students", _("students see their own learning")
    FAMILIES = "families", _("families see their child’s learning")
    MESSAGES = "messages", _("students and families write to teachers")
    LETTERS = "letters", _("a letter to families every week")


class Sex(TextChoices):
    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("another")


class Race(TextChoices):
    """As OneRoster tells them apart, after the census of the United States."""

    INDIGENOUS = "indigenous", _("American Indian or Alaska Native")
    ASIAN = "asian", _("Asian")
    BLACK = "black", _("Black or African American")
    PACIFIC = "pacific", _("Native Hawaiian or Other Pacific Islander")
    WHITE = "white", _("White")


class Programme(TextChoices):
    """What a student takes part in beside the classes, as districts report it."""

    MULTILINGUAL = "multilingual", _("multilingual learners")
    SPECIAL_EDUCATION = "special_education", _("special education")
    SECTION_504 = "section_504", _("504 plan")
    GIFTED = "gifted", _("gifted and talented")
    MEALS = "meals", _("free or reduced-price meals")
    MIGRANT = "migrant", _("migrant education")


class BadgePurpose(TextChoices):
    SIGN_IN = "sign_in", _("badge")
    START = "start", _("start letter")


class StaffRole(TextChoices):
    TEACHER = "teacher", _("teacher")
    CO_TEACHER = "co_teacher", _("co-teacher")
    SUBSTITUTE = "substitute", _("substitute")


class TermKind(TextChoices):
    SEMESTER = "semester", _("semester")
    TERM = "term", _("term")
    GRADING_PERIOD = "grading_period", _("reporting period")


class ImportKind(TextChoices):
    CURRICULUM = "curriculum", _("curriculum (CASE)")
    ROSTER = "roster", _("people and classes (OneRoster)")


class ImportState(TextChoices):
    UPLOADED = "uploaded", _("waiting to be checked")
    CHECKING = "checking", _("being checked")
    CHECKED = "checked", _("checked, not yet applied")
    REFUSED = "refused", _("cannot be applied")
    QUEUED = "queued", _("waiting to be applied")
    APPLYING = "applying", _("being applied")
    APPLIED = "applied", _("applied")
