from django.urls import path

from curriculum.views import reading as views

urlpatterns = [
    path("curriculum/", views.framework_list, name="framework-list"),
    path("curriculum/<uuid:framework>/", views.framework_show, name="framework-show"),
    path("curriculum/topics/<uuid:topic>/", views.topic_show, name="topic-show"),
]
