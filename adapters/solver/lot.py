"""Filling one lot with what is left: its lines one after another, each exactly; what does not fit is mended and redone.

A lot with one line, whose offers may give any piece, is solved exactly. With several lines, winners are chosen line by
line; where size ranges, one sewer's several offers or a consortium's common limits do not fit together, the offer that
found no room is bounded and the line solved again: always valid, not always the cheapest.
"""

import numpy as np

from adapters.solver.arrays import NONE, UNBOUNDED, Arrays, Flags, Floats
from adapters.solver.compiled import compiled
from adapters.solver.ground import Ground, clear, give, holds, room, saving
from adapters.solver.line import Desk, solve_line
from adapters.solver.spreading import spread

_FILLED = -1
_HOPELESS = -2
_PUSH = -1e15
"""Tiyn for a consortium that has won on an earlier line and must on this."""


@compiled
def fill(a: Arrays, g: Ground, d: Desk, lot: int, extra: Floats, scale: float) -> bool:
    """Whether the empty lot could be filled; ``extra`` is each offer's price for what it takes from the others."""
    first, last = a.lot_seat_from[lot], a.lot_seat_from[lot + 1]
    barred = np.zeros(last - first, np.bool_)
    for seat in range(first, last):
        for at in range(a.seat_group_from[seat], a.seat_group_from[seat + 1]):
            barred[seat - first] |= g.group_used[a.seat_group[at]] > 0
    if a.lot_line_from[lot + 1] - a.lot_line_from[lot] > 1 and a.lot_winners[lot] != NONE:
        _choose_winners(a, g, d, lot, extra, scale, barred)
    for _ in range(last - first + 1):
        flaw = _attempt(a, g, d, lot, extra, scale, barred)
        if flaw == _FILLED:
            g.filled[lot] = True
            return True
        clear(a, g, lot)
        if flaw == _HOPELESS:
            return False
        barred[flaw - first] = True
    return False


@compiled
def _choose_winners(a: Arrays, g: Ground, d: Desk, lot: int, extra: Floats, scale: float, barred: Flags) -> None:
    """Bars bids of a lot with several lines, each time the one that is missed least, until not too many would win."""
    first, last = a.lot_seat_from[lot], a.lot_seat_from[lot + 1]
    wins = np.zeros(last - first, np.bool_)
    while _lines_apart(a, g, d, lot, extra, scale, barred, wins) < np.inf and wins.sum() > a.lot_winners[lot]:
        least, whom = np.inf, NONE
        winners = wins.copy()
        for seat in range(last - first):
            if not winners[seat]:
                continue
            barred[seat] = True
            without = _lines_apart(a, g, d, lot, extra, scale, barred, wins)
            barred[seat] = False
            if without < least:
                least, whom = without, seat
        if whom == NONE:
            return
        barred[whom] = True


@compiled
def _lines_apart(
    a: Arrays, g: Ground, d: Desk, lot: int, extra: Floats, scale: float, barred: Flags, wins: Flags
) -> float:
    """The least cost of the lot's lines with any number of winners, and who they are."""
    worth = 0.0
    wins[:] = False
    for line in range(a.lot_line_from[lot], a.lot_line_from[lot + 1]):
        _prepare(a, g, d, lot, line, extra, scale, barred)
        worth += solve_line(a, d, line, a.line_offer_from[line + 1] - a.line_offer_from[line])
        if worth == np.inf:
            break
        for o in range(a.line_offer_from[line], a.line_offer_from[line + 1]):
            wins[a.offer_seat[o] - a.lot_seat_from[lot]] |= d.given[o] > 0
    return worth


@compiled
def _attempt(a: Arrays, g: Ground, d: Desk, lot: int, extra: Floats, scale: float, barred: Flags) -> int:
    """``_FILLED``, ``_HOPELESS`` or the seat that the rules of the lot do not allow as it came out."""
    winners = 0
    for line in range(a.lot_line_from[lot], a.lot_line_from[lot + 1]):
        _prepare(a, g, d, lot, line, extra, scale, barred)
        offers = range(a.line_offer_from[line], a.line_offer_from[line + 1])
        left = NONE if a.lot_winners[lot] == NONE else a.lot_winners[lot] - winners
        tries = 4 * len(offers) + 4
        while True:
            if tries == 0 or solve_line(a, d, line, left) == np.inf:
                return _HOPELESS
            tries -= 1
            if not _bound_what_does_not_fit(a, g, d, line):
                break
        for o in offers:
            if d.given[o] and g.seat_pieces[a.offer_seat[o]] == 0:
                winners += 1
            give(a, g, o, d.given[o])
    return _unruly(a, g, lot)


