from django.urls import path

from students.letters import views

app_name = "letters"

urlpatterns = [
    path("family/letter/", views.letter_mine, name="letter-mine"),
    path("groups/<uuid:group>/letters/", views.group_letters, name="group-letters"),
    path("schools/<uuid:school>/family-letters/", views.school_letters, name="school-letters"),
]
