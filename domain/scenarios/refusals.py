"""What the scenarios room declines."""

from domain.errors import Conflict, Invalid, NotFound, Titles


class ScenarioNotFound(NotFound):
    code = "scenario-not-found"
    titles = Titles("There is no such scenario", "Такого сценария нет", "Мұндай сценарий жоқ")


class ScenarioRefused(Invalid):
    code = "scenario-refused"
    titles = Titles(
        "The scenario's rules do not fit the tender",
        "Правила сценария не подходят к тендеру",
        "Сценарий ережелері тендерге сай емес",
    )


class TooManyScenarios(Conflict):
    code = "too-many-scenarios"
    titles = Titles(
        "There are as many scenarios as can be compared",
        "Сценариев уже столько, сколько можно сравнить",
        "Салыстыруға болатын сценарийлер саны толды",
    )


class ScenarioNotSolved(Conflict):
    code = "scenario-not-solved"
    titles = Titles("The scenario has no solution", "Сценарий не решён", "Сценарийдің шешімі жоқ")


class ScenarioStale(Conflict):
    """It was made from an evaluation that another one has replaced: other bids or other facts."""

    code = "scenario-stale"
    titles = Titles(
        "The tender was evaluated anew since the scenario was made",
        "После создания сценария тендер был оценён заново",
        "Сценарий жасалғаннан кейін тендер қайта бағаланды",
    )


class LotsLeftOpen(Conflict):
    """The buyer's own rules may not make a lot fail that the bids fill."""

    code = "lots-left-open"
    titles = Titles(
        "The scenario leaves lots open that the bids fill",
        "Сценарий оставляет без победителя лоты, которые заявки закрывают",
        "Сценарий өтінімдер толтыратын лоттарды бос қалдырады",
    )
