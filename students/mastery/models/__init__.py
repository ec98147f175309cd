"""What students have shown. The logs are the record; states are made from them."""

from students.mastery.models.gradebook import GridView
from students.mastery.models.logs import Assessment, Judgement, Remark, WordsTranslation
from students.mastery.models.settings import (
    Crossing,
    MasterySettings,
    MethodRule,
    ScaleChange,
    ScaleStep,
    StrandPause,
)
from students.mastery.models.showing import Absence, ReadyRequest, Seminar, ShowingSession
from students.mastery.models.states import AreaMastery, MasteryState, SchoolProgress, TopicMastery

__all__ = [
    "Absence",
    "AreaMastery",
    "Assessment",
    "Crossing",
    "GridView",
    "Judgement",
    "MasterySettings",
    "MasteryState",
    "MethodRule",
    "ReadyRequest",
    "Remark",
    "ScaleChange",
    "ScaleStep",
    "SchoolProgress",
    "Seminar",
    "ShowingSession",
    "StrandPause",
    "TopicMastery",
    "WordsTranslation",
]
