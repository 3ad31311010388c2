"""Awards on a made-up market of four sizes, each in a process of its own: ``python -m tests.bench.awards``.

Seconds count from the problem in hand to the answer, the greedy and reading included. The first solution is the greedy;
1 % and 0.5 % are of the best bound at the end.
"""

import json
import resource
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.solver.choosing import Choosing
from adapters.solver.priced import Priced
from domain.awards.checker import misstatements
from domain.awards.greedy import allocate
from domain.awards.problem import Problem
from domain.awards.settling import worth
from domain.awards.solution import Progress
from tests.bench.market import market

SIZES = ((20, 30), (200, 200), (1_000, 500), (5_000, 2_000))
SEED = 1
WARM = (10, 10)
"""Lots and workshops of a problem that is solved first, so that compiling is not counted: it is kept on disk."""


@dataclass
class Clock:
    begun: float = field(default_factory=time.perf_counter)
    begun_cpu: float = field(default_factory=time.process_time)
    told_of: list[tuple[float, Progress]] = field(default_factory=list)

    def told(self, progress: Progress) -> None:
        self.told_of.append((time.perf_counter() - self.begun, progress))

    def stopped(self) -> bool:
        return False

    def first(self) -> float | None:
        return next((round(at, 2) for at, each in self.told_of if each.worth is not None), None)

    def within(self, percent: Decimal, bound: Decimal) -> float | None:
        """When a solution was first so near to the bound."""
        near = [
            at
            for at, each in self.told_of
            if each.worth is not None and (each.worth.amount - bound) * 100 <= each.worth.amount * percent
        ]
        return round(near[0], 2) if near else None


def measure_awards() -> None:
    for lots, workshops in SIZES:
        subprocess.run([sys.executable, "-m", "tests.bench.awards", str(lots), str(workshops)], check=True)


def measure(lots: int, workshops: int) -> None:
    Priced().solve(market(*WARM, seed=SEED), Clock(), effort=2)
    problem = market(lots, workshops, seed=SEED)
    engine, clock = Choosing(), Clock()
    solution = engine.solve(problem, clock)
    seconds, cpu = time.perf_counter() - clock.begun, time.process_time() - clock.begun_cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    wrong = misstatements(problem, solution)
    if wrong:
        raise RuntimeError(f"the checker refuses: {wrong[0]}")
    greedy = worth(problem, allocate(problem)).amount
    bound = None if solution.bound is None else solution.bound.amount
    line = {
        "what": "awards",
        "lots": lots,
        "workshops": workshops,
        "offers": len(problem.offers),
        "engine": solution.engine,
        "proof": solution.proof,
        "first_s": clock.first(),
        "one_percent_s": None if bound is None else clock.within(Decimal(1), bound),
        "half_percent_s": None if bound is None else clock.within(Decimal("0.5"), bound),
        "total_s": round(seconds, 2),
        "cpu_s": round(cpu, 2),
        "gap_percent": None if solution.gap_percent is None else float(solution.gap_percent),
        "memory_mb": memory,
        "open_lots": len({each.lot for each in solution.allocation.unfilled}),
        "saving_over_greedy_percent": round(float((greedy - solution.worth.amount) * 100 / greedy), 3),
        "single_bidder_percent": round(100 * single_bidder(problem), 1),
    }
    print(json.dumps(line), flush=True)


def single_bidder(problem: Problem) -> float:
    """The share of lots that some bidder offers to sew alone, whatever the buyer's limits."""
    asked = {(demand.lot, demand.line): demand.run for demand in problem.demands}
    lines = Counter(demand.lot for demand in problem.demands)
    whole = Counter(
        (offer.lot, offer.bid_id)
        for offer in problem.offers
        if asked[offer.lot, offer.line].within(offer.run) and offer.pieces_max >= asked[offer.lot, offer.line].pieces
    )
    return len({lot for (lot, _), count in whole.items() if count == lines[lot]}) / len(lines)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]), int(sys.argv[2]))
    else:
        measure_awards()
