"""The cheapest way to sew one line, exactly: dynamic programming over bids x winners x pieces.

What an offer costs is straight between the pieces where its price changes, so each step is a sliding minimum and the
whole is (pieces x winners x tiers of all offers), whatever the pieces an offer may have. Only pieces are looked at that
the bids so far can give and from which those to come can still fill the line.
"""

from typing import NamedTuple

import numpy as np

from adapters.solver.arrays import NONE, UNBOUNDED, Arrays, Flags, Floats, Ints, Small
from adapters.solver.compiled import Box, Packed, compiled, packs

TABLE_MAX = 60_000_000
"""Offers x winners x pieces of the largest line that is solved; larger ones are left as the greedy has them."""


class Desk(NamedTuple):
    """What a line is solved with, by offer and seat, and the tables to solve it on."""

    least: Ints
    most: Ints
    """0 for an offer that may get nothing."""
    extra: Floats
    """Per piece, on top of the price."""
    entry: Floats
    """For being given anything."""
    turn: Ints
    """From so many pieces on the package's price may be had."""
    turn_entry: Floats
    """For having it."""
    free: Flags
    """By seat: it is a winner already, or winners are not counted."""
    given: Ints
    """The answer."""
    cost: Floats
    """By winners and pieces: the least so far."""
    most_before: Ints
    """By winners: the most pieces that so many of the bids so far can give."""
    most_after: Ints
    """By offer of the line and winners: the most that so many more can give, from this offer on."""
    chain: Floats
    other: Floats
    choice: Small
    taken: Flags
    queue_cost: Floats
    queue_at: Ints


class DeskType(Packed): ...


class DeskBox(Box): ...


packs(Desk, DeskType, DeskBox)


def desk(a: Arrays) -> Desk:
    offers, seats = len(a.offer_lot), len(a.seat_lot)
    layers, pieces, table, crowd = 1, 1, 1, 1
    for line in range(len(a.line_pieces)):
        if size(a, line) <= TABLE_MAX:
            layers, pieces = max(layers, _layers(a, line)), max(pieces, int(a.line_pieces[line]) + 1)
            table = max(table, size(a, line))
            crowd = max(crowd, int(a.line_offer_from[line + 1] - a.line_offer_from[line]))
    return Desk(
        least=a.offer_least.copy(),
        most=np.zeros(offers, np.int64),
        extra=np.zeros(offers),
        entry=np.zeros(offers),
        turn=np.full(offers, UNBOUNDED),
        turn_entry=np.zeros(offers),
        free=np.zeros(seats, np.bool_),
        given=np.zeros(offers, np.int64),
        cost=np.empty((layers, pieces)),
        most_before=np.zeros(layers, np.int64),
        most_after=np.zeros((crowd + 1, layers), np.int64),
        chain=np.empty(pieces),
        other=np.empty(pieces),
        choice=np.empty(table, np.int32),
        taken=np.empty(table, np.bool_),
        queue_cost=np.empty(pieces),
        queue_at=np.empty(pieces, np.int64),
    )


def size(a: Arrays, line: int) -> int:
    """Of the table that the line needs."""
    offers = int(a.line_offer_from[line + 1] - a.line_offer_from[line])
    return offers * _layers(a, line) * (int(a.line_pieces[line]) + 1)


def _layers(a: Arrays, line: int) -> int:
    first, last = a.line_offer_from[line], a.line_offer_from[line + 1]
    if first == last:
        return 1
    winners = int(a.lot_winners[a.offer_lot[first]])
    return 1 if winners == NONE else min(winners, int(last - first)) + 1


@compiled
def solve_line(a: Arrays, d: Desk, line: int, winners: int) -> float:
    """The least cost with at most so many new winners (NONE: any number), ``d.given`` per offer; infinite if none."""
    first, last, pieces = a.line_offer_from[line], a.line_offer_from[line + 1], a.line_pieces[line]
    layers = 1 if winners == NONE or winners >= last - first else winners + 1
    counted = layers > 1 or winners == 0
    full = pieces if a.line_open[line] == np.inf else 0
    _look_ahead(a, d, first, last, layers, counted)
    d.given[first:last] = 0
    if d.most_after[0, layers - 1] < full:
        return np.inf
    cost = d.cost
    cost[:layers, : pieces + 1] = np.inf
    cost[:layers, 0] = 0.0
    d.most_before[:layers] = 0
    start = first
    while start < last:
        end = start + 1
        while end < last and a.offer_seat[end] == a.offer_seat[start]:
            end += 1
        _seat(a, d, first, start, end, layers, pieces, full, counted and not d.free[a.offer_seat[start]])
        start = end
    best = pieces
    worth = cost[layers - 1, pieces]
    if full < pieces:
        for p in range(pieces + 1):
            if cost[layers - 1, p] + (pieces - p) * a.line_open[line] < worth:
                best, worth = p, cost[layers - 1, p] + (pieces - p) * a.line_open[line]
    if worth < np.inf:
        _trace(a, d, first, last, layers, pieces, best, counted)
    return float(worth)


