"""Traces (OpenTelemetry, W3C trace context) and metrics (Prometheus), both under the name microwish."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, DEFAULT_ON
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

_PREFIX = "microwish_"
_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("microwish")  # stands for that of the provider that `configure` sets
_counters: dict[str, Counter] = {}
_gauges: dict[str, Gauge] = {}
_histograms: dict[str, Histogram] = {}


def configure(service: str, otlp_endpoint: str | None = None) -> None:
    """Give this process a tracer; spans are exported to the OTLP/HTTP collector when there is one.

    The first call of a process wins, as OpenTelemetry allows one provider.
    """
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    provider = TracerProvider(
        resource=Resource.create({"service.name": service}),
        sampler=DEFAULT_ON if otlp_endpoint else ALWAYS_OFF,  # trace ids travel on; what nobody reads is not recorded
        shutdown_on_exit=True,
    )
    if otlp_endpoint:
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint)))
    trace.set_tracer_provider(provider)


def current_traceparent() -> str | None:
    """The W3C `traceparent` of the current span, to travel with an event; None outside a trace."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span_from(traceparent: str | None, name: str, *, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
    """A span named `name` that continues the trace of `traceparent`, or starts one.

    A malformed `traceparent` is ignored, as the W3C recommendation says. Names and attributes
    must hold no personal data.
    """
    parent = _propagator.extract({"traceparent": traceparent}) if traceparent else None
    # Exception texts may quote what a person wrote: only the type is recorded, by the caller's log line.
    with _tracer.start_as_current_span(
        name, context=parent, kind=kind, record_exception=False, set_status_on_exception=False
    ) as span:
        yield span


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    """The counter `microwish_<name>`; asking again gives the same one. Labels hold no personal data."""
    if name not in _counters:
        _counters[name] = Counter(_PREFIX + name, meaning, labels)
    return _counters[name]


def gauge(name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
    """The gauge `microwish_<name>`; asking again gives the same one."""
    if name not in _gauges:
        _gauges[name] = Gauge(_PREFIX + name, meaning, labels)
    return _gauges[name]


def histogram(name: str, meaning: str, labels: Sequence[str] = ()) -> Histogram:
    """The histogram `microwish_<name>` of seconds; asking again gives the same one."""
    if name not in _histograms:
        _histograms[name] = Histogram(_PREFIX + name, meaning, labels)
    return _histograms[name]
