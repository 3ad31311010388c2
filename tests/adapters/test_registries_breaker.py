"""The circuit breaker and the memory of answers, by a clock of the test's own."""

import asyncio

import pytest

from adapters.registries.breaker import CircuitBreaker, CircuitOpenError
from adapters.registries.memory import Memory


class Down(Exception):  # noqa: N818 - what the test calls a failure
    pass


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def breaker(time: Time) -> CircuitBreaker:
    return CircuitBreaker(Down, failures=3, open_seconds=10.0, clock=time)


def fail(circuit: CircuitBreaker, error: type[BaseException] = Down) -> None:
    with pytest.raises(error), circuit.guarding():
        raise error


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    circuit = breaker(Time())
    for _ in range(2):
        fail(circuit)
    with circuit.guarding():
        pass
    for _ in range(2):
        fail(circuit)
    assert not circuit.is_open()
    fail(circuit)
    assert circuit.is_open()
    with pytest.raises(CircuitOpenError), circuit.guarding():
        pytest.fail("it was asked")


def test_one_probe_goes_through_after_the_pause_and_closes_it() -> None:
    time = Time()
    circuit = breaker(time)
    for _ in range(3):
        fail(circuit)
    time.now = 10.0
    with circuit.guarding(), pytest.raises(CircuitOpenError), circuit.guarding():
        pytest.fail("a second probe")
    assert not circuit.is_open()
    fail(circuit)
    assert not circuit.is_open()


def test_a_probe_that_fails_opens_it_for_another_pause() -> None:
    time = Time()
    circuit = breaker(time)
    for _ in range(3):
        fail(circuit)
    time.now = 10.0
    fail(circuit)
    time.now = 19.0
    with pytest.raises(CircuitOpenError), circuit.guarding():
        pytest.fail("it was asked")
    time.now = 20.0
    with circuit.guarding():
        pass
    assert not circuit.is_open()


def test_what_is_cancelled_or_our_own_mistake_says_nothing_about_them() -> None:
    time = Time()
    circuit = breaker(time)
    for _ in range(5):
        fail(circuit, KeyError)
        fail(circuit, asyncio.CancelledError)
    assert not circuit.is_open()
    for _ in range(3):
        fail(circuit)
    time.now = 10.0
    fail(circuit, asyncio.CancelledError)
    with circuit.guarding():
        pass
    assert not circuit.is_open()


def test_a_memory_forgets_what_is_old_and_the_oldest_of_too_many() -> None:
    time = Time()
    memory: Memory[str] = Memory(seconds=5.0, entries=2, clock=time)
    memory.put("a", "1")
    time.now = 1.0
    memory.put("b", "2")
    memory.put("a", "3")
    memory.put("c", "4")
    assert (memory.get("b"), memory.get("a"), memory.get("c"), len(memory)) == (None, "3", "4", 2)
    time.now = 6.0
    assert (memory.get("a"), len(memory)) == (None, 1)
