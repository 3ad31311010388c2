"""Sentences that explain an award in the three working languages: a code, its data, and a pattern per language.

Nothing here knows whom a sentence is for: what stands in its data is decided where it is made.
"""

from dataclasses import dataclass, field

from domain.awards.allocation import Bound
from domain.awards.changes import Changed
from domain.awards.conflict_sentences import CONFLICTS
from domain.awards.model import LotResult, RejectionReason
from domain.errors import Titles


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """``code`` is stable; ``data`` fill the pattern, and are for who writes his own words."""

    code: str
    data: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> Titles:
        pattern = PATTERNS[self.code]
        return Titles(*(each.format_map(self.data) for each in (pattern.en, pattern.ru, pattern.kk)))


def said(code: str, **data: object) -> Sentence:
    return Sentence(code=code, data={name: str(value) for name, value in data.items()})


_RESULTS: dict[LotResult, Titles] = {
    LotResult.AWARDED: Titles(
        "Lot {lot} was awarded; you were given {given} of the {asked} pieces that you offered.",
        "Лот {lot} присуждён; вам досталось {given} шт. из предложенных {asked}.",
        "{lot}-лот берілді; ұсынған {asked} данадан сізге {given} дана тиді.",
    ),
    LotResult.NO_ADMITTED_BIDS: Titles(
        "No bid was admitted to lot {lot}.",
        "По лоту {lot} не допущена ни одна заявка.",
        "{lot}-лотқа өтінім жіберілмеді.",
    ),
    LotResult.FAILED: Titles(
        "Lot {lot} failed: the rules of the purchase do not let it be awarded on the bids that came.",
        "Лот {lot} не состоялся: правила закупки не позволяют присудить его по поступившим заявкам.",
        "{lot}-лот өтпеді: сатып алу қағидалары түскен өтінімдер бойынша оны беруге мүмкіндік бермейді.",
    ),
    LotResult.NOT_FILLED: Titles(
        "Lot {lot} was not filled by all offers together, so nobody was given anything of it.",
        "Все предложения вместе не покрыли лот {lot}, поэтому никто не получил ничего.",
        "Барлық ұсыныс бірге {lot}-лотты толтырмады, сондықтан ешкімге ештеңе берілмеді.",
    ),
}
_REJECTIONS: dict[RejectionReason, Titles] = {
    RejectionReason.BEYOND_PACKAGE: Titles(
        "it offers more than the procedure allows",
        "предложено больше, чем допускает порядок закупки",
        "сатып алу тәртібі рұқсат еткеннен артық ұсынылған",
    ),
    RejectionReason.DELIVERY_TOO_LATE: Titles(
        "its delivery is later than asked", "срок поставки позже требуемого", "жеткізу мерзімі талап етілгеннен кеш"
    ),
    RejectionReason.SPECIFICATION_NOT_MET: Titles(
        "it does not meet the specification",
        "не соответствует технической спецификации",
        "техникалық ерекшелікке сай емес",
    ),
    RejectionReason.CONSENT_MISSING: Titles(
        "a member of the consortium has not agreed",
        "нет согласия участника консорциума",
        "консорциум мүшесінің келісімі жоқ",
    ),
    RejectionReason.IN_ANOTHER_BID: Titles(
        "a firm of it is in another bid for the lot",
        "участник есть и в другой заявке на этот лот",
        "қатысушы осы лотқа басқа өтінімде де бар",
    ),
    RejectionReason.PARTNER_NOT_ADMITTED: Titles(
        "another member of the consortium was not admitted",
        "не допущен другой участник консорциума",
        "консорциумның басқа мүшесі жіберілмеген",
    ),
    RejectionReason.PAPERS_MISSING: Titles(
        "its papers were not completed in time",
        "документы не дополнены в срок",
        "құжаттар мерзімінде толықтырылмаған",
    ),
    RejectionReason.DUMPING: Titles("its price is dumping", "демпинговая цена", "демпингтік баға"),
    RejectionReason.NOT_ELIGIBLE: Titles("you may not take part", "вы не можете участвовать", "сіз қатыса алмайсыз"),
    RejectionReason.PRICE_ABOVE_ALLOCATED: Titles(
        "the price is above the allocated sum", "цена выше выделенной суммы", "баға бөлінген сомадан жоғары"
    ),
    RejectionReason.NOT_CHECKED: Titles(
        "it could not be checked whether you may take part",
        "не удалось проверить, можете ли вы участвовать",
        "қатыса алатыныңызды тексеру мүмкін болмады",
    ),
    RejectionReason.OFFER_DOES_NOT_FIT: Titles(
        "the offer does not fit the lot", "предложение не подходит к лоту", "ұсыныс лотқа сай емес"
    ),
    RejectionReason.EXCLUDED_BY_DECISION: Titles(
        "you were excluded by the decision on a complaint",
        "вы исключены решением по жалобе",
        "сіз шағым бойынша шешіммен шығарылдыңыз",
    ),
    RejectionReason.SIGNING_EVADED: Titles(
        "you did not sign a contract of this tender",
        "вы не подписали договор этого тендера",
        "сіз осы тендердің шартына қол қоймадыңыз",
    ),
    RejectionReason.UNREADABLE: Titles(
        "the bid could not be read", "заявку не удалось прочитать", "өтінімді оқу мүмкін болмады"
    ),
    RejectionReason.TERMS_NOT_ACCEPTED: Titles(
        "you did not agree to the amended terms",
        "вы не приняли изменённые условия",
        "сіз өзгертілген шарттарды қабылдамадыңыз",
    ),
}
_BOUNDS: dict[Bound, Titles] = {
    Bound.NOTHING: Titles("nothing kept you from more", "ничто не ограничило", "ештеңе шектемеді"),
    Bound.DEMAND: Titles(
        "what was asked was filled by offers that were compared at a lower price, or came earlier at the same",
        "потребность закрыта предложениями с более низкой ценой сравнения или поданными раньше по той же цене",
        "қажеттілік салыстыру бағасы төмен немесе сол бағамен бұрын келген ұсыныстармен толтырылды",
    ),
    Bound.OFFER: Titles("your own most pieces", "ваш собственный предел штук", "өзіңіз көрсеткен дана шегі"),
    Bound.MINUTES: Titles(
        "your free minutes until the delivery day",
        "ваши свободные минуты до дня поставки",
        "жеткізу күніне дейінгі бос минуттарыңыз",
    ),
    Bound.DECLARED_CAPACITY: Titles(
        "what is left of your declared capacity",
        "остаток заявленной вами мощности",
        "мәлімделген қуатыңыздың қалдығы",
    ),
    Bound.LEAST_PIECES: Titles(
        "fewer pieces were left than the least that somebody would sew",
        "осталось меньше штук, чем наименьшее количество, которое согласны шить",
        "тігуге келісілген ең аз даннан аз дана қалды",
    ),
    Bound.WINNERS_MAX: Titles(
        "the number of winners that the buyer allows",
        "число победителей, которое допускает заказчик",
        "тапсырыс беруші рұқсат ететін жеңімпаздар саны",
    ),
    Bound.SHARE_MAX: Titles(
        "the largest share of the lot that one bidder may have",
        "наибольшая доля лота для одного участника",
        "бір қатысушыға лоттың ең үлкен үлесі",
    ),
    Bound.LOT_MINIMUM: Titles(
        "the fewest pieces of the lot that the buyer gives to a winner",
        "наименьшее количество штук лота для победителя",
        "жеңімпазға берілетін лоттың ең аз даны",
    ),
    Bound.EITHER_OR: Titles(
        "you won another lot that excludes this one by your own bid",
        "вы выиграли другой лот, который по вашей заявке исключает этот",
        "сіз өз өтініміңіз бойынша осы лотты жоққа шығаратын басқа лотты ұттыңыз",
    ),
    Bound.JOINT: Titles(
        "some member of your consortium could not be given his least pieces",
        "один из участников вашего консорциума не мог получить свой минимум",
        "консорциумыңыздың бір мүшесіне ең аз даны берілмеді",
    ),
    Bound.QUOTA: Titles(
        "what is reserved for a region or for small or new workshops",
        "резерв для региона либо малых или новых цехов",
        "өңірге не шағын немесе жаңа цехтарға арналған резерв",
    ),
    Bound.LOT_NOT_FILLED: Titles(
        "all offers together did not fill the lot",
        "все предложения вместе не покрыли лот",
        "барлық ұсыныс бірге лотты толтырмады",
    ),
    Bound.SOLVED: Titles(
        "all offers were weighed together", "все предложения взвешены вместе", "барлық ұсыныс бірге салыстырылды"
    ),
}
_CHANGES: dict[Changed, Titles] = {
    Changed.UNIT_PRICE: Titles(
        "Line {line}: at a unit price of {needed} instead of {present} you would have been given {pieces} pieces.",
        "Позиция {line}: при цене {needed} вместо {present} за единицу вы получили бы {pieces} шт.",
        "{line}-позиция: бірлік бағасы {present} орнына {needed} болса, сізге {pieces} дана берілер еді.",
    ),
    Changed.PIECES_MIN: Titles(
        "Line {line}: with a least number of {needed} instead of {present} you would have been given {pieces} pieces.",
        "Позиция {line}: при минимуме {needed} шт. вместо {present} вы получили бы {pieces} шт.",
        "{line}-позиция: ең аз саны {present} орнына {needed} болса, сізге {pieces} дана берілер еді.",
    ),
    Changed.PIECES_MAX: Titles(
        "Line {line}: with at most {needed} pieces instead of {present} you would have been given {pieces} pieces.",
        "Позиция {line}: при максимуме {needed} шт. вместо {present} вы получили бы {pieces} шт.",
        "{line}-позиция: ең көп саны {present} орнына {needed} болса, сізге {pieces} дана берілер еді.",
    ),
    Changed.SIZES: Titles(
        "Line {line}: with the sizes {sizes} you would have been given {pieces} pieces.",
        "Позиция {line}: с размерами {sizes} вы получили бы {pieces} шт.",
        "{line}-позиция: {sizes} өлшемдерімен сізге {pieces} дана берілер еді.",
    ),
    Changed.MINUTES: Titles(
        "Line {line}: with {needed} free minutes until the delivery day instead of {present} you would have been given"
        " {pieces} pieces.",
        "Позиция {line}: при {needed} свободных минутах до дня поставки вместо {present} вы получили бы {pieces} шт.",
        "{line}-позиция: жеткізу күніне дейін {present} орнына {needed} бос минут болса, сізге {pieces} дана"
        " берілер еді.",
    ),
    Changed.DECLARED_CAPACITY: Titles(
        "Line {line}: with {needed} pieces left of the declared capacity instead of {present} you would have been given"
        " {pieces} pieces.",
        "Позиция {line}: при остатке заявленной мощности {needed} шт. вместо {present} вы получили бы {pieces} шт.",
        "{line}-позиция: мәлімделген қуаттың қалдығы {present} орнына {needed} дана болса, сізге {pieces} дана"
        " берілер еді.",
    ),
}
PATTERNS: dict[str, Titles] = {
    **CONFLICTS,
    **{f"lot_{result}": titles for result, titles in _RESULTS.items()},
    **{
        f"rejected_{reason}": Titles(
            f"Your bid on lot {{lot}} was rejected: {titles.en}.",
            f"Ваша заявка по лоту {{lot}} отклонена: {titles.ru}.",
            f"{{lot}}-лот бойынша өтініміңіз қабылданбады: {titles.kk}.",
        )
        for reason, titles in _REJECTIONS.items()
    },
    **{
        f"bound_{bound}": Titles(
            f"Line {{line}}: rank {{rank}} at the compared price {{compared}}, given {{given}} of {{asked}} pieces."
            f" What bound it: {titles.en}.",
            f"Позиция {{line}}: место {{rank}} при цене сравнения {{compared}}, дано {{given}} из {{asked}} шт."
            f" Что ограничило: {titles.ru}.",
            f"{{line}}-позиция: салыстыру бағасы {{compared}}, орны {{rank}}, {{asked}} данадан {{given}} берілді."
            f" Шектеген: {titles.kk}.",
        )
        for bound, titles in _BOUNDS.items()
    },
    **{f"change_{changed}": titles for changed, titles in _CHANGES.items()},
    "rule_missing": Titles(
        "Rule {rule} ({result}): what would pass: {passes}.",
        "Правило {rule} ({result}): что подошло бы: {passes}.",
        "{rule} қағидасы ({result}): не сай келер еді: {passes}.",
    ),
    "no_change": Titles(
        "No change of one thing alone in your offer would have given you more of lot {lot}.",
        "Никакое изменение только одного условия вашего предложения не дало бы вам больше по лоту {lot}.",
        "Ұсынысыңыздың бір ғана шартын өзгерту {lot}-лот бойынша сізге көбірек бермес еді.",
    ),
    "cut_short": Titles(
        "The search ended after {runs} repeated awards; there may be a smaller change.",
        "Поиск остановлен после {runs} повторных распределений; возможно, есть меньшее изменение.",
        "Іздеу {runs} қайталама бөлуден кейін тоқтатылды; бұдан кіші өзгеріс болуы мүмкін.",
    ),
}
