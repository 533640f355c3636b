# An image of the one binary, for a Neo4j that runs elsewhere: set NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD.
# compose.yml has both. What of this was run, docs/operators.md says.

FROM node:20-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-fund --no-audit --loglevel=error
COPY web ./
RUN npm run --silent build -- --logLevel warn

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . ./
COPY --from=web /src/web/dist ./web/dist
RUN CGO_ENABLED=0 go build -trimpath -tags grpcnotrace -ldflags="-s -w" -o /dossier .

# Certificates, time zones and the user 65532, and no shell.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /dossier /dossier
ENV DOSSIER_PRODUCTION=true
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/dossier", "health"]
ENTRYPOINT ["/dossier"]
CMD ["serve"]
