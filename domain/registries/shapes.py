"""How the files of the registers look: columns by their headings in Russian, Kazakh and English, one table each.

Columns of the register of producers: order of the Minister of Industry and Construction of 27 August 2025 No. 327,
appendix 1. An entry in a list of unreliable participants lasts 24 months: law 106-VIII of 1 July 2024, article 8;
law 47-VII of 8 June 2021, articles 9 and 10.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from domain.registries.cells import Read, Value, bin_or_iin, capacity, codes, day, ens_tru, kato, percent, text
from domain.registries.records import LISTS, Register

BAN_MONTHS = 24
Values = Mapping[str, Value]
"""What a row says, by column; blank cells are absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``headings`` are written as ``domain.tenders.cells.plain`` writes them, in Russian, Kazakh and English.

    What is not ``kept`` is read over: nothing here needs a producer's telephone.
    """

    name: str
    headings: tuple[str, ...]
    read: Read
    required: bool = False
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """``begins`` and ``ends`` name the columns of validity, ``any_of`` those of which a row fills at least one;
    ``ban_months`` gives an end where the row names none.
    """

    columns: tuple[Column, ...]
    key: Callable[[Values], str]
    begins: str | None = None
    ends: str | None = None
    any_of: tuple[str, ...] = ()
    ban_months: int | None = None
    names: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        found = {heading: column for column in self.columns for heading in column.headings}
        object.__setattr__(self, "names", found)


def product_codes(values: Values) -> list[str]:
    """ENS TRU and KPVED share their first digits; customs codes (TN VED) are another classifier and stay apart."""
    return list(dict.fromkeys([*_several(values, "ens_tru"), *_several(values, "kpved")]))


def _several(values: Values, name: str) -> list[str]:
    found = values.get(name, [])
    return found if isinstance(found, list) else [str(found)]


def _of_product(values: Values) -> str:
    place = values.get("position") or next(
        (code for name in ("ens_tru", "kpved", "tn_ved") for code in _several(values, name)), ""
    )
    return f"{values.get('series', '')}{values['number']}/{place}"


_NAME, _LINE, _SHORT = text(500), text(1000), text(100)

_BIN = Column(
    name="bin",
    headings=("бин", "бин иин", "иин бин", "иин", "бсн", "бсн жсн", "жсн бсн", "bin", "bin iin"),
    read=bin_or_iin,
    required=True,
)
_HOLDER = Column(
    name="name",
    headings=(
        "наименование", "наименование производителя", "наименование товаропроизводителя", "наименование организации",
        "наименование поставщика", "производитель", "поставщик", "атауы", "өндіруші", "өнім беруші", "name", "company",
        "supplier", "producer",
    ),
    read=_NAME,
    required=True,
)  # fmt: skip
_KATO = Column(
    name="kato",
    headings=("като", "код като", "регион като", "регион", "әаож", "әаож коды", "өңір", "kato", "region"),
    read=kato,
)
_PRODUCT = Column(
    name="product",
    headings=(
        "продукция", "наименование продукции", "товар", "наименование товара", "тауар", "тауар атауы", "өнім",
        "өнім атауы", "product", "goods",
    ),
    read=_LINE,
)  # fmt: skip
_POSITION = Column(
    name="position",
    headings=("позиция", "номер позиции", "no позиции", "тармақ", "тармақ нөмірі", "position"),
    read=_SHORT,
)
_CODES = (
    Column(
        name="ens_tru",
        headings=("енс тру", "код енс тру", "бна тжқ", "бна тжқ коды", "ens tru"),
        read=codes,
    ),
    Column(name="kpved", headings=("кпвэд", "код кпвэд", "эқөж", "эқөж коды", "kpved", "cpa"), read=codes),
    Column(
        name="tn_ved",
        headings=("тн вэд", "код тн вэд", "тн вэд еаэс", "код тн вэд еаэс", "сэқ тн", "еаэо сэқ тн", "tn ved", "hs"),
        read=codes,
    ),
)
_ISSUER = Column(
    name="issuer",
    headings=("выдан", "кем выдан", "орган выдачи", "берген орган", "кім берді", "issuer", "issued by"),
    read=_NAME,
)
_CAPACITY = (
    "мощность", "производственная мощность", "мощность ед год", "мощность единиц в год",
    "производственная мощность ед год", "мощность в год", "қуаты", "өндірістік қуаты", "жылдық қуаты", "capacity",
    "capacity units year", "units a year",
)  # fmt: skip
_SHARE = (
    "двц", "доля внутристрановой ценности", "доля внутристрановой ценности двц", "местное содержание",
    "процент", "еқү", "елішілік құндылық үлесі", "елішілік құндылық", "local content", "local content percent",
    "percent",
)  # fmt: skip
_UNTIL = (
    "действует до", "срок действия", "дата окончания", "дата окончания срока действия", "срок действия до",
    "дата исключения", "қолданылу мерзімі", "мерзімі аяқталатын күн", "аяқталу күні", "valid until", "until",
    "expires on", "end date",
)  # fmt: skip
_ISSUED = (
    "дата выдачи", "выдан дата", "действует с", "дата начала", "берілген күні", "басталу күні", "issued on",
    "valid from", "issue date",
)  # fmt: skip


def _capacity(*, required: bool) -> Column:
    return Column(name="declared_capacity", headings=_CAPACITY, read=capacity, required=required)


def _share(*, required: bool) -> Column:
    return Column(name="local_content", headings=_SHARE, read=percent, required=required)


def _day(name: str, headings: tuple[str, ...], *, required: bool) -> Column:
    return Column(name=name, headings=headings, read=day, required=required)


_CERTIFICATE = (
    Column(
        name="number",
        headings=(
            "номер", "номер сертификата", "no сертификата", "нөмірі", "сертификат нөмірі", "number", "certificate",
        ),
        read=_SHORT,
        required=True,
    ),
    _BIN,
    _HOLDER,
    _ISSUER,
    _KATO,
    _PRODUCT,
    _POSITION,
    *_CODES,
    _capacity(required=False),
    _day("valid_from", _ISSUED, required=True),
    _day("valid_until", _UNTIL, required=True),
)  # fmt: skip

_PRODUCERS = Shape(
    columns=(
        Column(
            name="number",
            headings=("номер заявки", "no заявки", "заявка", "номер", "өтінім нөмірі", "application", "application no",
                      "application number", "number"),
            read=_SHORT,
            required=True,
        ),
        _BIN,
        _HOLDER,
        Column(name="oked", headings=("окэд", "код окэд", "эқжж", "эқжж коды", "oked"), read=_LINE),
        _KATO,
        Column(
            name="address",
            headings=("адрес", "адрес производства", "место производства", "мекенжай", "мекенжайы",
                      "өндіріс мекенжайы", "address", "production address"),
            read=_LINE,
        ),
        Column(name="email", headings=("e mail", "email", "эл почта", "электронная почта", "электрондық пошта"),
               read=_LINE, kept=False),
        Column(name="phone", headings=("телефон", "тел", "контактный телефон", "байланыс телефоны", "phone"),
               read=_LINE, kept=False),
        _PRODUCT,
        _POSITION,
        _capacity(required=True),
        *_CODES,
        Column(name="agsk_3", headings=("агск 3", "код агск 3", "agsk 3"), read=_SHORT),
        _share(required=True),
        Column(
            name="localisation_level",
            headings=("уровень локализации", "локализация", "оқшаулау деңгейі", "локализация деңгейі",
                      "localisation level", "localization level"),
            read=_SHORT,
        ),
        _day(
            "valid_from",
            ("дата включения", "дата включения в реестр", "включен", "енгізілген күні", "тізілімге енгізілген күні",
             "included on", "inclusion date"),
            required=True,
        ),
        _day("valid_until", _UNTIL, required=False),
    ),
    key=_of_product,
    begins="valid_from",
    ends="valid_until",
    any_of=("ens_tru", "kpved"),
)  # fmt: skip
_UNRELIABLE = Shape(
    columns=(
        _BIN,
        _HOLDER,
        _day(
            "listed_on",
            ("дата включения", "дата включения в реестр", "дата внесения", "дата внесения в реестр", "дата начала",
             "енгізілген күні", "тізілімге енгізілген күні", "listed on", "begin date", "start date"),
            required=True,
        ),
        _day("until", _UNTIL, required=False),
        Column(
            name="reason",
            headings=("причина", "основание", "основание включения", "причина включения", "себебі", "негізі",
                      "енгізу негізі", "reason", "ground"),
            read=text(2000),
        ),
    ),
    key=lambda values: f"{values['bin']}/{values['listed_on']}",
    begins="listed_on",
    ends="until",
    ban_months=BAN_MONTHS,
)  # fmt: skip


def _classifier(code: tuple[str, ...], read: Read, *more: Column) -> Shape:
    names = (
        Column(
            name="name_ru",
            headings=("наименование", "наименование на русском", "наименование рус", "наименование на русском языке",
                      "name ru", "name rus"),
            read=_LINE,
            required=True,
        ),
        Column(
            name="name_kk",
            headings=("атауы", "наименование на казахском", "наименование каз", "наименование на казахском языке",
                      "қазақша атауы", "name kk", "name kz", "name kaz"),
            read=_LINE,
        ),
    )  # fmt: skip
    return Shape(
        columns=(Column(name="code", headings=code, read=read, required=True), *names, *more),
        key=lambda values: str(values["code"]),
    )


SHAPES: Mapping[Register, Shape] = {
    Register.PRODUCERS: _PRODUCERS,
    Register.CT_KZ: Shape(
        columns=(
            Column(name="series", headings=("серия", "сериясы", "series"), read=_SHORT),
            *_CERTIFICATE,
            _share(required=True),
        ),
        key=_of_product,
        begins="valid_from",
        ends="valid_until",
        any_of=("ens_tru", "kpved", "tn_ved"),
    ),
    Register.INDUSTRIAL_CERTIFICATES: Shape(
        columns=(*_CERTIFICATE, _share(required=False)),
        key=_of_product,
        begins="valid_from",
        ends="valid_until",
        any_of=("ens_tru", "kpved"),
    ),
    **dict.fromkeys(LISTS, _UNRELIABLE),
    Register.KATO: _classifier(
        ("код", "код като", "като", "коды", "әаож коды", "code", "kato", "te"),
        kato,
        Column(name="parent", headings=("код родителя", "ата ана коды", "parent", "parent code"), read=kato),
        Column(name="level", headings=("уровень", "деңгейі", "деңгей", "level"), read=_SHORT),
    ),
    Register.ENS_TRU: _classifier(
        ("код", "код енс тру", "енс тру", "коды", "бна тжқ коды", "code", "ens tru"),
        ens_tru,
        Column(
            name="description",
            headings=("характеристика", "краткая характеристика", "описание", "сипаттамасы", "description"),
            read=text(2000),
        ),
        Column(name="unit", headings=("единица измерения", "ед изм", "мкеи", "өлшем бірлігі", "unit"), read=_SHORT),
    ),
}  # fmt: skip
IGNORED = ("no", "no п п", "п п", "no р с", "р с")
"""Headings of a running number, which says nothing."""
