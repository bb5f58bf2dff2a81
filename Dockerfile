# The image of every Floorcast service: docker compose builds it once.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src
RUN pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY schemas schemas
COPY streams streams
COPY grafana grafana
# The lock holds more than the services need, for it serves the tests too: here it says which versions, not what.
# Compiled here, for the services may not write: else every start would compile all modules anew.
RUN uv venv /opt/floorcast && \
    VIRTUAL_ENV=/opt/floorcast uv pip install --no-cache --compile-bytecode --constraint requirements.lock .

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home floorcast
COPY --from=build /opt/floorcast /opt/floorcast
ENV PATH=/opt/floorcast/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /tmp
ENTRYPOINT ["floorcast"]
CMD ["--help"]
