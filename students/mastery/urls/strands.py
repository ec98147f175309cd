from django.urls import path

from students.mastery.views import strands

urlpatterns = [
    path("students/<uuid:student>/strands/", strands.strand_pauses, name="strand-pauses"),
    path("students/<uuid:student>/strands/<uuid:pause>/resume", strands.strand_resume, name="strand-resume"),
]
