# The image that the platform runs. docker build --build-arg CONNECTOR=source . (or destination)
ARG BASE_IMAGE=docker.io/airbyte/python-connector-base:4.1.1

# The code of one connector. A stage of its own, and the first, so that a wrong name fails at once.
FROM ${BASE_IMAGE} AS code
ARG CONNECTOR=source
USER root
WORKDIR /code
RUN case "${CONNECTOR}" in source|destination) ;; \
    *) echo "CONNECTOR is '${CONNECTOR}'; it must be source or destination." >&2; exit 1 ;; esac
COPY pyproject.toml README.md LICENSE ./
COPY pipedrive_client pipedrive_client
COPY source_pipedrive source_pipedrive
COPY destination_pipedrive destination_pipedrive
RUN for name in source destination; do [ "${name}" = "${CONNECTOR}" ] || rm -r "${name}_pipedrive"; done

# What both connectors need: the same layers for both images, built anew only when the two files change.
FROM ${BASE_IMAGE} AS dependencies
USER root
WORKDIR /build
COPY pyproject.toml constraints.txt ./
# pip stays outside. The .pyc files that it makes stay: the user of the image cannot write them, and they halve the start.
RUN python -m venv --without-pip /opt/connector \
    && python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
        > requirements.txt \
    && pip --python /opt/connector/bin/python install --no-cache-dir -c constraints.txt -r requirements.txt \
    && find /opt/connector -type d -name tests -prune -exec rm -r {} +

FROM dependencies AS build
ARG CONNECTOR=source
COPY --from=code /code /code
# Only the code that is here gets a command. boto3 stores the destination's rejected records; the source would only load it.
RUN pip --python /opt/connector/bin/python install --no-cache-dir --no-deps /code \
    && cd /opt/connector/bin \
    && find . -name '*-pipedrive' ! -name "${CONNECTOR}-pipedrive" -delete \
    && ln -s "${CONNECTOR}-pipedrive" connector \
    && if [ "${CONNECTOR}" = source ]; then \
        pip --python /opt/connector/bin/python uninstall --yes boto3 botocore s3transfer jmespath; fi

FROM ${BASE_IMAGE}
ARG CONNECTOR=source
COPY --from=build /opt/connector /opt/connector
USER airbyte
WORKDIR /airbyte/integration_code
ENV AIRBYTE_ENTRYPOINT=/opt/connector/bin/connector
ENTRYPOINT ["/opt/connector/bin/connector"]
LABEL io.airbyte.version=1.0.0 io.airbyte.name=airbyte-pipedrive/${CONNECTOR}-pipedrive
