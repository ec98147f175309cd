from django.urls import path

from students.home import views

app_name = "student"

urlpatterns = [
    path("students/<uuid:student>/", views.student_path, name="path"),
    path("students/<uuid:student>/topics/<uuid:topic>/", views.student_topic, name="topic"),
    path("family/<uuid:student>/", views.family_week, name="family"),
]
