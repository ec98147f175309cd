from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FrameworkStatus(TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class Domain(TextChoices):
    """What kind of learning an area holds; they are planned together, and recorded and reported apart."""

    CONTENT = "content", _("content knowledge")
    REASONING = "reasoning", _("complex reasoning")
    HABITS = "habits", _("habits of mind")


class ItemKind(TextChoices):
    """What an item of a CASE package becomes here."""

    AREA = "area", _("content area")
    TOPIC = "topic", _("measurement topic")
    TOPIC_ACROSS = "topic_across", _("measurement topic, one across grades for all of the same title")
    TARGET = "target", _("learning target")
    PART = "part", _("part of a learning target")
    GROUP = "group", _("order and grouping only")


class ObjectKind(TextChoices):
    """The classes of CASE whose objects a package lists. PACKAGE is what stands beside the lists."""

    PACKAGE = "CFPackage", "CFPackage"
    DOCUMENT = "CFDocument", "CFDocument"
    ITEM = "CFItem", "CFItem"
    ASSOCIATION = "CFAssociation", "CFAssociation"
    RUBRIC = "CFRubric", "CFRubric"
    CONCEPT = "CFConcept", "CFConcept"
    SUBJECT = "CFSubject", "CFSubject"
    LICENSE = "CFLicense", "CFLicense"
    ITEM_TYPE = "CFItemType", "CFItemType"
    GROUPING = "CFAssociationGrouping", "CFAssociationGrouping"


class Subject(TextChoices):
    """What an edit is about."""

    FRAMEWORK = "framework", _("framework")
    AREA = "area", _("content area")
    TOPIC = "topic", _("measurement topic")
    TARGET = "target", _("learning target")


class ChangeKind(TextChoices):
    """What happens to a part of a curriculum, the gravest first where several do."""

    ADDED = "added", _("added")
    SPLIT = "split", _("split")
    MERGED = "merged", _("merged")
    RETIRED = "retired", _("retired")
    MOVED = "moved", _("moved")
    REWORDED = "reworded", _("reworded")


class RevisionStatus(TextChoices):
    DRAFT = "draft", _("being written")
    SCHEDULED = "scheduled", _("to be published")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Carries(TextChoices):
    """What follows from a target that ends to the one that takes its place."""

    LEVELS = "levels", _("evidence, and the level a teacher decided")
    EVIDENCE = "evidence", _("evidence; the level is suggested anew")
    NOTHING = "nothing", _("nothing; it stays where it was shown")


class TrialState(TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("under way")
    DONE = "done", _("done")
    BROKEN = "broken", _("could not be finished")
