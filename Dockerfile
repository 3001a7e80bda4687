# Matinee's own processes: API and workers. The servers they use (Postgres, Temporal) are containers of their own, see
# docker-compose.yml. Debian, not Alpine: Temporal's native library needs glibc.
FROM node:22.21.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# The development packages go after the build; the compiler stays (bin/matinee.js checks that dist/ fits src/).
RUN node scripts/build.js && npm prune --omit=dev

FROM node:22.21.1-bookworm-slim
ENV NODE_ENV=production \
    MATINEE_HOME=/var/lib/matinee
WORKDIR /app
COPY --from=build /app /app
# A volume mounted here starts with this owner.
RUN mkdir -m 0700 /var/lib/matinee && chown node:node /var/lib/matinee
USER node
VOLUME /var/lib/matinee
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/matinee.js"]
CMD ["api", "--host", "0.0.0.0", "--port", "8080"]
