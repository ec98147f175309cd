"""Every address of the record, by area."""

from students.mastery.urls import grid, marks, showing, walk, ways, why

app_name = "mastery"

urlpatterns = [
    *marks.urlpatterns,
    *grid.urlpatterns,
    *why.urlpatterns,
    *showing.urlpatterns,
    *ways.urlpatterns,
    *walk.urlpatterns,
]
