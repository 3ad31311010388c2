"""Mixed-integer programs in whole numbers, solved by HiGHS: one thread, the same answer for the same program."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from math import ceil, gcd, inf, isfinite, lcm

import highspy
import numpy as np

from domain.awards.solution import Progress, Watch
from domain.money import Money


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

    def lp(self, unit: int) -> highspy.HighsLp:
        """With costs counted in ``unit``."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.costs), len(self._lower)
        lp.col_cost_ = np.array([cost // unit for cost in self.costs], dtype=np.double)
        lp.col_lower_ = np.zeros(len(self.costs))
        lp.col_upper_ = np.array(self.most, dtype=np.double)
        lp.row_lower_, lp.row_upper_ = np.array(self._lower), np.array(self._upper)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(self.costs)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self._starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(self._columns, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(self._values)
        return lp


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``values`` are rounded to whole numbers and may therefore break a row: who asked checks them. ``bound`` is a
    number that no answer costs less than, allowing for what floating point may have lost. ``nodes`` is the effort: with
    as many the same program ends in the same way.
    """

    values: tuple[int, ...] | None
    bound: int | None
    nodes: int


def minimise(program: Program, watch: Watch, *, nodes: int | None) -> Answer:
    """At most so many ``nodes``. Who stops it waits for the end of a node, for only then can the same be had again."""
    unit = reduce(gcd, program.costs, 0) or 1
    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # the library leaves its constructor untyped
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.0),
        ("mip_feasibility_tolerance", 1e-9),
        ("primal_feasibility_tolerance", 1e-9),
        ("dual_feasibility_tolerance", 1e-9),
    ):
        highs.setOptionValue(name, value)
    highs.passModel(program.lp(unit))
    limit = _Limit(watch, nodes, unit)
    highs.cbMipInterrupt += limit.asked
    highs.run()
    info = highs.getInfo()
    solution = highs.getSolution()
    values = None
    if solution.value_valid and info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        values = tuple(round(value) for value in solution.col_value)
    done = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Answer(
        values=values,
        bound=_whole(info.mip_dual_bound, unit),
        nodes=max(int(info.mip_node_count), limit.nodes) + 1 if done else limit.nodes,
    )


class _Limit:
    """Ends the search where the number of nodes says so, and never in the middle of one: the same nodes, the same
    answer. Before the first node has ended there is nothing to repeat, and the search ends at once.
    """

    def __init__(self, watch: Watch, most: int | None, unit: int) -> None:
        self.nodes = 0
        self._watch = watch
        self._most = inf if most is None else most
        self._stopping = False
        self._unit = unit

    def asked(self, event: highspy.highs.HighsCallbackEvent) -> None:
        nodes = int(event.data_out.mip_node_count)
        if nodes > self.nodes:
            self.nodes = nodes
            self._watch.told(
                Progress(
                    effort=nodes,
                    worth=_money(event.data_out.mip_primal_bound, self._unit),
                    bound=_money(event.data_out.mip_dual_bound, self._unit),
                )
            )
        if not self._stopping and self._watch.stopped():
            self._stopping = True
            self._most = min(self._most, nodes + 1 if nodes else 0)
        if nodes >= self._most:
            event.interrupt()


def _money(value: float, unit: int) -> Money | None:
    return Money(Decimal(max(round(value), 0) * unit).scaleb(-2)) if isfinite(value) else None


def _whole(value: float, unit: int) -> int | None:
    """A bound in whole units, after taking off what the solver's arithmetic may have added."""
    if not isfinite(value):
        return None
    return max(ceil(value - 1e-3 - abs(value) * 1e-11), 0) * unit
