# One image, four programs: the API (by default), the worker, the migration and the command line.
#   docker run IMAGE                               the API
#   docker run IMAGE dist/apps/worker/src/main.js
#   docker run IMAGE dist/apps/worker/src/migrate.js
#   docker run IMAGE dist/apps/cli/src/main.js --help
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production \
    SOMA_API_HOST=0.0.0.0 \
    SOMA_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/prisma/migrations ./prisma/migrations
COPY --from=build /app/dist ./dist
# The embedded database, when no SOMA_POSTGRES_URL is given; the program itself is read-only.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 10101 10102
ENTRYPOINT ["node"]
CMD ["dist/apps/api/src/main.js"]
