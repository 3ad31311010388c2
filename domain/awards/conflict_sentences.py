"""Why a lot cannot be filled and what would let it be filled, as patterns in the three working languages."""

from domain.errors import Titles

CONFLICTS: dict[str, Titles] = {
    "cell_short": Titles(
        "Line {line}, size {size}: {offered} pieces offered, {needed} needed.",
        "Позиция {line}, размер {size}: предложено {offered} шт., нужно {needed}.",
        "{line}-позиция, {size} өлшемі: {offered} дана ұсынылды, {needed} керек.",
    ),
    "conflict_sizes": Titles(
        "The sizes that are offered: {offered} pieces of {needed} fit what is asked.",
        "Предложенные размеры: подходят {offered} шт. из {needed}.",
        "Ұсынылған өлшемдер: {needed} данадан {offered} сай келеді.",
    ),
    "conflict_most_pieces": Titles(
        "The most pieces that bidders offer: {offered}, {needed} needed.",
        "Пределы предложений участников: {offered} шт., нужно {needed}.",
        "Қатысушылар ұсынған ең көп дана: {offered}, {needed} керек.",
    ),
    "conflict_least_pieces": Titles(
        "The least pieces that bidders will sew: {least} of {needed} at most.",
        "Минимумы предложений участников: до {least} шт. из {needed}.",
        "Қатысушылар тігуге келісетін ең аз дана: {needed} данадан {least} дейін.",
    ),
    "conflict_minutes": Titles(
        "The workshops' free minutes suffice for at most {offered} pieces, {needed} needed.",
        "Свободных минут цехов хватает не более чем на {offered} шт., нужно {needed}.",
        "Цехтардың бос минуттары ең көбі {offered} данаға жетеді, {needed} керек.",
    ),
    "conflict_declared_capacity": Titles(
        "The declared capacity that is left suffices for at most {offered} pieces, {needed} needed.",
        "Остатка заявленной мощности хватает не более чем на {offered} шт., нужно {needed}.",
        "Мәлімделген қуаттың қалдығы ең көбі {offered} данаға жетеді, {needed} керек.",
    ),
    "conflict_winners_max": Titles(
        "At most {winners} winners: the largest {winners} offers together have {offered} pieces, {needed} needed.",
        "Победителей не более {winners}: крупнейшие предложения ({winners}) вместе дают {offered} шт., нужно {needed}.",
        "Жеңімпаздар {winners} артық емес: ең ірі {winners} ұсыныс бірге {offered} дана береді, {needed} керек.",
    ),
    "conflict_share_max": Titles(
        "No winner may have more than {percent} % of the lot, {most} pieces of {needed}.",
        "Победитель получает не более {percent} % лота, {most} шт. из {needed}.",
        "Жеңімпазға лоттың {percent} пайызынан артық берілмейді: {needed} данадан {most}.",
    ),
    "conflict_lot_minimum": Titles(
        "No winner may have fewer than {least} pieces of the lot.",
        "Победитель получает не менее {least} шт. лота.",
        "Жеңімпазға лоттың кемінде {least} данасы беріледі.",
    ),
    "conflict_quota": Titles(
        "{name}: at least {percent} % of the pieces; its bidders offer {offered} of {needed}.",
        "{name}: не менее {percent} % штук; его участники предлагают {offered} из {needed}.",
        "{name}: дананың кемінде {percent} пайызы; оның қатысушылары {needed} данадан {offered} ұсынады.",
    ),
    "conflict_either_or": Titles(
        "Bids that want one lot or another, and not both.",
        "Заявки на один из лотов, но не на оба.",
        "Лоттардың біреуіне ғана берілген өтінімдер.",
    ),
    "conflict_joint": Titles(
        "Consortia whose members are all given something, or none is.",
        "Консорциумы, в которых получают все участники или никто.",
        "Барлық мүшесі алатын немесе ешкімі алмайтын консорциумдар.",
    ),
    "conflict_other_lot": Titles(
        "Lot {other} takes what the same workshops can sew.",
        "Лот {other} занимает возможности тех же цехов.",
        "{other}-лот сол цехтардың мүмкіндігін алады.",
    ),
    "fillable": Titles(
        "Lot {lot} can be filled: {engine} found how, and the rule of the award did not.",
        "Лот {lot} можно покрыть: {engine} нашёл как, а правило распределения не нашло.",
        "{lot}-лотты толтыруға болады: {engine} тапты, ал бөлу қағидасы таппады.",
    ),
    "not_found": Titles(
        "{engine} found no way to fill lot {lot}, and did not prove that there is none.",
        "{engine} не нашёл, как покрыть лот {lot}, и не доказал, что это невозможно.",
        "{engine} {lot}-лотты толтыру жолын таппады және оның жоқтығын дәлелдемеді.",
    ),
    "relax_winners_max": Titles(
        "Allow {value} winners instead of {present}: the lot would cost {sum}.",
        "Допустить победителей: {value} вместо {present}; лот стоил бы {sum}.",
        "Жеңімпаздар санын {present} орнына {value} ету: лот {sum} тұрар еді.",
    ),
    "relax_share_max": Titles(
        "Raise the largest share from {present} to {value} %: the lot would cost {sum}.",
        "Поднять наибольшую долю с {present} до {value} %; лот стоил бы {sum}.",
        "Ең үлкен үлесті {present} пайыздан {value} пайызға көтеру: лот {sum} тұрар еді.",
    ),
    "relax_lot_minimum": Titles(
        "Lower the least pieces of a winner from {present} to {value}: the lot would cost {sum}.",
        "Снизить минимум победителя с {present} до {value} шт.; лот стоил бы {sum}.",
        "Жеңімпаздың ең аз данасын {present} орнына {value} ету: лот {sum} тұрар еді.",
    ),
    "relax_quota": Titles(
        "Lower {name} from {present} to {value} %: the lot would cost {sum}.",
        "Снизить {name} с {present} до {value} %; лот стоил бы {sum}.",
        "{name} үлесін {present} пайыздан {value} пайызға түсіру: лот {sum} тұрар еді.",
    ),
    "relax_capacity": Titles(
        "One more workshop for {value} pieces ({sizes}), at the planned price: the lot would cost {sum}.",
        "Ещё один цех на {value} шт. ({sizes}) по плановой цене; лот стоил бы {sum}.",
        "Жоспарлы баға бойынша {value} данаға ({sizes}) тағы бір цех: лот {sum} тұрар еді.",
    ),
    "relax_later": Titles(
        "Deliver {value} days later, at the workshops' present pace: the lot would cost {sum}.",
        "Перенести поставку на {value} дн. при нынешней загрузке цехов; лот стоил бы {sum}.",
        "Жеткізуді {value} күнге шегеру, цехтардың қазіргі қарқынымен: лот {sum} тұрар еді.",
    ),
    "relax_partial": Titles(
        "Award the lot in part: {value} pieces would stay open, the rest would cost {sum}.",
        "Присудить лот частично: {value} шт. остались бы открытыми, остальное стоило бы {sum}.",
        "Лотты бөліктеп беру: {value} дана ашық қалар еді, қалғаны {sum} тұрар еді.",
    ),
}
