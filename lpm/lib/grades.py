"""School grades by their CEDS codes (Entry Grade Level), as OneRoster carries them."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# In the order in which students go through them; the codes at the end stand outside it.
GRADES: Final[dict[str, Promise]] = {
    "IT": _("Infants and toddlers"),
    "PR": _("Preschool"),
    "PK": _("Prekindergarten"),
    "TK": _("Transitional kindergarten"),
    "KG": _("Kindergarten"),
    "01": _("Grade 1"),
    "02": _("Grade 2"),
    "03": _("Grade 3"),
    "04": _("Grade 4"),
    "05": _("Grade 5"),
    "06": _("Grade 6"),
    "07": _("Grade 7"),
    "08": _("Grade 8"),
    "09": _("Grade 9"),
    "10": _("Grade 10"),
    "11": _("Grade 11"),
    "12": _("Grade 12"),
    "13": _("Grade 13"),
    "PS": _("After high school"),
    "AE": _("Adult education"),
    "UG": _("Ungraded"),
    "Other": _("Another grade"),
}
YEARS: Final = [code for code in GRADES if code.isdigit()][:12]
# Grade 13 is a further year of those who need one: nobody goes into it by themselves.
NEXT: Final[dict[str, str | None]] = {
    **dict(pairwise(["PR", "PK", "KG", *YEARS])),
    "TK": "KG",
    "12": None,
    "13": None,
}


def next_grade(code: str) -> str | None:
    """The grade of the year after; None after the last grade of school, which is 12, or 13.

    Any other code, "" among them, stays as it is.
    """
    return NEXT.get(code, code)


def grade_label(code: str) -> str:
    """The words for a code; one that is not in the list stands for itself."""
    return str(GRADES.get(code, code))
