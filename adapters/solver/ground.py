"""An allocation in the making: who has how many pieces, what is left of what is shared, and what it is worth."""

from typing import NamedTuple

import numpy as np

from adapters.solver.arrays import NONE, QUOTA_WHOLE, UNBOUNDED, Arrays, Flags, Ints
from adapters.solver.compiled import Box, Packed, compiled, packs


class Ground(NamedTuple):
    given: Ints
    """By offer."""
    filled: Flags
    """By lot: filled, or given in part where that is allowed."""
    seat_pieces: Ints
    minutes_left: Ints
    units_left: Ints
    group_used: Ints
    quota_have: Ints
    quota_all: Ints


class GroundType(Packed): ...


class GroundBox(Box): ...


packs(Ground, GroundType, GroundBox)


def bare(a: Arrays) -> Ground:
    return Ground(
        given=np.zeros(len(a.offer_lot), np.int64),
        filled=np.zeros(len(a.lot_pieces), np.bool_),
        seat_pieces=np.zeros(len(a.seat_lot), np.int64),
        minutes_left=a.row_minutes.copy(),
        units_left=a.unit_pieces.copy(),
        group_used=np.zeros(int(a.groups[0]), np.int64),
        quota_have=np.zeros(len(a.quota_share), np.int64),
        quota_all=np.zeros(len(a.quota_share), np.int64),
    )


def copied(g: Ground) -> Ground:
    return Ground._make(each.copy() for each in g)


@compiled
def give(a: Arrays, g: Ground, o: int, pieces: int) -> None:
    """More pieces for the offer, or fewer where negative."""
    if pieces == 0:
        return
    g.given[o] += pieces
    for row in range(a.offer_row_from[o], a.offer_row_to[o]):
        g.minutes_left[row] -= a.offer_minutes[o] * pieces
    if a.offer_unit[o] != NONE:
        g.units_left[a.offer_unit[o]] -= pieces
    seat = a.offer_seat[o]
    had = g.seat_pieces[seat]
    g.seat_pieces[seat] = had + pieces
    if (had == 0) != (had + pieces == 0):
        for at in range(a.seat_group_from[seat], a.seat_group_from[seat + 1]):
            g.group_used[a.seat_group[at]] += 1 if had == 0 else -1
    for at in range(a.offer_quota_from[o], a.offer_quota_from[o + 1]):
        g.quota_have[a.offer_quota[at]] += pieces
    lot = a.offer_lot[o]
    for at in range(a.lot_quota_from[lot], a.lot_quota_from[lot + 1]):
        g.quota_all[a.lot_quota[at]] += pieces


@compiled
def clear(a: Arrays, g: Ground, lot: int) -> None:
    """Everything of the lot is taken back."""
    for o in range(a.line_offer_from[a.lot_line_from[lot]], a.line_offer_from[a.lot_line_from[lot + 1]]):
        give(a, g, o, -g.given[o])
    g.filled[lot] = False


@compiled
def room(a: Arrays, g: Ground, o: int) -> int:
    """How many pieces more the bidder's minutes and declared capacity allow."""
    most = UNBOUNDED
    for row in range(a.offer_row_from[o], a.offer_row_to[o]):
        most = min(most, g.minutes_left[row] // a.offer_minutes[o])
    if a.offer_unit[o] != NONE:
        most = min(most, g.units_left[a.offer_unit[o]])
    return max(most, 0)


@compiled
def holds(a: Arrays, g: Ground, pack: int, but: int) -> bool:
    """Whether the package's least pieces are reached in all its lots, ``but`` this one."""
    for at in range(a.pack_seat_from[pack], a.pack_seat_from[pack + 1]):
        seat = a.pack_seat[at]
        if a.seat_lot[seat] != but and g.seat_pieces[seat] < a.pack_least[pack]:
            return False
    return True


@compiled
def tier_of(a: Arrays, o: int, pieces: int) -> int:
    tier = a.offer_tier_from[o]
    while tier + 1 < a.offer_tier_from[o + 1] and a.tier_pieces[tier + 1] <= pieces:
        tier += 1
    return int(tier)


@compiled
def lot_worth(a: Arrays, g: Ground, lot: int) -> float:
    """What the lot adds to the worth; a package's discount counts in each of its lots."""
    if not g.filled[lot]:
        return float(a.lot_penalty[lot])
    worth = 0.0
    for line in range(a.lot_line_from[lot], a.lot_line_from[lot + 1]):
        sewn = 0
        for o in range(a.line_offer_from[line], a.line_offer_from[line + 1]):
            if g.given[o]:
                pack = a.seat_pack[a.offer_seat[o]]
                packed = pack != NONE and holds(a, g, pack, NONE)
                tier = tier_of(a, o, g.given[o])
                worth += (a.tier_package[tier] if packed else a.tier_price[tier]) * g.given[o]
                sewn += g.given[o]
        if sewn < a.line_pieces[line]:
            worth += a.line_open[line] * (a.line_pieces[line] - sewn)
    return worth


@compiled
def saving(a: Arrays, g: Ground, pack: int, but: int) -> float:
    """What the package takes off in its lots, ``but`` this one, when it holds."""
    saved = 0.0
    for at in range(a.pack_seat_from[pack], a.pack_seat_from[pack + 1]):
        seat = a.pack_seat[at]
        lot = a.seat_lot[seat]
        if lot == but:
            continue
        for o in range(a.line_offer_from[a.lot_line_from[lot]], a.line_offer_from[a.lot_line_from[lot + 1]]):
            if a.offer_seat[o] == seat and g.given[o]:
                tier = tier_of(a, o, g.given[o])
                saved += (a.tier_price[tier] - a.tier_package[tier]) * g.given[o]
    return saved


@compiled
def missing(a: Arrays, g: Ground) -> int:
    """Pieces that quotas lack, in hundred-millionths."""
    lacks = 0
    for quota in range(len(a.quota_share)):
        lacks += max(a.quota_share[quota] * g.quota_all[quota] - QUOTA_WHOLE * g.quota_have[quota], 0)
    return lacks
