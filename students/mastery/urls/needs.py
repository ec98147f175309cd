from django.urls import path

from students.mastery.views import needs

urlpatterns = [
    path("needs/", needs.needs_show, name="needs-show"),
    path("needs/quiet/", needs.forgotten_list, name="forgotten-list"),
]
