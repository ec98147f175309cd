"""Addresses of coming in. Those of ``engine_patterns`` have the names by which allauth looks for them."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, path, reverse_lazy

from lpm.people.views.account import account_show, key_remove, session_end, session_list
from lpm.people.views.badges import badge_sign_in, group_badges, group_badges_revoke
from lpm.people.views.door import permits
from lpm.people.views.engine import AGAIN_LIMITS, CODE_LIMITS, MAIL_LIMITS, PASSKEY_LIMITS, STEP_LIMITS, engine
from lpm.people.views.sign_in import provider_begin, provider_return, sign_in
from lpm.people.views.staff import second_step_remove
from lpm.people.views.start import start, start_password
from lpm.people.views.start_letters import group_start_letters, start_letter, student_start_letter

urlpatterns: list[URLPattern] = [
    path("badge", badge_sign_in, name="badge-sign-in"),
    path("groups/<uuid:group>/badges", group_badges, name="group-badges"),
    path("groups/<uuid:group>/badges/revoke", group_badges_revoke, name="group-badges-revoke"),
    path("start", start, name="start"),
    path("start/password", start_password, name="start-password"),
    path("staff/<uuid:member>/start-letter", start_letter, name="start-letter"),
    path("staff/<uuid:member>/second-step/remove", second_step_remove, name="second-step-remove"),
    path("students/<uuid:student>/profile/start-letter", student_start_letter, name="student-start-letter"),
    path("groups/<uuid:group>/start-letters", group_start_letters, name="group-start-letters"),
    path("account/keys/remove", key_remove, name="key-remove"),
    path("account/sessions/end", session_end, name="session-end"),
]

own = permits(None)
reset_done = account.CompletePasswordResetView.as_view(success_url=reverse_lazy("home:sign-in"))

engine_patterns: list[URLPattern] = [
    path("sign-in", sign_in, name="account_login"),
    path(
        "sign-in/code",
        engine(account.request_login_code, MAIL_LIMITS, mails=True, begins=True),
        name="account_request_login_code",
    ),
    path(
        "sign-in/code/confirm",
        engine(account.confirm_login_code, CODE_LIMITS, mails=True),
        name="account_confirm_login_code",
    ),
    path("sign-in/passkey", engine(webauthn.login_webauthn, PASSKEY_LIMITS, begins=True), name="mfa_login_webauthn"),
    path("sign-in/step", engine(mfa.authenticate, STEP_LIMITS), name="mfa_authenticate"),
    path("sign-in/with/<slug:provider_id>", provider_begin, name="openid_connect_login"),
    path("sign-in/with/<slug:provider_id>/return", provider_return, name="openid_connect_callback"),
    path("password/reset", engine(account.password_reset, MAIL_LIMITS, mails=True), name="account_reset_password"),
    path(
        "password/reset/code",
        engine(account.confirm_password_reset_code, CODE_LIMITS, mails=True),
        name="account_confirm_password_reset_code",
    ),
    path("password/reset/new", engine(reset_done, mails=True), name="account_complete_password_reset"),
    path("account/", account_show, name="mfa_index"),
    path("account/sessions", session_list, name="usersessions_list"),
    path("account/password", own(engine(account.password_change, AGAIN_LIMITS)), name="account_change_password"),
    path("account/password/first", own(engine(account.password_set)), name="account_set_password"),
    path("account/again", own(engine(account.reauthenticate, AGAIN_LIMITS)), name="account_reauthenticate"),
    path("account/again/code", own(engine(mfa.reauthenticate, STEP_LIMITS)), name="mfa_reauthenticate"),
    path(
        "account/again/passkey",
        own(engine(webauthn.reauthenticate_webauthn, STEP_LIMITS)),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/app", own(engine(totp.activate_totp)), name="mfa_activate_totp"),
    path("account/app/remove", own(engine(totp.deactivate_totp)), name="mfa_deactivate_totp"),
    path("account/keys/add", own(engine(webauthn.add_webauthn)), name="mfa_add_webauthn"),
    path("account/codes", own(engine(recovery_codes.view_recovery_codes)), name="mfa_view_recovery_codes"),
    path("account/codes/new", own(engine(recovery_codes.generate_recovery_codes)), name="mfa_generate_recovery_codes"),
]
