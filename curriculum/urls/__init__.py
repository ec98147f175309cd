"""Every address of the curriculum, by area."""

from django.urls import URLPattern, URLResolver

from curriculum.urls import adoption, case, comments, reading, revisions, scales, search, sheets, words, writing

app_name = "curriculum"

urlpatterns: list[URLPattern | URLResolver] = [
    *reading.urlpatterns,
    *search.urlpatterns,
    *writing.urlpatterns,
    *revisions.urlpatterns,
    *adoption.urlpatterns,
    *words.urlpatterns,
    *comments.urlpatterns,
    *case.urlpatterns,
    *scales.urlpatterns,
    *sheets.urlpatterns,
]
