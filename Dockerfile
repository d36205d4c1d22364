# Build:  docker build -t handrail .
# Run:    docker run -p 8000:8000 -v handrail:/var/lib/handrail handrail
# With HANDRAIL_DATABASE_URL the service uses that server; without it, it starts its own in the volume.

FROM python:3.12-slim AS build
COPY requirements.txt .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes --only-binary :all: -r requirements.txt

FROM python:3.12-slim
# tini reaps the processes that the embedded PostgreSQL leaves to process 1, and passes SIGTERM on.
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/handrail --create-home handrail
COPY --from=build /opt/venv /opt/venv
WORKDIR /opt/handrail
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HANDRAIL_DATA_DIR=/var/lib/handrail \
    HANDRAIL_HOST=0.0.0.0 \
    HANDRAIL_PORT=8000
USER handrail
VOLUME /var/lib/handrail
EXPOSE 8000
# Alive, not ready: while its database is away it keeps what patients say, and must not be restarted for that.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:%s/livez' % os.environ['HANDRAIL_PORT'], timeout=2)"]
ENTRYPOINT ["tini", "--", "python", "-m", "app.cli"]
CMD ["run"]
