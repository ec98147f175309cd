from students.letters.queries.homes import (
    PARTS_NEEDED,
    Home,
    gets_letters,
    homes_by_email,
    homes_to_print,
    students_with_letters,
)
from students.letters.queries.learning import Learning, read_learning
from students.letters.queries.words import ChildPart, Letter, Line, write_letters

__all__ = [
    "PARTS_NEEDED",
    "ChildPart",
    "Home",
    "Learning",
    "Letter",
    "Line",
    "gets_letters",
    "homes_by_email",
    "homes_to_print",
    "read_learning",
    "students_with_letters",
    "write_letters",
]
