# syntax=docker/dockerfile:1
ARG NODE_VERSION=20.20.2
ARG DEBIAN=bookworm

# Builds: this image has the compiler that better-sqlite3 needs where no binary of it can be fetched.
FROM node:${NODE_VERSION}-${DEBIAN} AS build
WORKDIR /oriel
COPY package.json package-lock.json .npmrc ./
COPY scripts ./scripts
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json LICENSE ./
COPY src ./src
RUN npm run build && node scripts/runtime-files.js /runtime
# Text models (StringNormalizer) load only where the system has this locale.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends locales && \
    mkdir -p /locale && localedef --no-archive -i en_US -f UTF-8 /locale/en_US.UTF-8

# Serves: no npm, no compiler, no shell script; Oriel itself deals with signals, so it needs no init.
FROM debian:${DEBIAN}-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Oriel" \
      org.opencontainers.image.description="Serves ONNX models over REST, with a record of every answer and event-time windows" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /locale/en_US.UTF-8 /usr/lib/locale/en_US.UTF-8
COPY --from=build /runtime /oriel
RUN ln -s /oriel/dist/cli.js /usr/local/bin/oriel && \
    install -d -m 0755 /models && install -d -m 0700 -o 10001 -g 10001 /data
ENV NODE_ENV=production \
    ORT_DISABLE_TELEMETRY=1 \
    ORIEL_HOST=0.0.0.0 \
    ORIEL_PORT=8000 \
    ORIEL_MODELS=/models \
    ORIEL_DATA=/data
WORKDIR /oriel
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.ORIEL_PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["oriel"]
CMD ["serve"]
