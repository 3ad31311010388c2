"""The bound: with prices on everything that lots share, each lot is alone.

Their costs less what is paid come to no more than any valid allocation costs (Lagrange). Within a line all but sizes is
exact; sizes, and what ties the lines of a lot together, are left out or priced, which only makes it lower.
"""

import math
from typing import NamedTuple

import numpy as np

from adapters.solver.arrays import NONE, QUOTA_WHOLE, UNBOUNDED, Arrays, Flags, Floats
from adapters.solver.compiled import compiled, entry
from adapters.solver.ground import tier_of
from adapters.solver.line import Desk, solve_line
from adapters.solver.spreading import spread

SAFETY = 1e-11
"""Of all amounts that were added: a thousand times what rounding can come to."""


class Prices(NamedTuple):
    """Never negative but for ``packs``, which come to nothing over the seats of a package."""

    rows: Floats
    units: Floats
    quotas: Floats
    groups: Floats
    packs: Floats
    """By seat."""
    wins: Floats
    """By offer, where a lot has several lines: what a bid pays on each to be among the winners."""


class Excess(NamedTuple):
    """What the lots took more than there is, at some prices; shaped as they are."""

    rows: Floats
    units: Floats
    quotas: Floats
    groups: Floats
    packs: Floats
    wins: Floats


def no_prices(a: Arrays) -> Prices:
    return Prices(*(np.zeros(count) for count in _shape(a)))


def _shape(a: Arrays) -> tuple[int, ...]:
    return (
        len(a.row_minutes),
        len(a.unit_pieces),
        len(a.quota_share),
        int(a.groups[0]),
        len(a.seat_lot),
        len(a.offer_lot),
    )


def extras(a: Arrays, p: Prices) -> Floats:
    """By offer: what one piece of it costs beyond its price, for what it takes from the others."""
    upto = np.concatenate(([0.0], np.cumsum(p.rows)))
    extra: Floats = (upto[a.offer_row_to] - upto[a.offer_row_from]) * a.offer_minutes.astype(np.float64)
    if len(p.units):
        extra += np.where(a.offer_unit == NONE, 0.0, p.units[np.maximum(a.offer_unit, 0)])
    _quota_extras(a, p.quotas, extra)
    return extra


@entry
def _quota_extras(a: Arrays, quotas: Floats, extra: Floats) -> None:
    for o in range(len(extra)):
        lot = a.offer_lot[o]
        for at in range(a.lot_quota_from[lot], a.lot_quota_from[lot + 1]):
            extra[o] += quotas[a.lot_quota[at]] * a.quota_share[a.lot_quota[at]] / QUOTA_WHOLE
        for at in range(a.offer_quota_from[o], a.offer_quota_from[o + 1]):
            extra[o] -= quotas[a.offer_quota[at]]


def relaxed(a: Arrays, d: Desk, p: Prices, heavy: Flags, hopeless: Flags) -> tuple[float, Excess]:
    """The bound in tiyn at these prices, and which way they are wrong."""
    excess = Excess(*(np.zeros(count) for count in _shape(a)))
    extra = extras(a, p)
    lots = _relax(a, d, p, extra, heavy, hopeless, excess)
    paid = (*(p.rows * a.row_minutes).tolist(), *(p.units * a.unit_pieces).tolist(), *p.groups.tolist())
    np.subtract(excess.rows, a.row_minutes, out=excess.rows)
    np.subtract(excess.units, a.unit_pieces, out=excess.units)
    np.subtract(excess.groups, 1.0, out=excess.groups)
    amounts = [*lots.tolist(), *(-each for each in paid)]
    doubt = SAFETY * math.fsum(abs(each) for each in (*amounts, *p.packs.tolist(), *p.wins.tolist()))
    return math.fsum(amounts) - doubt, excess


@entry
def _relax(a: Arrays, d: Desk, p: Prices, extra: Floats, heavy: Flags, hopeless: Flags, excess: Excess) -> Floats:
    """The least that each lot can cost at these prices."""
    lots = np.zeros(len(a.lot_pieces))
    for lot in range(len(lots)):
        lots[lot] = a.lot_penalty[lot]
        if hopeless[lot]:
            continue
        first, last = a.lot_line_from[lot], a.lot_line_from[lot + 1]
        several = last - first > 1 and a.lot_winners[lot] != NONE
        worth = 0.0
        for line in range(first, last):
            worth += _line(a, d, p, extra, lot, line, heavy[line])
        if several:
            worth -= _winners_pay(a, p, lot, excess)
        if worth >= a.lot_penalty[lot]:
            if several:
                excess.wins[a.line_offer_from[first] : a.line_offer_from[last]] = 0.0
            continue
        lots[lot] = worth
        for o in range(a.line_offer_from[first], a.line_offer_from[last]):
            if d.given[o]:
                _count(a, d, p, o, excess)
                if several:
                    excess.wins[o] += 1.0
    return lots


