"""Who waits for a solution in tests: patiently, or until he has seen enough."""

from dataclasses import dataclass, field

from domain.awards.solution import Progress


@dataclass
class Watching:
    """``patience`` is how often he lets himself be asked."""

    patience: int | None = None
    told_of: list[Progress] = field(default_factory=list)
    asked: int = 0

    def told(self, progress: Progress) -> None:
        self.told_of.append(progress)

    def stopped(self) -> bool:
        self.asked += 1
        return self.patience is not None and self.asked > self.patience
