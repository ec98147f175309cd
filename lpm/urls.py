"""Every address of the application."""

from django.urls import URLPattern, URLResolver, include, path

from lpm.people.urls.sign_in import engine_patterns

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("lpm.home.urls")),
    path("", include("lpm.people.urls")),
    path("", include("lpm.notices.urls")),
    path("", include(engine_patterns)),
    path("", include("curriculum.urls")),
    path("", include("students.mastery.urls")),
    path("", include("students.threads.urls")),
    path("", include("students.letters.urls")),
    path("", include("students.home.urls")),
    path("api/v1/", include("lpm.api")),
]
