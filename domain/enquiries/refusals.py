"""What is refused around enquiries."""

from domain.errors import Conflict, Invalid, NotFound, Titles


class EnquiryNotFound(NotFound):
    code = "enquiry-not-found"
    titles = Titles("There is no such question", "Такого вопроса нет", "Мұндай сұрақ жоқ")


class EnquiriesClosed(Conflict):
    """Outside the time for questions and answers, by the database's clock."""

    code = "enquiries-closed"
    titles = Titles(
        "Questions and answers are not taken now",
        "Вопросы и ответы сейчас не принимаются",
        "Қазір сұрақтар мен жауаптар қабылданбайды",
    )


class EnquiriesExhausted(Conflict):
    code = "enquiries-exhausted"
    titles = Titles("You have asked too often", "Вы задали слишком много вопросов", "Сіз тым көп сұрақ қойдыңыз")


class EnquiryRefused(Invalid):
    code = "enquiry-refused"
    titles = Titles("The question does not fit the tender", "Вопрос не подходит к тендеру", "Сұрақ тендерге сай емес")
