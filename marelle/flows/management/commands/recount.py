"""`marelle recount`: the places of each day counted again, children once each; what bills say is paid."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from marelle.activities.models import Gauge
from marelle.billing.payments import payments_recount
from marelle.bookings.recounting import withheld_on
from marelle.flows.catalogue.recounting import places_recount


class Command(BaseCommand):
    help = "Recompte les places prises, jour par jour, chaque enfant une fois ; sans effet la seconde fois."

    def handle(self, *_args: Any, **_options: Any) -> None:
        wrong = places_recount(now=timezone.now())
        names = dict(Gauge.objects.values_list("pk", "name"))
        for gauge_id, found in groupby(
            sorted(wrong, key=lambda one: (one.gauge_id, one.day)), lambda one: one.gauge_id
        ):
            rows = list(found)
            before, after = sum(row.before for row in rows), sum(row.after for row in rows)
            days = f"{rows[0].day:%d/%m/%Y} – {rows[-1].day:%d/%m/%Y}"
            self.stdout.write(
                f"{names[gauge_id]} : {len(rows)} compteur(s) corrigé(s), {days}, {before} → {after}"
            )
        self.stdout.write(f"{len(wrong)} compteur(s) corrigé(s).")
        waiting = len(withheld_on(None, since=timezone.localdate()))
        if waiting:
            self.stdout.write(f"{waiting} jauge(s) à confirmer par leur direction, dans « À traiter ».")
        for bill in payments_recount(now=timezone.now()):
            self.stdout.write(
                f"Facture {bill.number}\u00a0: {bill.paid} payés, recomptés d’après ses paiements."
            )
