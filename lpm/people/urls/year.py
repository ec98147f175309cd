from django.urls import URLPattern, path

from lpm.people.views import year

urlpatterns: list[URLPattern] = [
    path("organizations/<uuid:organization>/next-year/", year.rollover, name="rollover"),
    path(
        "organizations/<uuid:organization>/next-year/<uuid:next_year>/",
        year.rollover_preview,
        name="rollover-preview",
    ),
    path("organizations/<uuid:organization>/take-in", year.student_take_in, name="student-take-in"),
    path("students/<uuid:student>/transfer", year.student_transfer, name="student-transfer"),
    path("students/<uuid:student>/arrival", year.student_arrival, name="student-arrival"),
    path("people/<uuid:user>/hand-over", year.handover, name="handover"),
]
