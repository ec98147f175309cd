from django.urls import path

from curriculum.api import documents, objects
from curriculum.views import sharing

CASE = "ims/case/<str:version>/"

urlpatterns = [
    path(f"{CASE}CFDocuments", documents.document_list, name="case-document-list"),
    path(f"{CASE}<str:kind>/<path:identifier>", objects.object_show, name="case-object-show"),
    path("curriculum/<uuid:framework>/sharing/", sharing.framework_share, name="framework-share"),
    path("curriculum/<uuid:framework>/sharing/open/", sharing.framework_open, name="framework-open"),
    path("curriculum/<uuid:framework>/case/<str:edition>/", sharing.framework_download, name="framework-download"),
]
