"""What can be learned: frameworks of areas, topics and targets, with scales and scoring guides."""

from curriculum.models.exchange import CaseObject, MappingRule
from curriculum.models.frameworks import (
    ContentArea,
    Framework,
    FrameworkAdoption,
    FrameworkWriter,
    GuideLevel,
    Prerequisite,
    Target,
    Topic,
)
from curriculum.models.revisions import Change, Crosswalk, Revision, RevisionTrial
from curriculum.models.scales import Scale, ScaleLevel, translated
from curriculum.models.words import Comment, Translation, Wording

__all__ = [
    "CaseObject",
    "Change",
    "Comment",
    "ContentArea",
    "Crosswalk",
    "Framework",
    "FrameworkAdoption",
    "FrameworkWriter",
    "GuideLevel",
    "MappingRule",
    "Prerequisite",
    "Revision",
    "RevisionTrial",
    "Scale",
    "ScaleLevel",
    "Target",
    "Topic",
    "Translation",
    "Wording",
    "translated",
]
