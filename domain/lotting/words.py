"""What a study tells the buyer, in words of three languages: reasons, cuts, what they take, and notes."""

from domain.errors import Titles
from domain.lotting.cuts import Recipe, Way
from domain.lotting.discretion import COUNTS, told_before
from domain.lotting.study import FEWEST, Reason

_FEWER = Titles(f"fewer than {FEWEST}", f"менее {FEWEST}", f"{FEWEST}-тен аз")
_UNTOLD = Titles("not told", "не сообщается", "айтылмайды")
_REASONS: dict[str, Titles] = {
    "small_share": Titles(
        "{after} % of the pieces would be in lots that three or more small workshops could each fill, now {before} %",
        "Малые цеха могли бы в одиночку выполнить лоты на {after} % изделий, сейчас {before} % (не менее трёх на лот)",
        "Шағын цехтар бұйымдардың {after} % құрайтын лоттарды жеке орындай алар еді, қазір {before} % "
        "(бір лотқа кемінде үшеу)",
    ),
    "more_alone": Titles(
        "Workshops that could fill a lot alone: {after}, now {before}",
        "Цехов, способных выполнить лот в одиночку: {after}, сейчас {before}",
        "Лотты жеке орындай алатын цехтар: {after}, қазір {before}",
    ),
    "more_workshops": Titles(
        "Workshops that could sew some of it: {after}, now {before}",
        "Цехов, способных сшить хотя бы часть: {after}, сейчас {before}",
        "Бір бөлігін болса да тіге алатын цехтар: {after}, қазір {before}",
    ),
    "more_reached": Titles(
        "All together could sew at least {after} % of the pieces in time, now {before} %",
        "Все вместе могли бы сшить в срок не менее {after} % изделий, сейчас {before} %",
        "Барлығы бірге бұйымдардың кемінде {after} % мерзімінде тіге алар еді, қазір {before} %",
    ),
}
_WAYS: dict[Way, Titles] = {
    Way.LINES: Titles(
        "A lot for each garment: {parts} lots",
        "Отдельный лот на каждое изделие: {parts}",
        "Әр бұйымға жеке лот: {parts}",
    ),
    Way.REGIONS: Titles(
        "A lot for the places of each region: {parts} lots",
        "Отдельный лот на места поставки каждой области: {parts}",
        "Әр облыстың жеткізу орындарына жеке лот: {parts}",
    ),
    Way.PLACES: Titles(
        "A lot for each delivery place: {parts} lots",
        "Отдельный лот на каждое место поставки: {parts}",
        "Әр жеткізу орнына жеке лот: {parts}",
    ),
    Way.SIZES: Titles(
        "Lots by ranges of sizes of about as many pieces: {parts} lots",
        "Лоты по группам размеров с примерно равным числом изделий: {parts}",
        "Бұйым саны шамамен тең өлшем топтары бойынша лоттар: {parts}",
    ),
    Way.LATER: Titles(
        "The same lot, due {days} days later",
        "Тот же лот со сроком поставки на {days} дней позже",
        "Сол лот, жеткізу мерзімі {days} күнге кейін",
    ),
    Way.TWO_DATES: Titles(
        "The same lot on two dates: half of the pieces {days} days later",
        "Тот же лот в два срока: половина изделий на {days} дней позже",
        "Сол лот екі мерзімде: бұйымдардың жартысы {days} күнге кейін",
    ),
}
_COSTS: dict[str, Titles] = {
    "more_contracts": Titles(
        "{parts} lots may mean as many contracts, with their own deliveries and acceptances",
        "{parts} лота (лотов) могут означать столько же договоров со своими поставками и приёмками",
        "{parts} лот сонша шартты білдіруі мүмкін, әрқайсысының жеткізуі мен қабылдауы бөлек",
    ),
    "later_delivery": Titles(
        "The last pieces come {days} days later",
        "Последние изделия поступят на {days} дней позже",
        "Соңғы бұйымдар {days} күнге кейін келеді",
    ),
}
NOTES: dict[str, Titles] = {
    "no_threshold": Titles(
        "A cut changes neither the procedure nor the method: how much of a kind of goods is bought in the year stays "
        "as it is, and limits count all lots of all tenders together. Lots must not be cut to stay under a limit.",
        "Деление лота не меняет ни порядок, ни способ закупки: годовой объём однородных товаров остаётся прежним, "
        "а пределы считаются по всем лотам всех закупок вместе. Делить лоты ради обхода предела нельзя.",
        "Лотты бөлу сатып алу тәртібін де, тәсілін де өзгертпейді: біртекті тауарлардың жылдық көлемі сол күйінде "
        "қалады, ал шектер барлық сатып алудың барлық лоттары бойынша бірге есептеледі. "
        "Шектен қашу үшін лоттарды бөлуге болмайды.",
    ),
    "each_lot_by_itself": Titles(
        "Each lot is counted by itself: a workshop that counts for several has its minutes once.",
        "Каждый лот считается отдельно: у цеха, учтённого в нескольких лотах, минуты одни и те же.",
        "Әр лот бөлек есептеледі: бірнеше лотта ескерілген цехтың минуттары біреу ғана.",
    ),
    "could_not_be_checked": Titles(
        "A rule that could not be checked does not keep a workshop out here; in_doubt says how many depend on one.",
        "Правило, которое не удалось проверить, здесь не исключает цех; in_doubt показывает, сколько от него зависит.",
        "Тексеру мүмкін болмаған ереже цехты мұнда шығармайды; in_doubt оған қанша цех тәуелді екенін көрсетеді.",
    ),
}


def reason_in_words(reason: Reason, workshops: int) -> Titles:
    """``workshops``: how many stand behind the figure before."""
    before = told_before(reason, workshops)
    hidden = _FEWER if reason.code in COUNTS else _UNTOLD

    def filled(text: str, instead: str) -> str:
        return text.format(before=instead if before is None else before, after=reason.after)

    words = _REASONS[reason.code]
    return Titles(filled(words.en, hidden.en), filled(words.ru, hidden.ru), filled(words.kk, hidden.kk))


def way_in_words(recipe: Recipe) -> Titles:
    return _filled(_WAYS[recipe.way], recipe)


def costs_in_words(recipe: Recipe) -> dict[str, Titles]:
    """What a cut takes, per code."""
    codes = ["more_contracts"] * (recipe.parts > 1) + ["later_delivery"] * (recipe.days > 0)
    return {code: _filled(_COSTS[code], recipe) for code in codes}


def _filled(words: Titles, recipe: Recipe) -> Titles:
    texts = (text.format(parts=recipe.parts, days=recipe.days) for text in (words.en, words.ru, words.kk))
    return Titles(*texts)
