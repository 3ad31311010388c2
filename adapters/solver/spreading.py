"""Pieces of a line over its size cells: who sews which sizes, by augmenting paths."""

import numpy as np

from adapters.solver.arrays import Arrays, Floats, Ints
from adapters.solver.compiled import compiled, entry
from adapters.solver.ground import tier_of

_UNSEEN = -2


@compiled
def spread(a: Arrays, line: int, given: Ints, extra: Floats) -> tuple[Ints, Ints]:
    """How many of its ``given`` pieces each offer finds cells for, the cheap ones first, and how many per cell."""
    first, last = a.line_offer_from[line], a.line_offer_from[line + 1]
    base = a.line_cell_from[line]
    offers, cells = last - first, a.line_cell_from[line + 1] - base
    most = np.zeros((offers, cells), np.int64)
    cost = np.zeros(offers)
    for o in range(first, last):
        if given[o]:
            cost[o - first] = a.tier_price[tier_of(a, o, given[o])] + extra[o]
        if a.offer_whole[o]:
            most[o - first] = a.cell_pieces[base : base + cells]
        else:
            for at in range(a.offer_cell_from[o], a.offer_cell_from[o + 1]):
                most[o - first, a.cell_at[at] - base] = a.cell_most[at]
    left = a.cell_pieces[base : base + cells].copy()
    sewn = np.zeros((offers, cells), np.int64)
    fits = np.zeros(offers, np.int64)
    for each in _in_order(cost):
        wanted = given[first + each]
        while fits[each] < wanted:
            moved = _augment(each, wanted - fits[each], most, sewn, left)
            if moved == 0:
                break
            fits[each] += moved
    return fits, sewn


@compiled
def _in_order(cost: Floats) -> Ints:
    """Of equal costs the first first."""
    order = np.arange(len(cost))
    for at in range(1, len(cost)):
        each, to = order[at], at
        while to > 0 and cost[order[to - 1]] > cost[each]:
            order[to] = order[to - 1]
            to -= 1
        order[to] = each
    return order


@compiled
def _augment(start: int, wanted: int, most: Ints, sewn: Ints, left: Ints) -> int:
    """Pieces moved along one shortest path: offer -> cell -> an offer that sews there -> another cell -> ..."""
    offers, cells = sewn.shape
    from_offer = np.full(cells, -1, np.int64)
    from_cell = np.full(offers, _UNSEEN, np.int64)
    from_cell[start] = -1
    queue = np.empty(offers, np.int64)
    queue[0] = start
    head, tail = 0, 1
    while head < tail:
        offer = queue[head]
        head += 1
        for cell in range(cells):
            if from_offer[cell] != -1 or sewn[offer, cell] >= most[offer, cell]:
                continue
            from_offer[cell] = offer
            if left[cell] > 0:
                return _move(cell, wanted, from_offer, from_cell, most, sewn, left)
            for other in range(offers):
                if from_cell[other] == _UNSEEN and sewn[other, cell] > 0:
                    from_cell[other] = cell
                    queue[tail] = other
                    tail += 1
    return 0


@compiled
def _move(end: int, wanted: int, from_offer: Ints, from_cell: Ints, most: Ints, sewn: Ints, left: Ints) -> int:
    amount = min(wanted, left[end])
    cell = end
    while cell != -1:
        offer = from_offer[cell]
        amount = min(amount, most[offer, cell] - sewn[offer, cell])
        if from_cell[offer] != -1:
            amount = min(amount, sewn[offer, from_cell[offer]])
        cell = from_cell[offer]
    left[end] -= amount
    cell = end
    while cell != -1:
        offer = from_offer[cell]
        sewn[offer, cell] += amount
        if from_cell[offer] != -1:
            sewn[offer, from_cell[offer]] -= amount
        cell = from_cell[offer]
    return int(amount)


@entry
def sewn_by_cell(a: Arrays, line: int, given: Ints) -> Ints:
    """Of a line that is given: offers x cells."""
    return spread(a, line, given, np.zeros(len(given)))[1]
