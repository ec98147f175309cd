"""Every address of the record, by area."""

from students.mastery.urls import marks

app_name = "mastery"

urlpatterns = [
    *marks.urlpatterns,
]
