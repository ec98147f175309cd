"""What the app "people" does to its rows."""

from lpm.people.models import district_id_of
from lpm.people.services.organizations import (
    PARENT_KINDS,
    WrongParent,
    create_organization,
    place_organizations,
)
from lpm.people.services.roles import WrongDates, grant_role
from lpm.people.services.roster import (
    check_may_bring_in,
    deactivate_users,
    differing,
    end_rows,
    free_usernames,
    let_students_go,
    link_terms,
    one_at_a_time,
    receive_roster,
    record_roster,
    tell_moves,
    write_demographics,
    write_rows,
)
from lpm.people.services.users import create_user, record_failed_sign_in, record_sign_in, record_sign_out

__all__ = [
    "PARENT_KINDS",
    "WrongDates",
    "WrongParent",
    "check_may_bring_in",
    "create_organization",
    "create_user",
    "deactivate_users",
    "differing",
    "district_id_of",
    "end_rows",
    "free_usernames",
    "grant_role",
    "let_students_go",
    "link_terms",
    "one_at_a_time",
    "place_organizations",
    "receive_roster",
    "record_failed_sign_in",
    "record_roster",
    "record_sign_in",
    "record_sign_out",
    "tell_moves",
    "write_demographics",
    "write_rows",
]
