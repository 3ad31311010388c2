"""Mixed-integer programs in whole numbers, solved by HiGHS: one thread, the same answer for the same program."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from math import ceil, gcd, inf, isfinite, lcm
from typing import Any

import highspy
import numpy as np

from domain.awards.solution import Progress, Watch
from domain.money import Money

OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.0,
}
TIGHT: dict[str, Any] = {
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}
"""For pieces that are whole."""
LOOSE: dict[str, Any] = {"mip_pscost_minreliable": 0}
"""For pieces as if they could be divided: branches are not tried before they are taken."""
LOOSE_DOUBT = 1e-8
"""Of a bound that is found so."""
COMPLETING = 200
"""So many nodes at most."""


@dataclass(slots=True)
class Program:
    """Minimise ``costs`` of whole numbers within bounds and rows; every coefficient is a whole number as well."""

    costs: list[int] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    _lower: list[float] = field(default_factory=list)
    _upper: list[float] = field(default_factory=list)
    _starts: list[int] = field(default_factory=lambda: [0])
    _columns: list[int] = field(default_factory=list)
    _values: list[float] = field(default_factory=list)

    def column(self, most: int, cost: int = 0) -> int:
        """A number from 0 to ``most``; returns its index."""
        self.costs.append(cost)
        self.most.append(most)
        return len(self.costs) - 1

    def row(
        self, coefficients: Mapping[int, int | Decimal], *, least: Decimal | float = -inf, most: Decimal | float = inf
    ) -> None:
        """Decimal rows are multiplied until they are whole."""
        bounds = [each for each in (least, most) if isinstance(each, Decimal)]
        scale = reduce(lcm, (Decimal(each).as_integer_ratio()[1] for each in (*coefficients.values(), *bounds)), 1)
        for column, value in coefficients.items():
            self._columns.append(column)
            self._values.append(float(value * scale))
        self._starts.append(len(self._columns))
        self._lower.append(float(least * scale))
        self._upper.append(float(most * scale))

    def lp(self, unit: int, *, divisible: bool = False) -> highspy.HighsLp:
        """With costs counted in ``unit``; if ``divisible``, only what is done or not done is whole."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.costs), len(self._lower)
        lp.col_cost_ = np.array([cost // unit for cost in self.costs], dtype=np.double)
        lp.col_lower_ = np.zeros(len(self.costs))
        lp.col_upper_ = np.array(self.most, dtype=np.double)
        lp.row_lower_, lp.row_upper_ = np.array(self._lower), np.array(self._upper)
        kinds = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [kinds[divisible and most > 1] for most in self.most]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self._starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self._columns, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self._values)
        return lp


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``values`` are rounded to whole numbers and may therefore break a row: who asked checks them. ``bound`` is a
    number that no answer costs less than, allowing for what floating point may have lost. ``steps`` is the effort: with
    as many the same program ends in the same way.
    """

    values: tuple[int, ...] | None
    bound: int | None
    steps: int


def minimise(program: Program, watch: Watch, *, steps: int | None, start: Mapping[int, int] | None = None) -> Answer:
    """Until it is proven, or ``steps`` are done, or the watch stops it.

    With a ``start``, some columns of an answer that is known, it is solved first as if pieces could be divided. That
    is much easier to prove, costs next to nothing less, and what it decides is a better start.
    """
    unit = reduce(gcd, program.costs, 0) or 1
    limit = _Limit(watch, steps, unit)
    known = None
    if start:
        known = _complete(program, unit, start)
        limit.divisible = True
        first = _run(program.lp(unit, divisible=True), limit, known, LOOSE)
        limit.divided(first.getInfo().mip_dual_bound)
        decided = {column: value for column, value in enumerate(_values(first) or ()) if program.most[column] == 1}
        known = _complete(program, unit, decided) or known
    highs = _run(program.lp(unit), limit, known, TIGHT)
    done = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Answer(
        values=_values(highs) or known,
        bound=_whole(max(limit.bound, highs.getInfo().mip_dual_bound), unit),
        steps=limit.steps + done,
    )


def _complete(program: Program, unit: int, decided: Mapping[int, int]) -> tuple[int, ...] | None:
    """The best answer in which some columns are as they are decided: little is left, and nobody is asked meanwhile."""
    lp = program.lp(unit)
    lower, upper = np.zeros(len(program.most)), np.array(program.most, np.double)
    at = np.array(list(decided), np.int64)
    lower[at] = upper[at] = list(decided.values())
    lp.col_lower_, lp.col_upper_ = lower, upper
    return _values(_run(lp, None, None, TIGHT | {"mip_max_nodes": COMPLETING}))


def _run(
    lp: highspy.HighsLp, limit: "_Limit | None", known: tuple[int, ...] | None, options: dict[str, Any]
) -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # the library leaves its constructor untyped
    for name, value in (OPTIONS | options).items():
        highs.setOptionValue(name, value)
    highs.passModel(lp)
    if known:
        highs.setSolution(len(known), np.arange(len(known), dtype=np.int32), np.array(known, np.double))
    if limit is not None:
        highs.cbMipInterrupt += limit.asked
    highs.run()
    return highs


def _values(highs: highspy.Highs) -> tuple[int, ...] | None:
    solution = highs.getSolution()
    feasible = highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return tuple(round(value) for value in solution.col_value) if solution.value_valid and feasible else None


class _Limit:
    """Ends the search at one of the moments at which the solver asks whether to go on. With one thread these come in
    the same order on every machine, so their number says exactly how far it went, and ends it there again.
    """

    def __init__(self, watch: Watch, most: int | None, unit: int) -> None:
        self.steps = 0
        self.bound = -inf
        self.divisible = False
        self._watch = watch
        self._most = most
        self._unit = unit
        self._ended = False
        self._told: tuple[float, float] = (inf, -inf)

    def divided(self, bound: float) -> None:
        """From now on pieces are whole."""
        self.divisible, self.bound = False, bound - abs(bound) * LOOSE_DOUBT

    def asked(self, event: highspy.highs.HighsCallbackEvent) -> None:
        if not self._ended:
            self.steps += 1
            worth = inf if self.divisible else event.data_out.mip_primal_bound
            self._tell(worth, max(self.bound, event.data_out.mip_dual_bound))
            self._ended = self.steps == self._most or self._watch.stopped()
        event.interrupt(self._ended)

    def _tell(self, worth: float, bound: float) -> None:
        if (worth, bound) != self._told:
            self._told = worth, bound
            told = Progress(effort=self.steps, worth=_money(worth, self._unit), bound=_money(bound, self._unit))
            self._watch.told(told)


def _money(value: float, unit: int) -> Money | None:
    return Money(Decimal(max(round(value), 0) * unit).scaleb(-2)) if isfinite(value) else None


def _whole(value: float, unit: int) -> int | None:
    """A bound in whole units, after taking off what the solver's arithmetic may have added."""
    if not isfinite(value):
        return None
    return max(ceil(value - 1e-3 - abs(value) * 1e-11), 0) * unit
