from django.urls import path

from curriculum.views import sheets as views

urlpatterns = [
    path("curriculum/sheet-template", views.sheet_template, name="sheet-template"),
    path("curriculum/<uuid:framework>/sheet", views.framework_sheet, name="framework-sheet"),
]
