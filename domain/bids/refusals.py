"""Refusals of what a bid offers, one by one with the rule that it breaks. At the admission each has its code too."""

from typing import NoReturn

from domain.errors import Flaw, Forbidden, Invalid, Titles


class BidAboveAllocated(Invalid):
    code = "bid-above-allocated"
    titles = Titles(
        "The price is above the allocated sum", "Цена выше выделенной суммы", "Баға бөлінген сомадан жоғары"
    )


class OfferRefused(Invalid):
    code = "offer-refused"
    titles = Titles("The offer does not fit the lot", "Предложение не подходит к лоту", "Ұсыныс лотқа сай емес")


class BeyondPackage(Invalid):
    """The rule package of the tender does not take this kind of offer, or not so much of it."""

    code = "bid-beyond-procedure"
    titles = Titles(
        "The procedure does not take such a bid",
        "Процедура не допускает такую заявку",
        "Рәсім мұндай өтінімге жол бермейді",
    )


class DeliveryTooLate(Invalid):
    code = "delivery-too-late"
    titles = Titles(
        "The delivery would come too late",
        "Срок поставки позже требуемого",
        "Жеткізу мерзімі талап етілгеннен кеш",
    )


class SpecificationNotMet(Invalid):
    """An answer that does not meet a requirement, or none where one is asked for."""

    code = "specification-not-met"
    titles = Titles(
        "The specification is not met",
        "Предложение не соответствует технической спецификации",
        "Ұсыныс техникалық ерекшелікке сай емес",
    )


class ConsortiumRefused(Invalid):
    code = "consortium-refused"
    titles = Titles("The consortium is not in order", "Консорциум составлен неверно", "Консорциум дұрыс құрылмаған")


class ConsentMissing(Forbidden):
    """A member has not agreed that this bidder leads him in this tender, or took it back."""

    code = "consortium-consent-missing"
    titles = Titles(
        "A member has not agreed to the consortium",
        "Участник не дал согласия на консорциум",
        "Қатысушы консорциумға келісім бермеген",
    )


def refuse(kind: type[Invalid], pointer: str, reason: str, passes: str) -> NoReturn:
    raise kind(reason, flaws=(Flaw(pointer=pointer, reason=reason, passes=passes),), passes=passes)
