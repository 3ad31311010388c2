"""Prices of what lots share: first from the linear relaxation (HiGHS), then better ones step by step."""

import math

import highspy
import numpy as np

from adapters.solver.arrays import NONE, Arrays, Flags, Floats
from adapters.solver.line import Desk
from adapters.solver.relaxing import Excess, Prices, no_prices, relaxed

PATIENCE = 3
"""Steps without a better bound before they are halved."""
ITERATIONS = 100_000
"""Of the linear program; a count, for a time would not be the same twice."""

_NEVER_NEGATIVE = [at for at, name in enumerate(Prices._fields) if name != "packs"]


def linear_prices(a: Arrays) -> Prices:
    """From the relaxation in which pieces may be divided and every offer costs what its last tier costs."""
    offers, lots, lines = len(a.offer_lot), len(a.lot_pieces), len(a.line_pieces)
    prices = no_prices(a)
    if not offers:
        return prices
    rows, units = len(a.row_minutes), len(a.unit_pieces)
    reach = _reach(a)
    entries = _Entries()
    offer_line = np.repeat(np.arange(lines), np.diff(a.line_offer_from))
    each = np.arange(offers)
    entries.add(offer_line, each, np.ones(offers))
    line_lot = np.repeat(np.arange(lots), np.diff(a.lot_line_from))
    entries.add(np.arange(lines), offers + line_lot, a.line_pieces)
    entries.add(lines + a.offer_lot, each, 1.0 / np.maximum(reach, 1) / a.seat_offers[a.offer_seat])
    base = lines + lots
    span = a.offer_row_to - a.offer_row_from
    used = np.arange(span.sum()) - np.repeat(np.cumsum(span) - span, span) + np.repeat(a.offer_row_from, span)
    entries.add(base + used, np.repeat(each, span), np.repeat(a.offer_minutes, span))
    bound = np.flatnonzero(a.offer_unit != NONE)
    entries.add(base + rows + a.offer_unit[bound], bound, np.ones(len(bound)))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = offers + lots, base + rows + units
    lp.col_cost_ = np.concatenate((a.tier_price[_last_tier(a, reach)], a.lot_penalty))
    lp.col_lower_ = np.zeros(offers + lots)
    lp.col_upper_ = np.concatenate((reach, np.ones(lots)))
    winners = np.where(a.lot_winners == NONE, highspy.kHighsInf, a.lot_winners)
    lp.row_lower_ = np.concatenate((a.line_pieces, np.full(lots + rows + units, -highspy.kHighsInf)))
    lp.row_upper_ = np.concatenate((a.line_pieces, winners, a.row_minutes, a.unit_pieces))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = entries.by_row(lp.num_row_)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # the library's
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("simplex_iteration_limit", ITERATIONS)
    solver.passModel(lp)
    solver.run()
    duals = np.array(solver.getSolution().row_dual)
    if len(duals) == lp.num_row_:
        prices.rows[:] = np.maximum(-duals[base : base + rows], 0.0)
        prices.units[:] = np.maximum(-duals[base + rows :], 0.0)
    return prices


class _Entries:
    """Of a sparse matrix, collected in any order."""

    def __init__(self) -> None:
        self.rows: list[np.ndarray] = []
        self.columns: list[np.ndarray] = []
        self.values: list[np.ndarray] = []

    def add(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
        self.rows.append(rows)
        self.columns.append(columns)
        self.values.append(values.astype(np.float64))

    def by_row(self, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = np.concatenate(self.rows)
        order = np.argsort(rows, kind="stable")
        starts = np.searchsorted(rows[order], np.arange(count + 1)).astype(np.int32)
        return starts, np.concatenate(self.columns)[order].astype(np.int32), np.concatenate(self.values)[order]


def _reach(a: Arrays) -> np.ndarray:
    """The most pieces that each offer can get."""
    return np.minimum(a.offer_most, a.lot_share_most[a.offer_lot])


def _last_tier(a: Arrays, reach: np.ndarray) -> np.ndarray:
    tier = a.offer_tier_from[1:] - 1
    while True:
        beyond = (a.tier_pieces[tier] > reach) & (tier > a.offer_tier_from[:-1])
        if not beyond.any():
            return tier
        tier = tier - beyond


class Ascent:
    """Raises the bound. ``best`` are the prices that gave it."""

    def __init__(self, a: Arrays, d: Desk, heavy: Flags, hopeless: Flags, start: Prices) -> None:
        self._a, self._d, self._heavy, self._hopeless = a, d, heavy, hopeless
        self._at = start
        self.best = start
        self.bound = -np.inf
        self._size = 0.05
        self._waited = 0
        self._scales = _scales(a)
        self._direction: list[Floats] = []

    def step(self, worth: float) -> None:
        """One more, on the way to ``worth``, which is an allocation's."""
        bound, excess = relaxed(self._a, self._d, self._at, self._heavy, self._hopeless)
        if bound > self.bound + 1e-7 * abs(self.bound):
            self._waited = 0
        else:
            self._waited += 1
        if bound > self.bound:
            self.bound, self.best = bound, self._at
        if self._waited >= PATIENCE:
            self._size, self._waited = self._size / 2, 0
            self._at = self.best
            self._direction = []
        self._at = self._moved(excess, max(worth - bound, 0.0))

    def _moved(self, excess: Excess, gap: float) -> Prices:
        a = self._a
        packs = excess.packs - _mean_over_packs(a, excess.packs)
        shaped = excess._replace(packs=packs)
        scaled = [each * scale for each, scale in zip(shaped, self._scales, strict=True)]
        for index in _NEVER_NEGATIVE:
            each, prices = scaled[index], self._at[index]
            each[(each < 0) & (prices <= 0)] = 0.0
        if self._direction:
            scaled = [0.7 * new + 0.3 * old for new, old in zip(scaled, self._direction, strict=True)]
        self._direction = scaled
        square = math.fsum(math.fsum((each * each).tolist()) for each in scaled)
        if square == 0:
            return self._at
        length = self._size * gap / square
        moved = [
            prices + length * each * scale for prices, each, scale in zip(self._at, scaled, self._scales, strict=True)
        ]
        for index in _NEVER_NEGATIVE:
            np.maximum(moved[index], 0.0, out=moved[index])
        return Prices(*moved)


def _scales(a: Arrays) -> tuple[float, ...]:
    """What a unit of each thing may be worth, roughly: steps go in money and not in minutes."""
    each = float(a.tier_price.mean()) if len(a.tier_price) else 1.0
    minute = each / float(a.offer_minutes.mean()) if len(a.offer_minutes) else 1.0
    lot = each * float(a.lot_pieces.mean()) * 0.02 if len(a.lot_pieces) else 1.0
    return minute, each, each, lot, lot, lot


def _mean_over_packs(a: Arrays, seats: Floats) -> Floats:
    """By seat the mean over its package; where not all seats can be charged, what they have, so that nothing moves."""
    means = seats.copy()
    for pack in range(len(a.pack_least)):
        mine = a.pack_seat[a.pack_seat_from[pack] : a.pack_seat_from[pack + 1]]
        if (a.seat_offers[mine] == 1).all():
            means[mine] = seats[mine].mean()
    return means
