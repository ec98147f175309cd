from django.urls import path

from students.mastery.views import excuse

urlpatterns = [
    path("groups/<uuid:group>/excuse", excuse.target_excuse, name="target-excuse"),
    path("groups/<uuid:group>/excuse/end", excuse.target_expect, name="target-expect"),
]
