"""The communauté de communes du Val d’Arelle: its places, as one would describe them. All of it is invented.

Telephones are of the ranges that the French regulator keeps for fiction.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from marelle.activities.models import Gauge
from marelle.demo.activities import activities_of
from marelle.demo.plans import (
    AuthorityPlan,
    ClosurePlan,
    ContactPlan,
    GaugePlan,
    StructurePlan,
    WorldPlan,
)
from marelle.demo.year import SchoolYear
from marelle.places.models import StructureKind
from marelle.pricing.incomes import Counts

ROOM = 3
"""Times as many places as in the demo, where every child comes."""
COMMUNES = (("Arelle", "21990"), ("Brisecombe", "21991"), ("Montperreux-le-Vieux", "21992"))
SCHOOLS = (("École d’Arelle", "Arelle"), ("École de Brisecombe", "Brisecombe"))

AUTHORITIES = (
    AuthorityPlan(
        key="cc",
        name="Communauté de communes du Val d’Arelle",
        short_name="Val d’Arelle",
        email="accueil@val-arelle.example",
        phone="03 53 01 20 00",
        address="2 place du Lavoir, 21990 Arelle",
        communes=("Arelle", "Brisecombe"),
        siret="20000010700017",
        publication_director="Mme la présidente du Val d’Arelle",
        host=("Service informatique du Val d’Arelle", "2 place du Lavoir, 21990 Arelle", "03 53 01 20 09"),
        dpo=("Délégué mutualisé du Val d’Arelle", "donnees@val-arelle.example"),
    ),
    AuthorityPlan(
        key="village",
        name="Mairie d’Arelle",
        short_name="Arelle",
        email="mairie@arelle.example",
        phone="03 53 01 21 00",
        address="1 place de la Mairie, 21990 Arelle",
        communes=("Arelle",),
        siret="21219990500010",
        incomes_count=Counts.ITS_DATE,
    ),
)


def world(year: SchoolYear) -> WorldPlan:
    """The whole territory over `year`."""
    return WorldPlan(
        first_day=year.first_day,
        last_day=year.last_day,
        authorities=AUTHORITIES,
        communes=COMMUNES,
        schools=SCHOOLS,
        structures=_structures(year),
        activities=activities_of(year),
    )


def roomier(plan: WorldPlan) -> WorldPlan:
    """The same territory where every child finds a place, save on the afternoons: people wait for those.

    The restaurant and the after-school care are for both schools.
    """

    def enlarged(structure: StructurePlan) -> StructurePlan:
        gauges = (
            replace(gauge, capacity=gauge.capacity * (1 if "apres-midi" in gauge.key else ROOM))
            for gauge in structure.gauges
        )
        return replace(structure, gauges=tuple(gauges))

    return replace(
        plan,
        structures=tuple(enlarged(one) for one in plan.structures),
        activities=tuple(replace(one, schools=()) for one in plan.activities),
    )


def _contact(label: str, ages: str, mailbox: str, phone: str) -> ContactPlan:
    return ContactPlan(label=label, ages=ages, email=f"{mailbox}@val-arelle.example", phone=phone)


def _structures(year: SchoolYear) -> tuple[StructurePlan, ...]:
    christmas = year.holiday("noël")
    new_year = ClosurePlan(
        "Fermé entre Noël et le jour de l’An", christmas.first_day + timedelta(days=7), christmas.last_day
    )
    august = ClosurePlan("Fermeture d’été", date(year.last_day.year, 8, 2), date(year.last_day.year, 8, 20))
    training = year.term_day(2, weeks_ahead=3)
    weather = year.term_day(3, weeks_ahead=1)
    strike = year.term_day(1, weeks_ahead=-3)
    return (
        StructurePlan(
            key="creche",
            authority="cc",
            name="Multi-accueil Les Ricochets",
            kind=StructureKind.CHILDCARE,
            street="5 chemin des Peupliers",
            commune="Arelle",
            contacts=(_contact("Multi-accueil", "2 mois – 4 ans", "multi-accueil", "03 53 01 20 03"),),
            gauges=(GaugePlan("accueil", "Places de la crèche", 10, Gauge.Unit.HALF_HOUR),),
            closures=(new_year, august),
        ),
        StructurePlan(
            key="relais",
            authority="cc",
            name="Relais petite enfance",
            kind=StructureKind.RELAY,
            street="5 chemin des Peupliers",
            commune="Arelle",
            contacts=(
                _contact(
                    "Guichet unique : je cherche un mode de garde", "0 – 6 ans", "relais", "03 53 01 20 02"
                ),
                ContactPlan("Sur le terrain", "0 – 6 ans", "", "06 39 98 20 02"),
            ),
            gauges=(GaugePlan("matinee", "Matinées d’éveil", 8),),
            closures=(august,),
        ),
        StructurePlan(
            key="arelle",
            authority="cc",
            name="Accueil de loisirs d’Arelle",
            kind=StructureKind.LEISURE,
            street="12 rue des Écoles",
            commune="Arelle",
            contacts=(_contact("Accueil de loisirs", "3 – 12 ans", "loisirs.arelle", "03 53 01 20 01"),),
            gauges=(
                GaugePlan("matin-petits", "Matin, 3–5 ans", 8),
                GaugePlan("matin-grands", "Matin, 6–12 ans", 12),
                GaugePlan("apres-midi-petits", "Après-midi, 3–5 ans", 8),
                GaugePlan("apres-midi-grands", "Après-midi, 6–12 ans", 12),
                GaugePlan("salle", "Salle à manger du foyer d’Arelle", 22),
            ),
            closures=(new_year, august),
        ),
        StructurePlan(
            key="brisecombe",
            authority="cc",
            name="Accueil de loisirs de Brisecombe",
            kind=StructureKind.LEISURE,
            street="3 sentier du Moulin",
            commune="Brisecombe",
            contacts=(
                _contact("Accueil de loisirs", "3 – 12 ans", "loisirs.brisecombe", "03 53 01 20 04"),
                ContactPlan("Le matin, à la porte", "3 – 12 ans", "", "06 39 98 20 04"),
            ),
            gauges=(
                GaugePlan("matin-petits", "Matin, 3–5 ans", 16),
                GaugePlan("matin-grands", "Matin, 6–12 ans", 24),
                GaugePlan("apres-midi-petits", "Après-midi, 3–5 ans", 8),
                GaugePlan("apres-midi-grands", "Après-midi, 6–12 ans", 12),
                GaugePlan("batiment-matin", "Bâtiment, le matin", 36),
                GaugePlan("batiment-apres-midi", "Bâtiment, l’après-midi", 17),
                GaugePlan("repas", "Salle à manger", 32),
            ),
            closures=(
                new_year,
                august,
                ClosurePlan("Journée de formation de l’équipe", training, training),
            ),
        ),
        StructurePlan(
            key="periscolaire",
            authority="cc",
            name="Périscolaire d’Arelle",
            kind=StructureKind.AFTER_SCHOOL,
            street="14 rue des Écoles",
            commune="Arelle",
            contacts=(_contact("Périscolaire", "école d’Arelle", "periscolaire", "03 53 01 20 05"),),
            gauges=(
                GaugePlan("matin", "Accueil du matin", 24),
                GaugePlan("soir", "Accueil du soir", 30),
            ),
            closures=(
                ClosurePlan("Intempéries annoncées", weather, weather, announced_late=True),
                ClosurePlan("Grève", strike, strike, announced_late=True),
            ),
        ),
        StructurePlan(
            key="cantine",
            authority="village",
            name="Restaurant scolaire d’Arelle",
            kind=StructureKind.CANTEEN,
            street="14 rue des Écoles",
            commune="Arelle",
            contacts=(
                ContactPlan("Restauration", "école d’Arelle", "cantine@arelle.example", "03 53 01 21 01"),
            ),
            gauges=(GaugePlan("repas", "Restaurant scolaire", 48),),
            closures=(ClosurePlan("Grève", strike, strike, announced_late=True),),
        ),
        StructurePlan(
            key="jeunes",
            authority="cc",
            name="Espace jeunes du Val d’Arelle",
            kind=StructureKind.YOUTH,
            street="8 rue du Canal",
            commune="Arelle",
            contacts=(_contact("Espace jeunes", "12 – 18 ans", "jeunes", "06 39 98 20 06"),),
        ),
    )
