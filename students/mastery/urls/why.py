from django.urls import path

from students.mastery.views import why

urlpatterns = [
    path("students/<uuid:student>/targets/<uuid:target>/why", why.why_show, name="why-show"),
]
