# One image, four programs: the API (by default), the worker, the migration and the command line
# (which runs a fifth, for backups).
#   docker run IMAGE                               the API
#   docker run IMAGE dist/apps/worker/src/main.js
#   docker run IMAGE dist/apps/worker/src/migrate.js
#   docker run IMAGE dist/apps/cli/src/main.js --help
# It runs on a read-only root with a volume at /data; test/deployment/container.spec.ts runs these steps.
FROM node:24-trixie-slim AS dependencies
WORKDIR /src
COPY package.json package-lock.json ./
COPY tools/container ./tools/container
RUN tools/container/dependencies.sh /app

FROM node:24-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN tools/container/build.sh /built

FROM dependencies AS app
COPY . .
COPY --from=build /built/dist /built/dist
RUN tools/container/assemble.sh /app /built/dist

FROM node:24-trixie-slim
# pg_dump, pg_restore and psql of PostgreSQL 17, for servers up to that version; tini passes signals on
# to programs that handle none themselves, and clears away what their children leave.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client tini \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir /data && chown node:node /data
ENV NODE_ENV=production \
    SOMA_API_HOST=0.0.0.0 \
    SOMA_DATA_DIR=/data
WORKDIR /app
# Owned by root: the program cannot change itself.
COPY --from=app /app ./
# By number: Kubernetes can then see that it is not root.
USER 1000:1000
# The embedded database, when no SOMA_POSTGRES_URL is given.
VOLUME /data
EXPOSE 10101 10102
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 CMD ["node", "healthcheck.js"]
ENTRYPOINT ["/usr/bin/tini", "--", "node"]
CMD ["dist/apps/api/src/main.js"]
