"""Where am I, what is next: for the student, and in plain words for the family."""

from students.home.views.early import early_page, early_want, pages_choose
from students.home.views.family import family_children, family_week
from students.home.views.student import student_path, student_topic

__all__ = [
    "early_page",
    "early_want",
    "family_children",
    "family_week",
    "pages_choose",
    "student_path",
    "student_topic",
]
