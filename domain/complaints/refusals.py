"""What is refused around complaints."""

from domain.errors import Conflict, Forbidden, Invalid, NotFound, Titles


class ComplaintNotFound(NotFound):
    code = "complaint-not-found"
    titles = Titles("There is no such complaint", "Такой жалобы нет", "Мұндай шағым жоқ")


class ComplaintsClosed(Conflict):
    """Outside the time for complaints, by the database's clock, or where the package takes none."""

    code = "complaints-closed"
    titles = Titles("Complaints are not taken now", "Жалобы сейчас не принимаются", "Қазір шағымдар қабылданбайды")


class ComplaintExists(Conflict):
    code = "complaint-already-filed"
    titles = Titles("You have filed a complaint already", "Жалоба уже подана", "Шағым берілген")


class ComplaintRefused(Invalid):
    code = "complaint-refused"
    titles = Titles("The complaint does not fit the tender", "Жалоба не подходит к тендеру", "Шағым тендерге сай емес")


class NotABidder(Forbidden):
    code = "not-a-bidder"
    titles = Titles(
        "Only bidders of the tender may do this",
        "Это могут только участники тендера",
        "Мұны тек тендер қатысушылары жасай алады",
    )


class ComplaintOpen(Conflict):
    """A complaint awaits its decision: nothing is awarded, signed or lapses meanwhile."""

    code = "complaint-open"
    titles = Titles("A complaint awaits its decision", "Жалоба ожидает решения", "Шағым шешімді күтуде")


class DecisionNotFollowed(Conflict):
    """A complaint about the documents was upheld, and the buyer has neither amended nor cancelled."""

    code = "decision-not-followed"
    titles = Titles(
        "A decision on a complaint has not been followed",
        "Решение по жалобе не исполнено",
        "Шағым бойынша шешім орындалмаған",
    )
