"""What a tender keeps of its rule package for life."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedProcedure:
    """``id@version``, the method, and every parameter value in force at publication."""

    id: str
    version: str
    method: str = "open_tender"
    parameters: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.id}@{self.version}"
