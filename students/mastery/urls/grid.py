from django.urls import path

from students.mastery.views import cells, grid, saved

urlpatterns = [
    path("groups/<uuid:group>/", grid.group_grid, name="group-grid"),
    path("groups/<uuid:group>/pick", grid.cell_pick, name="cell-pick"),
    path("groups/<uuid:group>/changes", cells.grid_changes, name="grid-changes"),
    path("groups/<uuid:group>/accept", cells.grid_accept, name="grid-accept"),
    path("groups/<uuid:group>/remarks", cells.remark_list, name="remark-list"),
    path("groups/<uuid:group>/remarks/new", cells.remark_record, name="remark-record"),
    path("groups/<uuid:group>/remarks/undo", cells.remark_undo, name="remark-undo"),
    path("groups/<uuid:group>/views/new", saved.view_create, name="view-create"),
    path("views/", saved.view_list, name="view-list"),
    path("views/<uuid:view>/", grid.view_show, name="view-show"),
    path("views/<uuid:view>/pick", grid.view_pick, name="view-pick"),
    path("views/<uuid:view>/changes", cells.view_changes, name="view-changes"),
    path("views/<uuid:view>/accept", cells.view_accept, name="view-accept"),
    path("views/<uuid:view>/change", saved.view_change, name="view-change"),
    path("views/<uuid:view>/delete", saved.view_delete, name="view-delete"),
]
