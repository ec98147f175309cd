"""Every address of the application."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("lpm.home.urls")),
    path("", include("lpm.people.urls")),
    path("", include("curriculum.urls")),
    path("", include("students.mastery.urls")),
    path("", include("students.home.urls")),
]
