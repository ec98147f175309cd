from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AssessmentKind(TextChoices):
    SCORE = "score", _("evidence")
    PRACTICE = "practice", _("practice check")
    SELF = "self", _("self-assessment")
    IMPORTED = "imported", _("brought in")
    OFFERED = "offered", _("seen by a substitute, not yet accepted")
    VOID = "void", _("taken back")


class JudgementKind(TextChoices):
    CONFIRMED = "confirmed", _("confirmed")
    SET = "set", _("set")
    AUTOMATIC = "automatic", _("automatic")
    EXCUSED = "excused", _("excused")
    ASSUMED = "assumed", _("assumed")
    LIFTED = "lifted", _("lifted")
    VOID = "void", _("taken back")


class MasteryStatus(TextChoices):
    """What stands where a number would; only ``LEVEL`` has one."""

    NOT_STARTED = "not_started", _("not started")
    NO_EVIDENCE = "no_evidence", _("no evidence yet")
    INSUFFICIENT = "insufficient", _("not enough evidence yet")
    EXCUSED = "excused", _("excused")
    ASSUMED = "assumed", _("starting point is further on")
    LEVEL = "level", _("level")


class Accommodation(TextChoices):
    """How a student was helped to show it, without help in what was shown."""

    READ_ALOUD = "read_aloud", _("read aloud")
    SCRIBE = "scribe", _("scribe")
    EXTRA_TIME = "extra_time", _("extra time")
    HOME_LANGUAGE = "home_language", _("home language")
    OTHER = "other", _("another accommodation")


class RemarkReason(TextChoices):
    """Why somebody judged another level than the evidence suggests, in one tap."""

    CONVERSATION = "conversation", _("talked it through together")
    OBSERVED = "observed", _("saw it in class")
    MORE_WORK = "more_work", _("other work shows more")
    HELPED = "helped", _("had help with it")
    OLD_EVIDENCE = "old_evidence", _("the older evidence no longer holds")
    ONE_OFF = "one_off", _("that was one unusual day")


class RequestState(TextChoices):
    WAITING = "waiting", _("waiting")
    ANSWERED = "answered", _("answered")
    RETURNED = "returned", _("something first")
    WITHDRAWN = "withdrawn", _("taken back")


class ChangeState(TextChoices):
    COUNTING = "counting", _("counting what would change")
    COUNTED = "counted", _("ready to be decided")
    WAITING = "waiting", _("waits for its day")
    RUNNING = "running", _("under way")
    DONE = "done", _("in force")
    DROPPED = "dropped", _("dropped")
    BROKEN = "broken", _("could not be finished")


class ProgressDimension(TextChoices):
    """By what the students of a school are told apart when they are counted."""

    ALL = "all", _("everybody")
    YEAR = "year", _("year")
    PROGRAMME = "programme", _("programme")
    LANGUAGE = "language", _("language at home")
    RACE = "race", _("race")
    HISPANIC = "hispanic", _("Hispanic or Latino")
    SEX = "sex", _("sex")
    AREA = "area", _("content area")


class GridMode(TextChoices):
    """What a level typed in the grid is."""

    LEVELS = "levels", _("Levels")
    EVIDENCE = "evidence", _("Evidence")
    PRACTICE = "practice", _("Practice")


class GridFilter(TextChoices):
    BELOW = "below", _("not yet proficient")
    FLAGGED = "flagged", _("new evidence since judged")
    QUIET = "quiet", _("not heard from in 10 school days")
