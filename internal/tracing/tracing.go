// Package tracing tells OpenTelemetry (https://opentelemetry.io/docs/specs/otel/) how long operations take, and the
// statements behind them. A request that comes with a trace context (https://www.w3.org/TR/trace-context/) goes on with
// its trace. Nothing is traced, and nothing of OpenTelemetry runs, unless it is opened.
package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// A Tracer sends spans to a collector. A nil Tracer sends none.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// Open returns a Tracer that sends spans by OTLP over HTTP to the collector that the environment names: in
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT where it takes spans, or else in OTEL_EXPORTER_OTLP_ENDPOINT its base, for example
// http://localhost:4318 (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). It returns nil if there is none, or if
// OTEL_SDK_DISABLED is true or OTEL_TRACES_EXPORTER none. OpenTelemetry's other variables, such as OTEL_EXPORTER_OTLP_HEADERS and
// OTEL_TRACES_SAMPLER, apply as specified. The collector need not be there: spans that cannot be sent are dropped.
//
// What goes wrong later is logged.
func Open(ctx context.Context, getenv func(string) string, log *slog.Logger) (*Tracer, error) {
	const forSpans, forAll = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
	name, endpoint, path := forSpans, getenv(forSpans), ""
	if endpoint == "" {
		name, endpoint, path = forAll, getenv(forAll), "/v1/traces"
	}
	if endpoint == "" || strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none" {
		return nil, nil
	}
	if u, err := url.Parse(endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%s %q cannot be used: write a URL such as http://localhost:4318%s", name, endpoint, map[bool]string{true: "/v1/traces"}[path == ""])
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("tracing", "error", err) }))
	if path != "" {
		endpoint = strings.TrimSuffix(endpoint, "/") + path
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be used: %w", name, err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "dossier")), resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES cannot be used: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))
	return &Tracer{provider, provider.Tracer("dossier")}, nil
}

// Close sends the spans that are left.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Operation begins the span of a GraphQL operation, in the trace that the request's headers name if they do. ended ends
// it, with the code of the first error or "".
func (t *Tracer) Operation(ctx context.Context, headers http.Header, kind, name string) (inner context.Context, ended func(code string)) {
	if t == nil {
		return ctx, func(string) {}
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(headers))
	attributes := []attribute.KeyValue{attribute.String("graphql.operation.type", kind)}
	if name != "" {
		attributes = append(attributes, attribute.String("graphql.operation.name", name))
	}
	// Not the operation's name, which clients choose: spans of one name are counted together.
	ctx, span := t.tracer.Start(ctx, kind, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attributes...))
	return ctx, func(code string) { end(span, code) }
}

// Refused notes an operation that is not run, with the code of its first error: one of a context in which no span has begun.
func (t *Tracer) Refused(ctx context.Context, headers http.Header, kind, name, code string) {
	if t == nil || trace.SpanContextFromContext(ctx).IsValid() {
		return
	}
	_, ended := t.Operation(ctx, headers, kind, name)
	ended(code)
}

// Statement begins the span of a statement that is sent to Neo4j for so many requests, in the trace of the context. Its
// parameters' values are no part of it. ended ends it, with what kind of failure came of it or "".
func (t *Tracer) Statement(ctx context.Context, text string, together int) (ended func(failure string)) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() { // of no request
		return func(string) {}
	}
	_, span := t.tracer.Start(ctx, "neo4j", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "neo4j"),
		attribute.String("db.query.text", text),
		attribute.Int("dossier.together", together)))
	return func(failure string) { end(span, failure) }
}

// end ends a span, with what kind of failure came of it or "".
func end(span trace.Span, failure string) {
	if failure != "" {
		span.SetAttributes(attribute.String("error.type", failure))
		span.SetStatus(codes.Error, failure)
	}
	span.End()
}
