"""From prices to an award: lots filled one after another, then a few at a time taken out and put back.

What is drawn is drawn from a generator of our own with a fixed seed: the same problem gives the same award.
"""

import numpy as np

from adapters.solver.arrays import NONE, QUOTA_WHOLE, Arrays, Flags, Floats, Ints
from adapters.solver.compiled import compiled, entry
from adapters.solver.ground import Ground, clear, give, lot_worth, missing, room
from adapters.solver.line import Desk
from adapters.solver.lot import fill

SCALES = np.array([1.0, 0.5, 0.0])
AROUND = 300
"""So many at most around a lot that could not be filled."""
TRIES = 9
"""So many times a round it is tried to make room for one."""


@entry
def fill_all(a: Arrays, g: Ground, d: Desk, order: Ints, extra: Floats, scale: float, frozen: Flags) -> None:
    for lot in order:
        if not g.filled[lot] and not frozen[lot]:
            fill(a, g, d, lot, extra, scale)


@entry
def standing(a: Arrays, g: Ground) -> tuple[int, float]:
    """What quotas lack, and what it is worth: smaller is better, in this order."""
    worth = 0.0
    for lot in range(len(a.lot_pieces)):
        worth += lot_worth(a, g, lot)
    return missing(a, g), worth


@entry
def give_all(a: Arrays, g: Ground, given: Ints) -> None:
    """To an empty ground, by offer."""
    for o in range(len(given)):
        if given[o]:
            give(a, g, o, given[o])
            g.filled[a.offer_lot[o]] = True


@entry
def give_up_for_quotas(a: Arrays, g: Ground) -> None:
    """Lots are taken back until no quota lacks anything, those first that are worst for them."""
    while missing(a, g):
        clear(a, g, _worst_for(a, g))


@compiled
def _worst_for(a: Arrays, g: Ground) -> int:
    """The lot that adds most to what quotas lack, per tiyn that it costs to leave it open."""
    worst, most = NONE, -np.inf
    for lot in range(len(a.lot_pieces)):
        if not g.filled[lot]:
            continue
        lacks = 0.0
        for at in range(a.lot_quota_from[lot], a.lot_quota_from[lot + 1]):
            quota = a.lot_quota[at]
            if a.quota_share[quota] * g.quota_all[quota] > QUOTA_WHOLE * g.quota_have[quota]:
                lacks += _lacks(a, g, lot, quota)
        lacks /= max(a.lot_penalty[lot], 1.0)
        if lacks > most:
            worst, most = lot, lacks
    return worst


@compiled
def _lacks(a: Arrays, g: Ground, lot: int, quota: int) -> float:
    lacks = 0.0
    for o in range(a.line_offer_from[a.lot_line_from[lot]], a.line_offer_from[a.lot_line_from[lot + 1]]):
        lacks += a.quota_share[quota] * g.given[o]
        for at in range(a.offer_quota_from[o], a.offer_quota_from[o + 1]):
            if a.offer_quota[at] == quota:
                lacks -= QUOTA_WHOLE * g.given[o]
    return lacks


@entry
def improve(
    a: Arrays,
    g: Ground,
    d: Desk,
    lots: Ints,
    extra: Floats,
    frozen: Flags,
    together: int,
    heat: float,
    seed: int,
    marks: Ints,
) -> int:
    """Takes each lot out, with up to so many others that its bidders sew, and puts them back, at
    a loss of less than ``heat``; returns the next seed.
    """
    group = np.empty(AROUND, np.int64)
    for lot in lots:
        if frozen[lot]:
            continue
        group[0] = lot
        count = 1
        if together > 1 and not g.filled[lot]:
            seed = _make_room(a, g, d, group, extra, frozen, seed, marks)
            continue
        if together > 1:
            seed = _next(seed)
            wanted = 2 + (seed >> 8) % (together - 1)
            for _ in range(3 * wanted):
                seed = _next(seed)
                other = _neighbour(a, g, group[(seed >> 8) % count], seed >> 12)
                if count < wanted and other != NONE and not frozen[other] and not _among(group, count, other):
                    group[count] = other
                    count += 1
        seed = _next(seed)
        scale = SCALES[(seed >> 8) % len(SCALES)]
        seed = _next(seed)
        _retry(a, g, d, group[:count], extra, scale, heat * seed / 2147483648, marks)
    return seed


@compiled
def _among(group: Ints, count: int, lot: int) -> bool:
    found = False
    for at in range(count):
        found |= group[at] == lot
    return found


