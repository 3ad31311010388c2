"""A problem as arrays: lots -> lines -> offers, in one order whatever the order of the problem's tuples.

A *seat* is a bid in a lot: what the buyer's rules count as one winner, with one offer per line and member. Money is in
tiyn (floats, exact up to 2**53), minutes in hundredths, all else in pieces. ``X_from[i]:X_from[i + 1]`` are i's parts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.solver.compiled import Box, Packed, packs

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Small = NDArray[np.int32]
Flags = NDArray[np.bool_]

NONE = -1
UNBOUNDED = 2**40
"""Pieces and minutes that nobody has."""
QUOTA_WHOLE = 10**8
"""A quota's share of one: percent in millionths."""


class Arrays(NamedTuple):
    # lots
    lot_penalty: Floats
    lot_pieces: Ints
    lot_line_from: Ints
    lot_seat_from: Ints
    lot_winners: Ints
    lot_share_most: Ints
    lot_least: Ints
    lot_quota_from: Ints
    lot_quota: Ints
    # lines
    line_pieces: Ints
    line_open: Floats
    """What a piece costs that nobody is given, where the lot may be awarded in part; infinite elsewhere."""
    line_offer_from: Ints
    line_cell_from: Ints
    cell_pieces: Ints
    # seats
    seat_lot: Ints
    seat_joint: Flags
    seat_offers: Ints
    seat_pack: Ints
    """Its package; NONE without one. A seat in several packages has none here: see ``offer_pack_bound``."""
    seat_group_from: Ints
    seat_group: Ints
    """Its either-or groups."""
    # offers
    offer_lot: Ints
    offer_seat: Ints
    offer_bidder: Ints
    offer_least: Ints
    offer_most: Ints
    offer_whole: Flags
    """It may give every piece of its line."""
    offer_minutes: Ints
    offer_row_from: Ints
    offer_row_to: Ints
    """The rows of the bidder's capacity that it uses: all from its delivery day on."""
    offer_unit: Ints
    offer_quota_from: Ints
    offer_quota: Ints
    offer_tier_from: Ints
    offer_cell_from: Ints
    cell_at: Ints
    cell_most: Ints
    # tiers of offers
    tier_pieces: Ints
    tier_price: Floats
    tier_package: Floats
    """The compared price when the seat's package holds; the best of several."""
    # packages
    pack_seat_from: Ints
    pack_seat: Ints
    pack_least: Ints
    # what is shared
    bidder_offer_from: Ints
    bidder_offer: Ints
    row_minutes: Ints
    unit_pieces: Ints
    quota_share: Ints
    groups: Ints
    """Of length one: how many either-or groups there are."""


class ArraysType(Packed): ...


class ArraysBox(Box): ...


packs(Arrays, ArraysType, ArraysBox)
