# The image that the platform runs. docker build --build-arg CONNECTOR=source . (or destination)
ARG BASE_IMAGE=docker.io/airbyte/python-connector-base:4.1.1

FROM ${BASE_IMAGE} AS build
USER root
WORKDIR /build
COPY . .
# The sandbox is not copied, so its command would have nothing to run.
RUN python -m venv /opt/connector \
    && /opt/connector/bin/pip install --no-cache-dir -c constraints.txt . \
    && rm /opt/connector/bin/pipedrive-sandbox

FROM ${BASE_IMAGE}
ARG CONNECTOR=source
USER root
COPY --from=build /opt/connector /opt/connector
RUN ln -s "/opt/connector/bin/${CONNECTOR}-pipedrive" /opt/connector/bin/connector \
    && test -x /opt/connector/bin/connector
USER airbyte
WORKDIR /airbyte/integration_code
ENV AIRBYTE_ENTRYPOINT=/opt/connector/bin/connector
ENTRYPOINT ["/opt/connector/bin/connector"]
LABEL io.airbyte.version=0.1.0 io.airbyte.name=airbyte/${CONNECTOR}-pipedrive
