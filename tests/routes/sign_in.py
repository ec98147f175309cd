"""Ways in, one's own account, badges."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.routes.common import HEADS, PLACES, SOUTH, TEACHERS, Answers, Expected
from tests.routes.staff import heading
from tests.routes.students import managing as managing_students
from tests.world import Place, World

OFFICES = HEADS | {"office"}
MANAGED: dict[str, set[str]] = {
    "own": TEACHERS | OFFICES,
    "other_class": OFFICES,
    "other_school": {"teacher_here_leader_there", "administrator"},
    "other_district": SOUTH,
}


def managing(own: int, elsewhere: int) -> Answers:
    return {place: {own if place == "own" else elsewhere: MANAGED[place]} for place in PLACES}


def anybody(signed_in: int, anonymous: int, method: str = "get") -> Expected:
    return Expected(is_public=True, rest=signed_in, anonymous=anonymous, method=method, accept="text/html")


def oneself(status: int, method: str = "get") -> Expected:
    return Expected(rest=status, method=method, accept="text/html")


EXPECTED: dict[str, Expected] = {
    "account_login": anybody(302, 200),
    "account_request_login_code": anybody(302, 200),
    "account_confirm_login_code": anybody(302, 302),
    "mfa_login_webauthn": anybody(302, 302),
    "mfa_authenticate": anybody(302, 302),
    "openid_connect_login": anybody(404, 404),  # of a provider that is not set up
    "openid_connect_callback": anybody(404, 404),
    "account_reset_password": anybody(200, 200),
    "account_confirm_password_reset_code": anybody(302, 302),
    "account_complete_password_reset": anybody(302, 302),
    "mfa_index": oneself(200),
    "usersessions_list": oneself(200),
    "account_change_password": oneself(200),
    "account_set_password": oneself(302),  # they have one
    "account_reauthenticate": oneself(200),
    "mfa_reauthenticate": oneself(302),  # by password, since they have no second step
    "mfa_reauthenticate_webauthn": oneself(302),
    "mfa_activate_totp": oneself(302),  # to the password, first
    "mfa_deactivate_totp": oneself(404),
    "mfa_add_webauthn": oneself(302),
    "mfa_view_recovery_codes": oneself(404),
    "mfa_generate_recovery_codes": oneself(302),
    "people:key-remove": oneself(302, "post"),
    "people:session-end": oneself(302, "post"),
    "people:badge-sign-in": anybody(200, 200),
    "people:group-badges": Expected(managing(200, 200)),
    "people:group-badges-revoke": Expected(managing(302, 422), method="post"),
    "people:start": anybody(200, 200),
    "people:start-password": anybody(302, 302),
    "people:start-letter": Expected(heading(302), method="post"),
    "people:second-step-remove": Expected(heading(302), method="post"),
    "people:student-start-letter": Expected(managing_students(302), method="post"),
    "people:group-start-letters": Expected(managing_students(200)),
}
MORE: list[tuple[str, Expected]] = [
    ("account_login", anybody(422, 422, "post")),
    ("account_request_login_code", anybody(302, 422, "post")),
    ("account_confirm_login_code", anybody(302, 302, "post")),
    ("mfa_login_webauthn", anybody(302, 302, "post")),
    ("mfa_authenticate", anybody(302, 302, "post")),
    ("account_reset_password", anybody(422, 422, "post")),
    ("account_confirm_password_reset_code", anybody(302, 302, "post")),
    ("account_complete_password_reset", anybody(302, 302, "post")),
    ("account_change_password", oneself(422, "post")),
    ("account_set_password", oneself(302, "post")),
    ("account_reauthenticate", oneself(422, "post")),
    ("mfa_reauthenticate", oneself(302, "post")),
    ("mfa_reauthenticate_webauthn", oneself(302, "post")),
    ("mfa_activate_totp", oneself(302, "post")),
    ("mfa_deactivate_totp", oneself(404, "post")),
    ("mfa_add_webauthn", oneself(302, "post")),
    ("mfa_generate_recovery_codes", oneself(302, "post")),
    ("people:badge-sign-in", anybody(422, 422, "post")),
    ("people:group-badges", Expected(managing(200, 422), method="post")),
    ("people:start", anybody(422, 422, "post")),
    ("people:start-password", anybody(302, 302, "post")),
    ("people:group-start-letters", Expected(managing_students(422), method="post")),
]


def objects(world: World, place: Place) -> dict[str, Any]:
    return {"provider_id": SimpleNamespace(uuid="nobody")}
