"""Reading what API Particulier v3 answers. Pure.

`data.quotient_familial` is `{fournisseur, valeur, annee, mois, …}`,
`data.parametres_calcul_participation_familiale` is `{nombre_enfants_a_charge,
nombre_enfants_beneficiaire_aeeh, base_ressources_annuelles: {valeur, annee_calcul}}`; an error is
`{errors: [{code, title, detail, …}]}`. Who else is of the household, and where it lives, is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final

from marelle.families.caf.rules import LEAST_PAUSE, MOST_PAUSE, PAUSE, Outcome, Said, What, of_a_month
from marelle.families.incomes.rules import MOST_CHILDREN, MOST_EUROS, IncomeKind

FUNDS: Final = frozenset({"CNAF", "MSA"})
OLDEST: Final = 5
"""Years of a figure that may still be one of these services."""

NOT_FOUND: Final = "37003"
TIMED_OUT: Final = "37002"
TOKEN_OVER: Final = ("50002", "502")
"""How the code ends by which FranceConnect knows no such token, or no more: it was 50002, and is made of a
number of the provider and of 502 since."""


class NoAnswer(Exception):
    """Nothing is learnt. `detail` is for the operator's log, and says of nobody; `pause` is for how long it
    wants to be left alone."""

    def __init__(self, outcome: Outcome, detail: str = "", *, pause: timedelta | None = None) -> None:
        super().__init__(f"{outcome.value}: {detail}")
        self.outcome = outcome
        self.detail = detail
        self.pause = pause


def said_read(what: What, answer: Mapping[str, Any], *, day: date) -> Said:
    """What a good answer says. Raises NoAnswer: `NOTHING` where it has no such figure, else `LIES`."""
    data = answer.get("data")
    if not isinstance(data, dict):
        raise _lies("no data")
    return _quotient(data, day) if what is What.QUOTIENT else _resources(data, day)


def trouble_of(
    status: int, answer: Mapping[str, Any], *, retry_after: str, by_token: bool = False, now: datetime
) -> NoAnswer:
    """What an answer of another status than 200 means; `by_token`: to who asked with one of FranceConnect."""
    code = _code(answer)
    detail = f"status {status}, code {code or 'none'}{', by FranceConnect' if by_token else ''}"
    if status == 429:
        return NoAnswer(Outcome.TOO_MANY, detail, pause=_pause(retry_after, now))
    if code == TIMED_OUT or status == 504:
        return NoAnswer(Outcome.SLOW, detail)
    if status == 404 and code:
        return NoAnswer(Outcome.NOT_FOUND, detail)
    if status in {400, 422}:
        return NoAnswer(Outcome.REFUSED, detail)
    if by_token and status == 401 and code.endswith(TOKEN_OVER):
        return NoAnswer(Outcome.EXPIRED, detail)
    if status in {401, 403}:
        return NoAnswer(Outcome.RIGHTS, detail)
    return NoAnswer(Outcome.DOWN if status >= 500 else Outcome.LIES, detail)


def _quotient(data: Mapping[str, Any], day: date) -> Said:
    found = data.get("quotient_familial")
    if found is None or (isinstance(found, dict) and found.get("valeur") is None):
        raise NoAnswer(Outcome.NOTHING)
    if not isinstance(found, dict):
        raise _lies("no quotient")
    value = _whole(found.get("valeur"), "valeur", 0, int(MOST_EUROS))
    year = _whole(found.get("annee"), "annee", day.year - OLDEST, day.year)
    month = date(year, _whole(found.get("mois"), "mois", 1, 12), 1)
    if month > day:
        raise _lies("a month to come")
    return Said({IncomeKind.QUOTIENT: Decimal(value)}, fund=_fund(found), month=month)


def _resources(data: Mapping[str, Any], day: date) -> Said:
    found = data.get("parametres_calcul_participation_familiale")
    base = found.get("base_ressources_annuelles") if isinstance(found, dict) else None
    if found is None or (isinstance(found, dict) and base is None):
        raise NoAnswer(Outcome.NOTHING)
    if not isinstance(found, dict) or not isinstance(base, dict):
        raise _lies("no resources")
    if base.get("valeur") is None:
        raise NoAnswer(Outcome.NOTHING)
    most = int(MOST_CHILDREN)
    dependants = _whole(found.get("nombre_enfants_a_charge"), "nombre_enfants_a_charge", 0, most)
    aeeh = _whole(
        found.get("nombre_enfants_beneficiaire_aeeh"), "nombre_enfants_beneficiaire_aeeh", 0, dependants
    )
    yearly = Decimal(_whole(base["valeur"], "valeur", 0, int(MOST_EUROS) * 12))
    year = _whole(base.get("annee_calcul"), "annee_calcul", day.year - OLDEST, day.year)
    amounts = {
        IncomeKind.RESOURCES: of_a_month(yearly),
        IncomeKind.DEPENDANTS: Decimal(dependants),
        IncomeKind.AEEH: Decimal(aeeh),
    }
    return Said(amounts, year=year)


def _whole(found: object, name: str, least: int, most: int) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise _lies(f"{name} is none")
    return found


def _fund(found: Mapping[str, Any]) -> str:
    fund = found.get("fournisseur")
    if not isinstance(fund, str) or fund not in FUNDS:
        raise _lies("fournisseur is none")
    return fund


def _code(answer: Mapping[str, Any]) -> str:
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, str) and code.isascii() and code.isalnum() and len(code) < 10 else ""


def _pause(text: str, now: datetime) -> timedelta:
    """Of a `Retry-After`, in seconds or as an instant (RFC 9110, 10.2.3), within reason."""
    pause = PAUSE
    if text.isascii() and text.isdigit():
        pause = timedelta(seconds=min(int(text[:9]), int(MOST_PAUSE.total_seconds())))
    elif text:
        try:
            pause = parsedate_to_datetime(text) - now
        except (TypeError, ValueError):
            pause = PAUSE
    return min(max(pause, LEAST_PAUSE), MOST_PAUSE)


def _lies(detail: str) -> NoAnswer:
    return NoAnswer(Outcome.LIES, detail)
