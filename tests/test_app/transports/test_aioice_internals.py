"""Says in a sentence what a new aioice has moved. Each is used in aioice_internals.py."""

import asyncio
import inspect

import aioice.ice
import aioice.stun

from sotto_app.transports.aioice_internals import TIMEOUT, patience

LONE = ("192.0.2.1", 9)


class Unheard:
    """Takes what a transaction sends, and never answers."""

    def __init__(self) -> None:
        self.at_s = list[float]()

    def send_stun(self, message: aioice.stun.Message, addr: tuple[str, int]) -> None:
        self.at_s.append(asyncio.get_running_loop().time())


def request() -> aioice.stun.Message:
    return aioice.stun.Message(aioice.stun.Method.BINDING, aioice.stun.Class.REQUEST)


def timeout_s() -> float:
    value: float = getattr(aioice.stun.Transaction(request(), LONE, Unheard()), TIMEOUT)
    return value


async def test_a_transaction_keeps_its_timeout_where_it_can_be_lengthened() -> None:
    transaction = aioice.stun.Transaction(request(), LONE, Unheard())
    assert hasattr(transaction, TIMEOUT), (
        "aioice's Transaction no longer has __timeout_delay: links with long round trips would "
        "lose consent. Look at PatientTransaction."
    )


def test_ice_makes_its_transactions_where_they_can_be_replaced() -> None:
    source = inspect.getsource(aioice.ice.StunProtocol.request)
    assert "stun.Transaction(" in source, (
        "aioice's ICE no longer asks the module stun for a Transaction. Look at patience."
    )


def test_consent_is_asked_once_without_a_retry() -> None:
    source = inspect.getsource(aioice.ice.Connection.query_consent)
    assert "retransmissions=0" in source, (
        "aioice now retries checks of consent: patience may not be needed any more."
    )


async def test_patience_is_handed_on_to_tasks_and_ends_with_its_block() -> None:
    quick_s = timeout_s()
    with patience(3.0):
        assert timeout_s() == 3.0
        task = asyncio.create_task(asyncio.sleep(0, None))
        later = asyncio.create_task(_later())
    assert timeout_s() == quick_s == aioice.stun.RETRY_RTO
    await task
    assert await later == 3.0


async def _later() -> float:
    await asyncio.sleep(0)
    return timeout_s()


async def test_the_timeout_is_what_a_check_of_consent_waits() -> None:
    """One try, and an answer that comes after 0.5 s is one that counts."""
    start_s = asyncio.get_running_loop().time()
    with patience(0.7):
        transaction = aioice.stun.Transaction(request(), LONE, Unheard(), retransmissions=0)
    try:
        await transaction.run()
    except aioice.stun.TransactionTimeout:
        pass
    assert asyncio.get_running_loop().time() - start_s >= 0.69
