# A relay with its page. The base images are arguments, so that a machine without an image registry
# can use its own: any with npm and Node 20.19 or later, and any Debian or Ubuntu with Python 3.11 or later and venv.
ARG NODE_IMAGE=docker.io/library/node:22-slim
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim

FROM ${NODE_IMAGE} AS page
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM ${PYTHON_IMAGE} AS python
# More of it: EXTRAS=media,text,whisper,piper (docs/operations.md says what each is for).
ARG EXTRAS=media,text
WORKDIR /src
# pyworld, of the extra text, is compiled
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ python3-dev \
    && rm -rf /var/lib/apt/lists/*
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY app app
COPY codecs codecs
COPY signaling signaling
COPY configs configs
RUN python3 -m venv /opt/sotto \
    && /opt/sotto/bin/pip install --no-cache-dir --constraint constraints.txt ".[${EXTRAS}]" \
    && /opt/sotto/bin/pip uninstall --yes pip

FROM ${PYTHON_IMAGE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends espeak-ng flite libopus0 \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner=10001 --group=10001 /srv/sotto/models
COPY --from=python /opt/sotto /opt/sotto
COPY --from=page /src/frontend/dist /srv/sotto/page
ENV PATH=/opt/sotto/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SOTTO_HOST=0.0.0.0 \
    SOTTO_PORT=8080 \
    SOTTO_PAGE_DIR=/srv/sotto/page \
    SOTTO_TEXT_MODELS_DIR=/srv/sotto/models \
    TMPDIR=/dev/shm
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"SOTTO_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["sotto"]
CMD ["serve"]
