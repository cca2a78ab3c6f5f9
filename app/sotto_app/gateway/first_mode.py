"""The mode that calls begin with where a thin link is: one that all who may talk have room for."""

import logging
from dataclasses import replace

from sotto_app.catalogue import Catalogue
from sotto_app.gateway.packed import bounds_of
from sotto_app.gateway.way import cost_of, each_way_bps
from sotto_app.link.packing import choose, shares
from sotto_app.link.tariff import Toll
from sotto_app.settings import ServerSettings
from sotto_codecs.base import CodecSpec

log = logging.getLogger(__name__)

NEAR_S = 1.1  # of a bundle: with a longer one people talk past each other; phrases are longer


def for_the_link(catalogue: Catalogue, settings: ServerSettings) -> Catalogue:
    """The catalogue with the best default mode, as the file has them in order, but none better than
    the operator chose, of which as many calls as may be fit on the link; the thinnest if none does.
    """
    gateway = settings.gateway
    if not (gateway.to or gateway.listen):
        return catalogue
    cost = cost_of(settings)
    budget_bps = each_way_bps(settings, cost)
    running = [mode for mode in catalogue.modes if mode in catalogue.codecs]
    wanted = running[running.index(catalogue.default_mode) :]
    specs = {mode: catalogue.codecs[mode].spec for mode in wanted}
    fitting = (it for it in wanted if _fits(specs[it], gateway.calls, budget_bps, cost.toll))
    thinnest = min(wanted, key=lambda mode: specs[mode].payload_bps)
    mode = next(fitting, thinnest)
    if mode != catalogue.default_mode:
        log.info("calls begin in %s: the link is too thin for %s", mode, catalogue.default_mode)
    return replace(catalogue, default_mode=mode)


def _fits(spec: CodecSpec, calls: int, budget_bps: float, toll: Toll) -> bool:
    bounds = bounds_of(spec)
    share = shares(dict.fromkeys(range(calls), bounds), budget_bps, toll)[0]
    choice = choose(bounds, share)
    return choice.fits and (choice.bundle_s <= NEAR_S or not spec.keeps_time)