@compiled
def _unruly(a: Arrays, g: Ground, lot: int) -> int:
    """A bid whose pieces, all lines together, break a rule of the lot, or ``_FILLED``."""
    for seat in range(a.lot_seat_from[lot], a.lot_seat_from[lot + 1]):
        pieces = g.seat_pieces[seat]
        if pieces and not a.lot_least[lot] <= pieces <= a.lot_share_most[lot]:
            return int(seat)
    for o in range(a.line_offer_from[a.lot_line_from[lot]], a.line_offer_from[a.lot_line_from[lot + 1]]):
        seat = a.offer_seat[o]
        if a.seat_joint[seat] and g.seat_pieces[seat] and not g.given[o]:
            return int(seat)
    return _FILLED


@compiled
def _prepare(a: Arrays, g: Ground, d: Desk, lot: int, line: int, extra: Floats, scale: float, barred: Flags) -> None:
    """What each offer of the line may get now, and at which cost."""
    for o in range(a.line_offer_from[line], a.line_offer_from[line + 1]):
        seat = a.offer_seat[o]
        had = g.seat_pieces[seat]
        alone = a.seat_offers[seat] == 1
        d.least[o] = max(a.offer_least[o], a.lot_least[lot]) if alone else a.offer_least[o]
        most = min(min(a.offer_most[o], a.lot_share_most[lot] - had), room(a, g, o))
        blocked = barred[seat - a.lot_seat_from[lot]] or most < d.least[o]
        d.most[o] = 0 if blocked else most
        d.extra[o] = extra[o] * scale
        d.entry[o] = _PUSH if a.seat_joint[seat] and had else 0.0
        d.free[seat] = had > 0
        d.turn[o] = UNBOUNDED
        d.turn_entry[o] = 0.0
        pack = a.seat_pack[seat]
        if pack != NONE and alone and holds(a, g, pack, lot):
            d.turn[o] = a.pack_least[pack]
            d.turn_entry[o] = -saving(a, g, pack, lot)
    _share_joints(a, d, lot, line, g)


@compiled
def _share_joints(a: Arrays, d: Desk, lot: int, line: int, g: Ground) -> None:
    """Members of a consortium, in order, get what its share of the lot leaves beyond everybody's least."""
    first, last = a.line_offer_from[line], a.line_offer_from[line + 1]
    for o in range(first, last):
        seat = a.offer_seat[o]
        if a.seat_offers[seat] == 1 or (o > first and a.offer_seat[o - 1] == seat):
            continue
        spare = a.lot_share_most[lot] - g.seat_pieces[seat]
        end = o
        while end < last and a.offer_seat[end] == seat:
            spare -= d.least[end]
            end += 1
        for each in range(o, end):
            if spare < 0 and a.seat_joint[seat]:
                d.most[each] = 0
            elif d.most[each]:
                more = min(d.most[each] - d.least[each], max(spare, 0))
                d.most[each] = d.least[each] + more
                spare -= more


@compiled
def _bound_what_does_not_fit(a: Arrays, g: Ground, d: Desk, line: int) -> bool:
    """Bounds one offer by what it found room for; whether there was one."""
    first, last = a.line_offer_from[line], a.line_offer_from[line + 1]
    ranged = False
    for o in range(first, last):
        if not d.given[o]:
            continue
        ranged |= not a.offer_whole[o]
        before = 0
        for other in range(first, o):
            if a.offer_bidder[other] == a.offer_bidder[o]:
                before += d.given[other]
        if before and before + d.given[o] > room(a, g, o):
            _bound(d, o, max(room(a, g, o) - before, 0))
            return True
    if ranged:
        fits = spread(a, line, d.given, d.extra)[0]
        for o in range(first, last):
            if fits[o - first] < d.given[o]:
                _bound(d, o, fits[o - first])
                return True
    return False


@compiled
def _bound(d: Desk, o: int, most: int) -> None:
    d.most[o] = most if most >= d.least[o] else 0
