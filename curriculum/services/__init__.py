"""What can be done to a curriculum."""

from curriculum.services.adoption import AdoptionRefused, adopt_framework, adopt_own, end_adoption
from curriculum.services.bring_in import (
    Batch,
    CurriculumChanges,
    bring_in_curriculum,
    check_may_bring_in,
    remember_mapping,
)
from curriculum.services.comments import CommentRefused, add_comment, answer_comment, settle_comment
from curriculum.services.edits import CircleOfPrerequisites, Edit, EditRefused, apply_edits, make_edits
from curriculum.services.endings import NewTarget, end_targets
from curriculum.services.publishing import publish_due, publish_revision, reopen_revision, schedule_revision
from curriculum.services.revisions import (
    RevisionOpen,
    RevisionRefused,
    describe_revision,
    open_revision,
    propose_revision,
    try_revision,
    undo_changes,
    withdraw_revision,
)
from curriculum.services.scales import create_default_scale, default_levels, default_scale, scale_for
from curriculum.services.sharing import SharingRefused, share_framework
from curriculum.services.words import (
    TranslatedRow,
    WordsRefused,
    end_words_of_class,
    end_words_of_school,
    save_translations,
    say_in_words_of_class,
    say_in_words_of_school,
)
from curriculum.services.writing import (
    add_piece,
    create_framework,
    end_writer,
    move_piece,
    name_writer,
    publish_framework,
    retire_piece,
    reword_framework,
    reword_piece,
)

__all__ = [
    "AdoptionRefused",
    "Batch",
    "CircleOfPrerequisites",
    "CommentRefused",
    "CurriculumChanges",
    "Edit",
    "EditRefused",
    "NewTarget",
    "RevisionOpen",
    "RevisionRefused",
    "SharingRefused",
    "TranslatedRow",
    "WordsRefused",
    "add_comment",
    "add_piece",
    "adopt_framework",
    "adopt_own",
    "answer_comment",
    "apply_edits",
    "bring_in_curriculum",
    "check_may_bring_in",
    "create_default_scale",
    "create_framework",
    "default_levels",
    "default_scale",
    "describe_revision",
    "end_adoption",
    "end_targets",
    "end_words_of_class",
    "end_words_of_school",
    "end_writer",
    "make_edits",
    "move_piece",
    "name_writer",
    "open_revision",
    "propose_revision",
    "publish_due",
    "publish_framework",
    "publish_revision",
    "remember_mapping",
    "reopen_revision",
    "retire_piece",
    "reword_framework",
    "reword_piece",
    "save_translations",
    "say_in_words_of_class",
    "say_in_words_of_school",
    "scale_for",
    "schedule_revision",
    "settle_comment",
    "share_framework",
    "try_revision",
    "undo_changes",
    "withdraw_revision",
]
