from django.urls import path

from students.home import views

app_name = "student"

urlpatterns = [
    path("students/<uuid:student>/", views.student_path, name="path"),
    path("students/<uuid:student>/one-thing/", views.early_page, name="early"),
    path("students/<uuid:student>/one-thing/<uuid:target>/want/", views.early_want, name="early-want"),
    path("students/<uuid:student>/pages/", views.pages_choose, name="pages-choose"),
    path("students/<uuid:student>/topics/<uuid:topic>/", views.student_topic, name="topic"),
    path("family/", views.family_children, name="children"),
    path("family/<uuid:student>/", views.family_week, name="family"),
]
