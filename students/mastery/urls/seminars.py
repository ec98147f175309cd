from django.urls import path

from students.mastery.views import seminars

urlpatterns = [
    path("seminars/new", seminars.seminar_create, name="seminar-create"),
    path("seminars/<uuid:seminar>/", seminars.seminar_change, name="seminar-change"),
    path("seminars/<uuid:seminar>/cancel", seminars.seminar_cancel, name="seminar-cancel"),
    path("students/<uuid:student>/seminars/<uuid:seminar>/join", seminars.seminar_join, name="seminar-join"),
]
