"""What the relay counts, for Prometheus: https://prometheus.io/docs/practices/naming/

Counters are since the start of the relay and never fall, also when the thin link is set up anew.
"""

import asyncio
from collections.abc import Callable, Iterator

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client.aiohttp import make_aiohttp_handler
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from sotto_app.gateway.opening import GATEWAY, LINE
from sotto_app.link.session import State, ThinSession
from sotto_app.transports.base import Traffic

PROXIED = "X-Forwarded-For"
Counts = Callable[[], dict[str, int]]


def metrics_handler(app: web.Application, counts: Counts) -> Handler:
    """For GET /metrics; `counts` are those of the signaling server. Who comes through a proxy is
    the world, and finds nothing here."""
    registry = CollectorRegistry()
    registry.register(Figures(app, counts))
    answer = make_aiohttp_handler(registry)

    async def metrics(request: web.Request) -> web.StreamResponse:
        if PROXIED in request.headers:
            raise web.HTTPNotFound(text="There is nothing here.")
        return await answer(request)

    return metrics


class Figures(Collector):
    """Asks for them anew at each scrape; on the event loop."""

    def __init__(self, app: web.Application, counts: Counts) -> None:
        self._app, self._counts = app, counts

    def collect(self) -> Iterator[Metric]:
        for name, count in self._counts().items():
            yield GaugeMetricFamily(f"sotto_{name}", f"{name.capitalize()} now.", count)
        if LINE in self._app:
            line, (calls, most_calls) = self._app[LINE], self._app[GATEWAY].calls
            yield from of_link(line.session, line.traffic, asyncio.get_running_loop().time())
            yield GaugeMetricFamily("sotto_link_calls", "Peers of this relay on the link.", calls)
            yield GaugeMetricFamily("sotto_link_calls_limit", "How many there may be.", most_calls)


def of_link(session: ThinSession, traffic: Traffic, now: float) -> Iterator[Metric]:
    """Of one end of a thin link; `now` in the time of the session."""
    yield _bytes(session)
    yield _packets(session)
    yield _dropped(session, traffic)
    yield _state(session)
    if session.rtt_s is not None:
        yield GaugeMetricFamily("sotto_link_round_trip_seconds", "There and back.", session.rtt_s)
    lost = "Share of the last packets to this end that were lost."
    yield GaugeMetricFamily("sotto_link_loss_ratio", lost, session.loss(now))
    queue = "How long the link needs for what waits to leave."
    yield GaugeMetricFamily("sotto_link_queue_seconds", queue, session.queued_s)
    waiting = "Messages that the other end has not acknowledged."
    yield GaugeMetricFamily("sotto_link_undelivered_bytes", waiting, session.undelivered_bytes)


def _bytes(session: ThinSession) -> Metric:
    words = "Bytes on the thin link; header has those of IP and UDP, or of KISS."
    family = CounterMetricFamily("sotto_link_bytes", words, labels=("direction", "kind"))
    for direction, meter in (("sent", session.sent), ("received", session.received)):
        for kind, count in meter.total.by_kind.items():
            family.add_metric((direction, kind), count)
    return family


def _packets(session: ThinSession) -> Metric:
    words = "Datagrams on the thin link."
    family = CounterMetricFamily("sotto_link_packets", words, labels=("direction",))
    family.add_metric(("sent",), session.sent.packets)
    family.add_metric(("received",), session.received.packets)
    return family


def _dropped(session: ThinSession, traffic: Traffic) -> Metric:
    words = "What came and was of no use, and what could not go."
    family = CounterMetricFamily("sotto_link_dropped", words, labels=("layer", "reason"))
    for layer, dropped in (("session", session.dropped), ("transport", traffic.dropped)):
        for reason, count in dropped.items():
            family.add_metric((layer, reason), count)
    return family


def _state(session: ThinSession) -> Metric:
    family = GaugeMetricFamily("sotto_link_state", "1 for the present state.", labels=("state",))
    for state in State:
        family.add_metric((state.value,), state is session.state)
    return family
