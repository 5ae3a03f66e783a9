# The same steps run in any clean virtual environment with Python >= 3.11; see docs/handbuch/betrieb.md.
FROM python:3.12-slim AS build
WORKDIR /build
RUN python -m venv /opt/lotse
COPY requirements.lock ./
RUN /opt/lotse/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY knowledge knowledge
COPY migrations migrations
RUN /opt/lotse/bin/pip install --no-cache-dir --no-build-isolation --no-deps .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 lotse && install -d -o lotse /data
COPY --from=build /opt/lotse /opt/lotse
ENV PATH=/opt/lotse/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LOTSE_DATABASE_URL=sqlite+aiosqlite:////data/lotse.db \
    LOTSE_LOG_FORMAT=json
USER lotse
VOLUME /data
# SIGTERM lets Lotse finish what it is answering and sending.
STOPSIGNAL SIGTERM
# Without the web part (LOTSE_LISTEN) there is nothing to ask: the process ends by itself when it cannot go on.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["lotse", "healthy"]
CMD ["lotse", "run"]
