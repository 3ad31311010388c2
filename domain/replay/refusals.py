"""What replaying refuses."""

from domain.errors import Conflict, Titles


class BundleBroken(Conflict):
    """A part's bytes are not those that were hashed."""

    code = "bundle-broken"
    titles = Titles("The bundle was changed", "Пакет данных изменён", "Деректер бумасы өзгертілген")


class BundleTooLarge(Conflict):
    code = "bundle-too-large"
    titles = Titles("The bundle is too large", "Пакет данных слишком велик", "Деректер бумасы тым үлкен")


class NotAwarded(Conflict):
    """Nobody but the buyer and auditors is told results before they are out."""

    code = "tender-not-awarded"
    titles = Titles(
        "The tender is not awarded yet", "Итоги тендера ещё не подведены", "Тендер қорытындысы шығарылмаған"
    )


class EngineUnknown(Conflict):
    code = "engine-unknown"
    titles = Titles("This engine is not here", "Такого способа распределения здесь нет", "Мұндай бөлу тәсілі мұнда жоқ")


class ReplayDiffers(Conflict):
    """``pointer`` names the first place: the bundle says one thing there, the replay comes to another."""

    code = "replay-differs"
    titles = Titles("The replay differs", "Воспроизведение расходится", "Қайта шығару нәтижесі басқа")
