"""The cheapest way to sew one line, exactly: dynamic programming over bids x winners x pieces.

What an offer costs is straight between the pieces where its price changes, so each step is a sliding minimum and the
whole is (pieces x winners x tiers of all offers), whatever the pieces an offer may have.
"""

from typing import NamedTuple

import numpy as np

from adapters.solver.arrays import NONE, UNBOUNDED, Arrays, Flags, Floats, Ints, Small
from adapters.solver.compiled import compiled

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
    chain: Floats
    other: Floats
    choice: Small
    taken: Flags
    queue_cost: Floats
    queue_at: Ints


def desk(a: Arrays) -> Desk:
    offers, seats = len(a.offer_lot), len(a.seat_lot)
    layers, pieces, table = 1, 1, 1
    for line in range(len(a.line_pieces)):
        if size(a, line) <= TABLE_MAX:
            layers, pieces = max(layers, _layers(a, line)), max(pieces, int(a.line_pieces[line]) + 1)
            table = max(table, size(a, line))
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
    cost = d.cost
    cost[:layers, : pieces + 1] = np.inf
    cost[:layers, 0] = 0.0
    start = first
    while start < last:
        end = start + 1
        while end < last and a.offer_seat[end] == a.offer_seat[start]:
            end += 1
        _seat(a, d, first, start, end, layers, pieces, counted and not d.free[a.offer_seat[start]])
        start = end
    d.given[first:last] = 0
    best = pieces
    if a.line_open[line] < np.inf:
        worth = np.inf
        for p in range(pieces + 1):
            if cost[layers - 1, p] + (pieces - p) * a.line_open[line] < worth:
                best, worth = p, cost[layers - 1, p] + (pieces - p) * a.line_open[line]
    else:
        worth = cost[layers - 1, pieces]
    if worth < np.inf:
        _trace(a, d, first, last, layers, pieces, best, counted)
    return float(worth)


@compiled
def _seat(a: Arrays, d: Desk, first: int, start: int, end: int, layers: int, pieces: int, counted: bool) -> None:
    """One more bid: in each layer it is given nothing, or its offers one after another share some pieces."""
    joint = a.seat_joint[a.offer_seat[start]]
    width = pieces + 1
    for layer in range(layers - 1, -1, -1):
        row = ((end - 1 - first) * layers + layer) * width
        d.taken[row : row + width] = False
        if counted and layer == 0:
            continue
        chain, other = d.chain, d.other
        chain[:width] = d.cost[layer - 1 if counted else layer, :width]
        for o in range(start, end):
            at = ((o - first) * layers + layer) * width
            choice = d.choice[at : at + width]
            choice[:] = 0
            other[:width] = np.inf
            if not joint and end - start > 1:
                other[:width] = chain[:width]
            _offer(a, d, o, chain, other, choice, pieces)
            chain, other = other, chain
        target = d.cost[layer]
        for p in range(width):
            if chain[p] < target[p]:
                target[p] = chain[p]
                d.taken[row + p] = True


@compiled
def _offer(a: Arrays, d: Desk, o: int, source: Floats, target: Floats, choice: Small, pieces: int) -> None:
    most = d.most[o]
    for tier in range(a.offer_tier_from[o], a.offer_tier_from[o + 1]):
        low, high = max(a.tier_pieces[tier], d.least[o]), most
        if tier + 1 < a.offer_tier_from[o + 1]:
            high = min(high, a.tier_pieces[tier + 1] - 1)
        each, fixed = a.tier_price[tier] + d.extra[o], d.entry[o]
        if low <= high:
            _slide(d, source, target, choice, pieces, low, high, each, fixed)
        low = max(low, d.turn[o])
        if low <= high:
            each, fixed = a.tier_package[tier] + d.extra[o], d.entry[o] + d.turn_entry[o]
            _slide(d, source, target, choice, pieces, low, high, each, fixed)


@compiled
def _slide(
    d: Desk, source: Floats, target: Floats, choice: Small, pieces: int, low: int, high: int, each: float, fixed: float
) -> None:
    """``target[p] = min(source[p - q] + each * q + fixed)`` over q from low to high, where that is less."""
    queue_cost, queue_at = d.queue_cost, d.queue_at
    head, tail = 0, 0
    for p in range(low, pieces + 1):
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
        if head < tail:
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
