"""Every address of the curriculum, by area."""

from django.urls import URLPattern, URLResolver

from curriculum.urls import reading

app_name = "curriculum"

urlpatterns: list[URLPattern | URLResolver] = [
    *reading.urlpatterns,
]
