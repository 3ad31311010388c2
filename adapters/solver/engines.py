"""Engines by name and by choice. Their libraries take seconds to load, so they are loaded where one is used."""

from collections.abc import Mapping

from domain.awards.greedy import Greedy
from domain.awards.problem import Problem
from domain.awards.solution import Engine
from domain.scenarios.model import EngineChoice


def engine_for(choice: EngineChoice, _problem: Problem) -> Engine:
    """The greedy by name; otherwise the best for the problem's size."""
    if choice is EngineChoice.GREEDY:
        return Greedy()
    from adapters.solver.choosing import Choosing  # noqa: PLC0415 - loaded where it is used

    return Choosing()


def every_engine() -> Mapping[str, Engine]:
    """All that can find an allocation again, by their names."""
    from adapters.solver.exact import Exact  # noqa: PLC0415 - loaded where it is used
    from adapters.solver.priced import Priced  # noqa: PLC0415 - loaded where it is used

    return {engine.name: engine for engine in (Greedy(), Exact(), Priced())}


def proving() -> Engine:
    """The one that proves."""
    from adapters.solver.exact import Exact  # noqa: PLC0415 - loaded where it is used

    return Exact()
