"""What is refused around committees, scores and papers."""

from domain.errors import Conflict, Forbidden, Invalid, NotFound, Titles


class CommitteeNotFound(NotFound):
    code = "committee-not-found"
    titles = Titles("There is no committee", "Комиссии нет", "Комиссия жоқ")


class CommitteeAppointed(Conflict):
    code = "committee-already-appointed"
    titles = Titles("A committee is appointed already", "Комиссия уже назначена", "Комиссия тағайындалған")


class CommitteeRefused(Invalid):
    code = "committee-refused"
    titles = Titles(
        "The committee cannot be made up so",
        "Такой состав комиссии не допускается",
        "Комиссияның мұндай құрамына жол жоқ",
    )


class CommitteeMissing(Conflict):
    """A tender with criteria is published with the committee that will score by them."""

    code = "committee-missing"
    titles = Titles(
        "The tender needs a committee first", "Сначала нужно назначить комиссию", "Алдымен комиссия тағайындау керек"
    )


class NotOnCommittee(Forbidden):
    code = "not-on-committee"
    titles = Titles("You are not on the committee", "Вы не входите в состав комиссии", "Сіз комиссия құрамында емессіз")


class MemberRecused(Forbidden):
    """He has declared a conflict of interest in this tender."""

    code = "member-recused"
    titles = Titles(
        "You have declared a conflict of interest",
        "Вы заявили о конфликте интересов",
        "Сіз мүдделер қақтығысын мәлімдедіңіз",
    )


class DeclarationMissing(Conflict):
    """Who has not declared whether he has a conflict of interest takes no part, and holds up the evaluation."""

    code = "declaration-missing"
    titles = Titles(
        "A declaration of conflicts of interest is missing",
        "Нет заявления о конфликте интересов",
        "Мүдделер қақтығысы туралы мәлімдеме жоқ",
    )


class DeclarationMade(Conflict):
    code = "declaration-made"
    titles = Titles("You have declared already", "Вы уже сделали заявление", "Сіз мәлімдеме жасағансыз")


class NoQuorum(Conflict):
    code = "no-quorum"
    titles = Titles("The committee has no quorum", "В комиссии нет кворума", "Комиссияда кворум жоқ")


class ScoresRefused(Invalid):
    code = "scores-refused"
    titles = Titles(
        "The scores do not fit the criteria", "Оценки не соответствуют критериям", "Бағалар критерийлерге сай емес"
    )


class ScoresNotFound(NotFound):
    code = "scores-not-found"
    titles = Titles("There are no scores", "Оценок нет", "Бағалар жоқ")


class ScoresMissing(Conflict):
    code = "scores-missing"
    titles = Titles("Scores are missing", "Не хватает оценок", "Бағалар жетіспейді")


class PapersNotCompleted(Conflict):
    """The package lets nobody complete papers, or not this bid's any more."""

    code = "papers-not-completed"
    titles = Titles("Papers are not completed here", "Документы здесь не дополняются", "Мұнда құжаттар толықтырылмайды")


class PapersRequested(Conflict):
    code = "papers-already-requested"
    titles = Titles("The bidder was asked already", "Участнику уже направлен запрос", "Қатысушыға сұрау жіберілген")


class PaperRequestNotFound(NotFound):
    code = "paper-request-not-found"
    titles = Titles("There is no such request", "Такого запроса нет", "Мұндай сұрау жоқ")


class PapersClosed(Conflict):
    """The time for the papers is over, by the database's clock."""

    code = "papers-closed"
    titles = Titles(
        "The time for the papers is over", "Срок представления документов истёк", "Құжаттарды беру мерзімі өтті"
    )


class PapersRefused(Invalid):
    code = "papers-refused"
    titles = Titles("These papers were not asked for", "Эти документы не запрашивались", "Бұл құжаттар сұралмаған")


class PapersAwaited(Conflict):
    """A bidder still has time to complete his papers, and nothing is evaluated meanwhile."""

    code = "papers-awaited"
    titles = Titles(
        "A bidder may still complete his papers",
        "Срок дополнения документов ещё идёт",
        "Құжаттарды толықтыру мерзімі әлі өткен жоқ",
    )
