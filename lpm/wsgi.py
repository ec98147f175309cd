"""The web server's entry."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lpm.settings")
os.environ.setdefault("LPM_DATABASE_POOL", "16")  # web only: workers keep a connection each

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