@compiled
def _look_ahead(a: Arrays, d: Desk, first: int, last: int, layers: int, counted: bool) -> None:
    after = d.most_after
    after[last - first, :layers] = 0
    end = last
    while end > first:
        start, most = end, 0
        while start > first and a.offer_seat[start - 1] == a.offer_seat[end - 1]:
            start -= 1
            most += d.most[start]
        for layer in range(layers):
            if not counted or d.free[a.offer_seat[start]]:
                after[start - first, layer] = after[end - first, layer] + most
            else:
                more = after[end - first, layer - 1] + most if layer else 0
                after[start - first, layer] = max(after[end - first, layer], more)
        end = start


@compiled
def _seat(
    a: Arrays, d: Desk, first: int, start: int, end: int, layers: int, pieces: int, full: int, counted: bool
) -> None:
    """One more bid: in each layer it is given nothing, or its offers one after another share some pieces."""
    width, most = pieces + 1, 0
    for o in range(start, end):
        most += d.most[o]
    for layer in range(layers - 1, -1, -1):
        row = ((end - 1 - first) * layers + layer) * width
        taken = d.taken[row : row + width]
        taken[:] = False
        if most == 0 or (counted and layer == 0):
            continue
        before = d.most_before[layer - 1 if counted else layer] + most
        d.most_before[layer] = max(d.most_before[layer], before)
        low, high = max(full - d.most_after[end - first, layers - 1 - layer], 0), min(before, pieces)
        choice = d.choice[row : row + width]
        if end - start == 1:
            source = d.chain
            if counted:
                source = d.cost[layer - 1]
            else:
                source[: high + 1] = d.cost[layer, : high + 1]
            choice[:] = 0
            _offer(a, d, start, source, d.cost[layer], choice, low, high)
            for p in range(low, high + 1):
                taken[p] = choice[p] > 0
            continue
        chain = _chain(a, d, first, start, end, layer, layers, width, d.cost[layer - 1 if counted else layer])
        target = d.cost[layer]
        for p in range(low, high + 1):
            if chain[p] < target[p]:
                target[p] = chain[p]
                taken[p] = True


@compiled
def _chain(
    a: Arrays, d: Desk, first: int, start: int, end: int, layer: int, layers: int, width: int, source: Floats
) -> Floats:
    """The bid's offers one after another, in a consortium all of them."""
    chain, other = d.chain, d.other
    chain[:width] = source[:width]
    for o in range(start, end):
        at = ((o - first) * layers + layer) * width
        choice = d.choice[at : at + width]
        choice[:] = 0
        other[:width] = np.inf
        if not a.seat_joint[a.offer_seat[o]]:
            other[:width] = chain[:width]
        _offer(a, d, o, chain, other, choice, 0, width - 1)
        chain, other = other, chain
    return chain


@compiled
def _offer(a: Arrays, d: Desk, o: int, source: Floats, target: Floats, choice: Small, start: int, stop: int) -> None:
    most = d.most[o]
    for tier in range(a.offer_tier_from[o], a.offer_tier_from[o + 1]):
        low, high = max(a.tier_pieces[tier], d.least[o]), most
        if tier + 1 < a.offer_tier_from[o + 1]:
            high = min(high, a.tier_pieces[tier + 1] - 1)
        each, fixed = a.tier_price[tier] + d.extra[o], d.entry[o]
        if low <= high:
            _slide(d, source, target, choice, start, stop, low, high, each, fixed)
        low = max(low, d.turn[o])
        if low <= high:
            each, fixed = a.tier_package[tier] + d.extra[o], d.entry[o] + d.turn_entry[o]
            _slide(d, source, target, choice, start, stop, low, high, each, fixed)


@compiled
def _slide(
    d: Desk,
    source: Floats,
    target: Floats,
    choice: Small,
    start: int,
    stop: int,
    low: int,
    high: int,
    each: float,
    fixed: float,
) -> None:
    """``target[p] = min(source[p - q] + each * q + fixed)`` over q from low to high, where that is less, for p from
    start to stop.
    """
    queue_cost, queue_at = d.queue_cost, d.queue_at
    head, tail = 0, 0
    for p in range(max(low, start - (high - low)), stop + 1):
        entering = p - low
        if source[entering] < np.inf:
            value = source[entering] - each * entering
            while tail > head and queue_cost[tail - 1] >= value:
                tail -= 1
            queue_cost[tail] = value
            queue_at[tail] = entering
            tail += 1
        while head < tail and queue_at[head] < p - high:
            head += 1
        if head < tail and p >= start:
            value = queue_cost[head] + each * p + fixed
            if value < target[p]:
                target[p] = value
                choice[p] = p - queue_at[head]


@compiled
def _trace(a: Arrays, d: Desk, first: int, last: int, layers: int, pieces: int, best: int, counted: bool) -> None:
    layer, p, o = layers - 1, best, last - 1
    width = pieces + 1
    while o >= first:
        start = o
        while start > first and a.offer_seat[start - 1] == a.offer_seat[o]:
            start -= 1
        if d.taken[((o - first) * layers + layer) * width + p]:
            for each in range(o, start - 1, -1):
                q = d.choice[((each - first) * layers + layer) * width + p]
                d.given[each] = q
                p -= q
            if counted and not d.free[a.offer_seat[o]]:
                layer -= 1
        o = start - 1