@compiled
def _winners_pay(a: Arrays, p: Prices, lot: int, excess: Excess) -> float:
    """What the bids that pay most would pay as winners of the lot, on all its lines."""
    begin, end = a.lot_seat_from[lot], a.lot_seat_from[lot + 1]
    first, last = a.line_offer_from[a.lot_line_from[lot]], a.line_offer_from[a.lot_line_from[lot + 1]]
    pay = np.zeros(end - begin)
    for o in range(first, last):
        pay[a.offer_seat[o] - begin] += p.wins[o]
    paid = 0.0
    for _ in range(min(a.lot_winners[lot], end - begin)):
        most = 0
        for seat in range(end - begin):
            if pay[seat] > pay[most]:
                most = seat
        if pay[most] <= 0.0:
            break
        paid += pay[most]
        pay[most] = -1.0
    for o in range(first, last):
        if pay[a.offer_seat[o] - begin] == -1.0:
            excess.wins[o] -= 1.0
    return paid


@compiled
def _line(a: Arrays, d: Desk, p: Prices, extra: Floats, lot: int, line: int, heavy: bool) -> float:
    first, last = a.line_offer_from[line], a.line_offer_from[line + 1]
    for o in range(first, last):
        seat = a.offer_seat[o]
        alone = a.seat_offers[seat] == 1
        d.least[o] = max(a.offer_least[o], a.lot_least[lot]) if alone else a.offer_least[o]
        d.most[o] = min(a.offer_most[o], min(a.lot_share_most[lot], _whole_room(a, o)))
        d.extra[o] = extra[o]
        d.entry[o] = p.wins[o]
        if alone:
            for at in range(a.seat_group_from[seat], a.seat_group_from[seat + 1]):
                d.entry[o] += p.groups[a.seat_group[at]]
        d.free[seat] = False
        d.turn[o] = a.pack_least[a.seat_pack[seat]] if alone and a.seat_pack[seat] != NONE else 1
        d.turn_entry[o] = p.packs[seat] if alone else 0.0
    if not heavy:
        return solve_line(a, d, line, a.lot_winners[lot])
    each = a.line_open[line]
    gift = 0.0
    for o in range(first, last):
        d.given[o] = 0
        if d.most[o] >= d.least[o]:
            each = min(each, a.tier_package[a.offer_tier_from[o + 1] - 1] + extra[o])
            gift += min(d.turn_entry[o], 0.0)  # what is paid to enter is left out
    return float(each * a.line_pieces[line] + gift)


@compiled
def _whole_room(a: Arrays, o: int) -> int:
    most = UNBOUNDED
    for row in range(a.offer_row_from[o], a.offer_row_to[o]):
        most = min(most, a.row_minutes[row] // a.offer_minutes[o])
    if a.offer_unit[o] != NONE:
        most = min(most, a.unit_pieces[a.offer_unit[o]])
    return most


@compiled
def _count(a: Arrays, d: Desk, p: Prices, o: int, excess: Excess) -> None:
    pieces, seat = d.given[o], a.offer_seat[o]
    for row in range(a.offer_row_from[o], a.offer_row_to[o]):
        excess.rows[row] += pieces * a.offer_minutes[o]
    if a.offer_unit[o] != NONE:
        excess.units[a.offer_unit[o]] += pieces
    lot = a.offer_lot[o]
    for at in range(a.lot_quota_from[lot], a.lot_quota_from[lot + 1]):
        excess.quotas[a.lot_quota[at]] += pieces * a.quota_share[a.lot_quota[at]] / QUOTA_WHOLE
    for at in range(a.offer_quota_from[o], a.offer_quota_from[o + 1]):
        excess.quotas[a.offer_quota[at]] -= pieces
    if a.seat_offers[seat] > 1:
        return
    for at in range(a.seat_group_from[seat], a.seat_group_from[seat + 1]):
        excess.groups[a.seat_group[at]] += 1.0
    pack = a.seat_pack[seat]
    if pack != NONE and pieces >= a.pack_least[pack]:
        tier = tier_of(a, o, pieces)
        if (a.tier_price[tier] - a.tier_package[tier]) * pieces > p.packs[seat]:
            excess.packs[seat] = 1.0


@entry
def hopeless_lots(a: Arrays) -> Flags:
    """The lots whose sizes cannot all be sewn, if everybody gave the most that he ever could."""
    hopeless = np.zeros(len(a.lot_pieces), np.bool_)
    most = np.zeros(len(a.offer_lot), np.int64)
    nothing = np.zeros(len(a.offer_lot))
    for o in range(len(most)):
        most[o] = min(a.offer_most[o], min(a.lot_share_most[a.offer_lot[o]], _whole_room(a, o)))
        if most[o] < a.offer_least[o]:
            most[o] = 0
    for lot in range(len(hopeless)):
        for line in range(a.lot_line_from[lot], a.lot_line_from[lot + 1]):
            fits = spread(a, line, most, nothing)[0]
            hopeless[lot] |= fits.sum() < a.line_pieces[line] and a.line_open[line] == np.inf
    return hopeless