@compiled
def _make_room(a: Arrays, g: Ground, d: Desk, group: Ints, extra: Floats, frozen: Flags, seed: int, marks: Ints) -> int:
    """For an open lot, the first of the group: some of the lots that its bidders sew are put back after it, in another
    order with every try.
    """
    around = _around(a, g, group, frozen, marks)
    for attempt in range(TRIES):
        for at in range(around - 1, 1, -1):
            seed = _next(seed)
            other = 1 + (seed >> 8) % at
            group[at], group[other] = group[other], group[at]
        seed = _next(seed)
        count = 1 + (seed >> 8) % around if attempt else around
        _retry(a, g, d, group[:count], extra, SCALES[attempt % len(SCALES)], 0.0, marks)
        if g.filled[group[0]]:
            break
    return seed


@compiled
def _around(a: Arrays, g: Ground, group: Ints, frozen: Flags, marks: Ints) -> int:
    """Into the group: all lots that the first one's bidders sew."""
    lot, count = group[0], 1
    marks[0] += 1
    for o in range(a.line_offer_from[a.lot_line_from[lot]], a.line_offer_from[a.lot_line_from[lot + 1]]):
        bidder = a.offer_bidder[o]
        for at in range(a.bidder_offer_from[bidder], a.bidder_offer_from[bidder + 1]):
            other = a.offer_lot[a.bidder_offer[at]]
            fresh = other != lot and marks[other + 1] != marks[0]
            if fresh and g.given[a.bidder_offer[at]] and not frozen[other] and count < len(group):
                marks[other + 1] = marks[0]
                group[count] = other
                count += 1
    return count


@compiled
def _next(seed: int) -> int:
    return (seed * 1103515245 + 12345) % 2147483648


@compiled
def _neighbour(a: Arrays, g: Ground, lot: int, number: int) -> int:
    """Another lot that some bidder of this one sews, or NONE."""
    first, last = a.line_offer_from[a.lot_line_from[lot]], a.line_offer_from[a.lot_line_from[lot + 1]]
    if first == last:
        return NONE
    bidder = a.offer_bidder[first + number % (last - first)]
    for step in range(last - first):
        o = first + (number + step) % (last - first)
        wished = a.offer_most[o] - g.given[o]
        if wished > 0 and room(a, g, o) < wished:
            bidder = a.offer_bidder[o]
            break
    begin, end = a.bidder_offer_from[bidder], a.bidder_offer_from[bidder + 1]
    for step in range(end - begin):
        o = a.bidder_offer[begin + (number + step) % (end - begin)]
        if g.given[o] and a.offer_lot[o] != lot:
            return int(a.offer_lot[o])
    return NONE


@compiled
def _retry(a: Arrays, g: Ground, d: Desk, group: Ints, extra: Floats, scale: float, loss: float, marks: Ints) -> None:
    """The group's lots are put back in its order; if that loses as much as ``loss`` or more, all is as before."""
    before, lacked = _worth_around(a, g, group, marks), missing(a, g)
    first = np.empty(len(group) + 1, np.int64)
    first[0] = 0
    for at in range(len(group)):
        lot = group[at]
        count = a.line_offer_from[a.lot_line_from[lot + 1]] - a.line_offer_from[a.lot_line_from[lot]]
        first[at + 1] = first[at] + count
    kept = np.empty(first[-1], np.int64)
    filled = np.empty(len(group), np.bool_)
    for at in range(len(group)):
        begin = a.line_offer_from[a.lot_line_from[group[at]]]
        kept[first[at] : first[at + 1]] = g.given[begin : begin + first[at + 1] - first[at]]
        filled[at] = g.filled[group[at]]
    for lot in group:
        clear(a, g, lot)
    for lot in group:
        fill(a, g, d, lot, extra, scale)
    lacks = missing(a, g)
    if lacks < lacked or (lacks == lacked and _worth_around(a, g, group, marks) < before + loss):
        return
    for lot in group:
        clear(a, g, lot)
    for at in range(len(group)):
        begin = a.line_offer_from[a.lot_line_from[group[at]]]
        for each in range(first[at + 1] - first[at]):
            give(a, g, begin + each, kept[first[at] + each])
        g.filled[group[at]] = filled[at]


@compiled
def _worth_around(a: Arrays, g: Ground, group: Ints, marks: Ints) -> float:
    """Of the group and of all lots whose packages it touches, each once."""
    worth = 0.0
    marks[0] += 1
    now = marks[0]
    for lot in group:
        if marks[lot + 1] != now:
            marks[lot + 1] = now
            worth += lot_worth(a, g, lot)
        for seat in range(a.lot_seat_from[lot], a.lot_seat_from[lot + 1]):
            pack = a.seat_pack[seat]
            if pack == NONE:
                continue
            for at in range(a.pack_seat_from[pack], a.pack_seat_from[pack + 1]):
                partner = a.seat_lot[a.pack_seat[at]]
                if marks[partner + 1] != now:
                    marks[partner + 1] = now
                    worth += lot_worth(a, g, partner)
    return worth
