"""What the environment says of e-mail and of other sign-ins."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lpm.test_settings import GOOD, run, start

GOOGLE = {
    "LPM_OIDC_PROVIDERS": "google",
    "LPM_OIDC_GOOGLE_CLIENT_ID": "an id",
    "LPM_OIDC_GOOGLE_CLIENT_SECRET": "a secret",
    "LPM_OIDC_GOOGLE_DOMAINS": "District.example.org",
}
MICROSOFT = {
    "LPM_OIDC_PROVIDERS": "microsoft",
    "LPM_OIDC_MICROSOFT_CLIENT_ID": "an id",
    "LPM_OIDC_MICROSOFT_CLIENT_SECRET": "a secret",
    "LPM_OIDC_MICROSOFT_DOMAINS": "district.example.org",
    "LPM_OIDC_MICROSOFT_TENANT": "a-tenant",
}
OTHER = {
    "LPM_OIDC_PROVIDERS": "district",
    "LPM_OIDC_DISTRICT_CLIENT_ID": "an id",
    "LPM_OIDC_DISTRICT_CLIENT_SECRET": "a secret",
    "LPM_OIDC_DISTRICT_DOMAINS": "a.example, b.example",
    "LPM_OIDC_DISTRICT_ISSUER": "https://login.example.org",
    "LPM_OIDC_DISTRICT_NAME": "North District",
}


def settings_of(environment: dict[str, str], expression: str) -> Any:
    code = f"import json; from lpm import settings; print(json.dumps({expression}))"
    done = run({**GOOD, **environment}, "-c", code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (GOOGLE, ["Google", "https://accounts.google.com", ["district.example.org"], "", False]),
        (
            MICROSOFT,
            [
                "Microsoft",
                "https://login.microsoftonline.com/a-tenant/v2.0",
                ["district.example.org"],
                "a-tenant",
                True,
            ],
        ),
        (OTHER, ["North District", "https://login.example.org", ["a.example", "b.example"], "", False]),
    ],
)
def test_a_provider_comes_from_the_environment(environment, expected):
    [app] = settings_of(environment, "settings.SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS']")

    told = app["settings"]
    assert [app["name"], told["server_url"], told["domains"], told["tenant"], told["vouches_for_email"]] == expected
    assert (app["client_id"], app["secret"], app["provider_id"]) == (
        "an id",
        "a secret",
        environment["LPM_OIDC_PROVIDERS"],
    )


@pytest.mark.parametrize(
    ("environment", "missing"),
    [(given, name) for given in (GOOGLE, MICROSOFT, OTHER) for name in given if name != "LPM_OIDC_PROVIDERS"],
)
def test_what_a_provider_lacks_stops_the_start(environment, missing):
    done = start({**GOOD, **environment, missing: ""})

    assert (done.returncode, f"{missing} is not set" in done.stderr) == (1, True)


def test_a_provider_is_asked_over_https_only():
    done = start({**GOOD, **OTHER, "LPM_OIDC_DISTRICT_ISSUER": "http://login.example.org"})

    assert "LPM_OIDC_DISTRICT_ISSUER must begin with https://" in done.stderr


MAIL = "[settings.HAS_EMAIL, settings.DEFAULT_FROM_EMAIL, settings.EMAIL_BACKEND.split('.')[-2]]"
SERVER = "[settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD]"


def test_without_a_server_there_is_no_mail_in_production_and_files_elsewhere():
    nothing = {"SECRET_KEY": "", "ALLOWED_HOSTS": "", "LPM_MODE": "demo"}

    assert settings_of({}, MAIL) == [False, "cairn@cairn.example.org", "filebased"]
    assert settings_of(nothing, MAIL) == [True, "cairn@localhost", "filebased"]


@pytest.mark.parametrize(
    ("url", "server", "security"),
    [
        ("smtp://cairn:p%40ss@mail.example.org", ["mail.example.org", 587, "cairn", "p@ss"], [True, False]),
        ("smtps://mail.example.org:4465", ["mail.example.org", 4465, "", ""], [False, True]),
        ("smtps://mail.example.org", ["mail.example.org", 465, "", ""], [False, True]),
        ("smtp://localhost:25", ["localhost", 25, "", ""], [False, False]),
    ],
)
def test_the_mail_server_comes_from_the_environment(url, server, security):
    mail = {"LPM_EMAIL_URL": url, "LPM_EMAIL_FROM": "Cairn <hello@example.org>"}

    assert settings_of(mail, MAIL) == [True, "Cairn <hello@example.org>", "smtp"]
    assert settings_of(mail, SERVER) == server
    assert settings_of(mail, "[settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL]") == security


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://"])
def test_a_bad_mail_server_stops_the_start(url):
    done = start({**GOOD, "LPM_EMAIL_URL": url})

    assert (done.returncode, "LPM_EMAIL_URL must be" in done.stderr) == (1, True)
