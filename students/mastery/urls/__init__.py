"""Every address of the record, by area."""

from students.mastery.urls import (
    excuse,
    grid,
    marks,
    needs,
    progress,
    seminars,
    showing,
    strands,
    walk,
    ways,
    why,
    words,
)

app_name = "mastery"

urlpatterns = [
    *marks.urlpatterns,
    *excuse.urlpatterns,
    *grid.urlpatterns,
    *why.urlpatterns,
    *showing.urlpatterns,
    *strands.urlpatterns,
    *ways.urlpatterns,
    *walk.urlpatterns,
    *needs.urlpatterns,
    *seminars.urlpatterns,
    *progress.urlpatterns,
    *words.urlpatterns,
]
