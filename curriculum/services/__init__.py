"""What can be done to a curriculum."""

from curriculum.services.adoption import adopt_own
from curriculum.services.bring_in import Batch, CurriculumChanges, bring_in_curriculum, check_may_bring_in
from curriculum.services.edits import CircleOfPrerequisites, Edit, EditRefused, apply_edits, make_edits
from curriculum.services.scales import create_default_scale, default_levels, default_scale, scale_for

__all__ = [
    "Batch",
    "CircleOfPrerequisites",
    "CurriculumChanges",
    "Edit",
    "EditRefused",
    "adopt_own",
    "apply_edits",
    "bring_in_curriculum",
    "check_may_bring_in",
    "create_default_scale",
    "default_levels",
    "default_scale",
    "make_edits",
    "scale_for",
]
