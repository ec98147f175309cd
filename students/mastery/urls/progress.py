from django.urls import path

from students.mastery.views import progress

urlpatterns = [
    path("progress/<uuid:organization>/", progress.progress_show, name="progress-show"),
    path("progress/<uuid:organization>/count", progress.progress_count, name="progress-count"),
    path("progress/<uuid:organization>/export", progress.progress_export, name="progress-export"),
]
