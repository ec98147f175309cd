"""Home, imports, the curriculum, recording, and students' own pages."""

from __future__ import annotations

from tests.routes.common import (
    APPLYING,
    CURRICULUM,
    HOME,
    IMPORTERS,
    ROSTER_RUN,
    SCHOOL,
    STUDENT,
    Expected,
    uploading,
)

EXPECTED: dict[str, Expected] = {
    "home:home": Expected(HOME, rest=200),
    "home:sign-in": Expected(is_public=True, rest=302, anonymous=200),
    "home:sign-out": Expected(is_public=True, method="post", rest=302, anonymous=302),
    "home:set-language": Expected(is_public=True, method="post", rest=302, anonymous=302),
    "home:demo-sign-in": Expected(is_public=True, method="post", rest=404, anonymous=404),
    "home:healthz": Expected(is_public=True, rest=200, anonymous=200),
    "home:readyz": Expected(is_public=True, rest=200, anonymous=200),
    "home:who": Expected(is_public=True, rest=200, anonymous=200),
    "home:service-worker": Expected(is_public=True, rest=200, anonymous=200),
    "home:offline": Expected(is_public=True, rest=200, anonymous=200),
    "home:manifest": Expected(is_public=True, rest=200, anonymous=200),
    "home:school": Expected(SCHOOL),
    "home:import-list": Expected(IMPORTERS),
    "home:import-show": Expected(ROSTER_RUN),
    "home:import-left-out": Expected(ROSTER_RUN),
    "home:import-apply": Expected(APPLYING, method="post"),
    "curriculum:framework-list": Expected(rest=200),
    "curriculum:framework-show": Expected(CURRICULUM),
    "curriculum:topic-show": Expected(CURRICULUM),
    "student:path": Expected(STUDENT),
    "student:topic": Expected(STUDENT),
    "student:family": Expected(STUDENT),
}
# What a route does beside that: another method, or another form of the answer.
MORE: list[tuple[str, Expected]] = [
    ("home:sign-in", Expected(is_public=True, method="post", rest=422, anonymous=422)),
    ("home:import-list", Expected(uploading({"administrator"}), method="post", payload={"kind": "roster"})),
    (
        "home:import-list",
        Expected(uploading({"administrator", "curriculum_lead"}), method="post", payload={"kind": "curriculum"}),
    ),
]
