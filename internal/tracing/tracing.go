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

// Open returns a Tracer that sends spans by OTLP over HTTP to a collector's endpoint, for example http://localhost:4318.
// OpenTelemetry's other variables, such as OTEL_EXPORTER_OTLP_HEADERS and OTEL_TRACES_SAMPLER, apply as specified. The
// collector need not be there: spans that cannot be sent are dropped.
//
// What goes wrong later is logged.
func Open(ctx context.Context, endpoint string, log *slog.Logger) (*Tracer, error) {
	if u, err := url.Parse(endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT %q cannot be used: write a URL such as http://localhost:4318", endpoint)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimSuffix(endpoint, "/")+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used (%w): write a URL such as http://localhost:4318", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "dossier")), resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES cannot be used: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("tracing", "error", err) }))
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
	return ctx, func(code string) {
		if code != "" {
			span.SetAttributes(attribute.String("error.type", code))
			span.SetStatus(codes.Error, code)
		}
		span.End()
	}
}

// Statement begins the span of a statement that is sent to Neo4j for so many requests, in the trace of the context. Its
// parameters' values are no part of it.
func (t *Tracer) Statement(ctx context.Context, text string, together int) (ended func()) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() { // of no request
		return func() {}
	}
	_, span := t.tracer.Start(ctx, "neo4j", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "neo4j"),
		attribute.String("db.query.text", text),
		attribute.Int("dossier.together", together)))
	return func() { span.End() }
}
