from lpm.home.views.drops import drop_change
from lpm.home.views.health import healthz, readyz
from lpm.home.views.home import home
from lpm.home.views.imports import import_apply, import_left_out, import_list, import_map, import_show
from lpm.home.views.school import school_groups
from lpm.home.views.sign_in import csrf_failure, demo_sign_in, language_choose, sign_in, sign_out
from lpm.home.views.worker import manifest, offline, service_worker, who

__all__ = [
    "csrf_failure",
    "demo_sign_in",
    "drop_change",
    "healthz",
    "home",
    "import_apply",
    "import_left_out",
    "import_list",
    "import_map",
    "import_show",
    "language_choose",
    "manifest",
    "offline",
    "readyz",
    "school_groups",
    "service_worker",
    "sign_in",
    "sign_out",
    "who",
]
