"""Threads beside the corridor's own: what they carry over, how far they go ahead, and how they stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from privmask.workers import Consumer, Producer, Stopped


def test_a_producer_carries_its_error_to_the_reader() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    producer = Producer(items(), "privmask-test")
    got: list[int] = []
    with pytest.raises(ValueError, match="broken"):
        got.extend(producer)
    producer.close()


def test_a_producer_runs_ahead_no_further_than_its_depth() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    producer = Producer(items(), "privmask-test", depth=2)
    assert next(iter(producer)) == 0
    producer.close()
    assert len(made) <= 6


def test_a_consumer_carries_its_error_to_the_writer() -> None:
    def take(_item: int) -> None:
        raise ValueError("broken")

    consumer: Consumer[int] = Consumer(take, "privmask-test", depth=1)
    consumer.put(1)
    with pytest.raises(ValueError, match="broken"):
        consumer.finish()


def test_a_closed_consumer_takes_nothing_more() -> None:
    consumer: Consumer[int] = Consumer(lambda _item: None, "privmask-test")
    consumer.close()
    with pytest.raises(Stopped):
        consumer.put(1)


def test_a_producer_without_depth_makes_one_item_while_the_one_before_is_used() -> None:
    begun = [threading.Event() for _ in range(4)]

    def items() -> Iterator[int]:
        for number, event in enumerate(begun):
            event.set()
            yield number

    producer = Producer(items(), "privmask-test", depth=0)
    for number in producer:
        assert all(event.wait(10) for event in begun[: number + 2])
        assert not any(event.is_set() for event in begun[number + 2 :])
    producer.close()


def test_who_waits_for_a_producer_that_is_closed_is_let_go() -> None:
    """As a search does, which waits for the decoder while the job breaks down."""
    waiting = threading.Event()

    def late() -> Iterator[int]:
        waiting.wait(10)
        yield 1

    first = Producer(late(), "privmask-test")
    first.stop()
    second = Producer(iter(first), "privmask-test", depth=0)
    waiting.set()
    first.close()
    second.close(10)
    assert not any(each.name == "privmask-test" for each in threading.enumerate())
