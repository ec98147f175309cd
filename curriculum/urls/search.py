from django.urls import path

from curriculum.views import search as views

urlpatterns = [
    path("curriculum/search/", views.search, name="search"),
]
