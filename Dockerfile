# One image for web, worker, beat and migrate; docker-compose.yml says which command each runs.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.lock /build/requirements.lock
RUN pip install --require-hashes --only-binary :all: -r /build/requirements.lock
WORKDIR /app
COPY . .
# The settings ask for these; the values are thrown away, and no server is reached.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
    LPM_MODE=production ALLOWED_HOSTS=localhost LPM_FILES_ON_DISK=true \
    sh -c 'python manage.py messages --compile && python manage.py collectstatic --noinput' && chmod -R a+rX .

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LPM_MODE=production
RUN useradd --system --uid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin lpm
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER lpm
EXPOSE 8000
# Asks whether the process lives, under a host name it answers to. /readyz is for load balancers.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import http.client, os, sys; web = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); web.request('GET', '/healthz', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0].strip(' .*') or 'localhost'}); sys.exit(web.getresponse().status != 200)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", "--respawn-failed-workers", "--no-ws", "--workers-kill-timeout", "30", "lpm.wsgi:application"]
