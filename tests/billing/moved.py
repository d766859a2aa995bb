"""Files of another software, sent to a place that bills by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from marelle.billing.imports.services import Report, import_confirm, import_prepare, import_report
from marelle.billing.imports.sides import sides_read
from marelle.billing.labels import problem_text
from marelle.billing.models import ImportRun
from marelle.core.actor import Actor
from marelle.pricing.lines import Ledger
from marelle.pricing.writing import tariff_write
from tests.billing.files import csv_of, upload
from tests.flows.bills.billed import NOW, Billed
from tests.flows.prices.priced import WEDNESDAYS
from tests.pricing.sheets import BOOKS, MORNING

HEADERS = {
    ImportRun.Kind.PARALLEL: "famille;enfant;activité;quantité;montant",
    ImportRun.Kind.BALANCES: "famille;solde;au;facture;libellé;compte;régie",
    ImportRun.Kind.PAST: (
        "facture;famille;mois;émise le;échéance;enfant;activité;libellé;quantité;prix unitaire;montant;total;"
        "payé;payée le;part du repas;heures"
    ),
}


class Moved(Billed):
    """Two homes, each with a child and a morning booked in November, and an agent who brings files."""

    kind = ImportRun.Kind.BALANCES

    def __init__(self) -> None:
        super().__init__("wednesdays")
        self.roy, self.sand = self.home("Roy", "Anne"), self.home("Sand", "Luc")
        self.zoe, self.max = self.enrols(self.roy, "Zoé"), self.enrols(self.sand, "Max")
        for home, child in ((self.roy, self.zoe), (self.sand, self.max)):
            self.quotient(home, "400")
            for day in WEDNESDAYS[:2]:
                self.books(child, day, MORNING)

    @property
    def numbers(self) -> tuple[str, str]:
        return self.roy.family.number, self.sand.family.number

    def tariff_regies(self, *names: str) -> None:
        """A tariff whose money goes to each of these."""
        for name in names:
            tariff = replace(BOOKS["wednesdays"].tariffs[0], ledger=Ledger(regie=name))
            tariff_write(self.the_authority.pk, tariff)

    def sends(
        self,
        *rows: str,
        kind: str | None = None,
        correction: bool = False,
        month: date | None = None,
        actor: Actor | None = None,
        header: str = "",
        now: datetime = NOW,
    ) -> ImportRun:
        kind = kind or self.kind
        return import_prepare(
            actor=actor or self.bursar,
            authority_id=self.the_authority.pk,
            kind=kind,
            month=month,
            correction=correction,
            upload=upload(csv_of(*rows, header=header or HEADERS[ImportRun.Kind(kind)])),
            now=now,
        )

    def confirms_file(self, run: ImportRun, *, tell: bool = False, actor: Actor | None = None) -> ImportRun:
        return import_confirm(actor=actor or self.bursar, run_id=run.pk, tell=tell, now=NOW)

    def brings(self, *rows: str, **changes: object) -> ImportRun:
        return self.confirms_file(self.sends(*rows, **changes))  # type: ignore[arg-type]

    def report(self, run: ImportRun) -> Report:
        return import_report(actor=self.bursar, run_id=run.pk, now=NOW)[1]

    def problems(self, run: ImportRun) -> list[str]:
        return [problem_text(one).replace("\u00a0", " ") for one in self.report(run).problems]


def sides(counts: dict[str, object]) -> dict[str, tuple[str, str, str]]:
    """Each sum of the file, of Marelle, and what lies between."""
    kept: Sequence[Sequence[str]] = counts["sides"]  # type: ignore[assignment]
    return {one.code: (str(one.theirs), str(one.ours), str(one.gap)) for one in sides_read(kept)}
