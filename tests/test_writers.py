"""Whoever writes about a home locks it, or the child it is about, before anything: a new service that does
not is refused here, unless it says why no home is touched by it."""

from __future__ import annotations

from typing import Final

from tests.writers import KNOW_HOMES, functions, reaches

LOCKS: Final = frozenset(
    {
        "marelle.bookings.saving.locks.children_locked",
        "marelle.bookings.saving.locking._people",
        *(
            f"marelle.families.locks.{name}"
            for name in ("files_locked", "home_locked", "homes_locked", "own_home_locked", "people_locked")
        ),
    }
)
"""See `families.locks`; a save of the planning locks the children in the query that says who they are."""

NO_HOME: Final = {
    "attendance.tablets.tablet_enrol": "a tablet",
    "attendance.tablets.tablet_code": "a tablet",
    "attendance.tablets.tablet_claim": "a tablet",
    "attendance.tablets.tablet_revoke": "a tablet",
    "attendance.tablets.pin_set": "an agent's PIN",
    "attendance.tablets.pin_forget": "an agent's PIN",
    "attendance.tablets.pin_check": "an agent's PIN",
    "flows.home.dormant.visa_want": "what the portal asks for before any home is erased",
    **{
        f"flows.door.{name}": "a list of a structure, of what it reads as it is"
        for name in (
            "evening.evening_set",
            "evening.password_read",
            "evening.password_renew",
            "evening_sending._send",
        )
    },
    "billing.accounting.closings.exercise_reopen": "an exercise",
    **{
        f"billing.guests.{name}": "who reads for a payer, which is no home"
        for name in (
            "payer_invite",
            "guests_purge",
            "bill_read",
        )
    },
    "billing.imports.services.import_prepare": "a file kept aside",
    "billing.imports.services.import_drop": "a file kept aside",
    "billing.imports.services.imports_forget": "files kept aside",
    "billing.imports.undoing.import_undo": "what was paid of bills, which are locked themselves",
    "billing.imports.services.import_remind": "a file that was imported",
    "billing.mandates.services._put": "called by who holds the home",
    "billing.payers.payer_set": "who pays besides homes",
    "billing.payments.payments_recount": "what bills come to, which outlive their homes",
    "billing.reminders.steps.step_set": "how an authority reminds",
    "billing.reminders.steps.step_remove": "the same",
    "billing.runs.terms.terms_set": "how an authority bills",
    "billing.runs.services.run_pause": "a run, which its homes are looked at again before they are billed",
    "billing.runs.services.run_cancel": "what a run has found, of which nothing is billed",
    "billing.runs.services.run_confirm": "a run",
    "billing.runs.previewing.preview_end": "a run",
    "billing.runs.issuing.run_end": "a run",
    "billing.tresor.services.tresor_terms_set": "how an authority's bills leave",
    "billing.tresor.services.tresor_export": "numbers of bills, which themselves do not change",
    "billing.tresor.services.tresor_export_cancel": "the same",
    "billing.tresor.files.export_write": "a file, of rows that stay as they are",
    "billing.services.treasury_set": "what an authority's invoices say",
    "bookings.closing.leasts.least_seen": "a week of an activity",
    "bookings.offers.cases.place_leave": "a place left to nobody",
    "bookings.kept.kept_add": "places of a gauge; of bookings, what they count for, under the quotas' lock",
    "bookings.kept.kept_change": "the same",
    "bookings.kept.kept_remove": "the same; who was named goes with the places",
    "bookings.saving.alone.alone_leave": "a case alone, locked when it is decided",
    "bookings.saving.alone.alone_undo": "the same case",
    "bookings.recounting.day_recount": "counters of places, by number",
    "flows.bills.closing.exercise_close": "what bills come to, which outlive their homes",
    "flows.guests.copies.guest_export": "a copy of what is held of who is of no home",
    "flows.identities.arrivals.arrival_ask": "of who has no home here",
    "flows.identities.arrivals.arrival_refuse": "of who has no home here",
    "flows.identities.arrivals.arrivals_purge": "of who has no home here",
    "flows.identities.linking.agent_arrive": "the account of an agent",
    "flows.journal.bounds.reading_bounds_set": "from how many readings on agents are told of",
    "flows.journal.consulted.week_summed": "a week of readings, as numbers",
    "flows.journal.watching._tell": "the account of an agent",
    "flows.upkeep.caf_unheard.unheard_told": "how many agreements are without an answer, and a mail",
    "flows.upkeep.held_mails.mails_drop": "whether mails that are written leave, not what they tell of whom",
    "flows.upkeep.held_mails.mails_release": "the same",
    "flows.upkeep.journal_chain._walk": "how far the walk along the journal has come, and a mail",
    "flows.upkeep.rounds.rounds_note": "the worker's own rounds",
    "flows.catalogue.tariffs.grid_set": "tariffs, which lead to no home",
    "flows.catalogue.tariffs.grid_end": "the same",
    "flows.catalogue.next_tariffs.next_tariffs_set": "the same",
    "flows.catalogue.recounting.confirmations_end": "cases of gauges, which are of no home",
    "families.care.consents.consent_type_add": "the list of an authority",
    "families.care.consents.consent_type_change": "the list of an authority",
    "families.care.consents.consent_type_retire": "the list of an authority",
    "families.care.consents.consent_type_remove": "the list of an authority",
    "campaigns.commissions.services.commission_add": "what is prepared, before any demand is looked at",
    "campaigns.commissions.services.commission_change": "what a commission is, of no home",
    "campaigns.commissions.services.section_add": "what is prepared, of no home",
    "campaigns.commissions.services.criterion_add": "what is prepared, of no home",
    "campaigns.running._run_ask": "that a run is asked for, of no home",
    "campaigns.services.campaign_add": "what is prepared, before any home is told",
    "campaigns.services.campaign_announce": "what homes read, of none of them",
    "campaigns.services.campaign_change": "what is prepared, before any home is told",
    "campaigns.services.campaign_end": "what homes read, of none of them",
    "campaigns.services.campaign_remove": "what is prepared, before any home is told",
    "campaigns.services.criterion_add": "what is prepared, before any home is told",
    "campaigns.services.criterion_remove": "what is prepared, before any home is told",
    "campaigns.services.number_given": "what homes read, of none of them",
    "families.finding.index.families_index": "called by who holds the homes",
    "families.finding.index.index_rebuild": "a command, on a portal that is stopped",
    "families.imports.choosing.columns_set": "a file kept aside",
    "families.imports.choosing.heading_set": "a file kept aside",
    "families.imports.choosing.words_set": "a file kept aside",
    "families.imports.services.import_start": "a file kept aside",
    "families.imports.services.import_drop": "a file kept aside",
    "families.imports.incomes.incomes_drop": "lines kept aside",
    "families.imports.kept.queued_forget": "files kept aside",
    "families.imports.services._batch": "homes that are new; those that are there are left alone",
    "families.imports.services._give_up": "a file kept aside",
    "families.file.policies.policies_set": "what homes may do with a field",
    "families.promotions.promotion_make": "called by who holds the children",
    "families.services.family_create": "a home that is new",
    "families.services.families_numbered": "homes that are new",
    "families.services.families_create": "homes that are new",
    "flows.upkeep.scanning._told": "what is known of a file, whatever becomes of the home",
    "flows.care.team.pai_file_read": "that it was read, which is kept whatever becomes of the home",
    "flows.actor.feed.feed_renew": "the account alone",
    "flows.year.next_year.activities_copy": "activities",
    "flows.moving.services.moving_start": "a file kept aside",
    "flows.moving.services.moving_drop": "a file kept aside",
    "flows.moving.services._give_up": "a file kept aside",
    "flows.year.pupils.services.list_heading_set": "a list kept aside",
    "flows.year.pupils.services.list_columns_set": "a list kept aside",
    "flows.year.pupils.services.list_words_set": "a list kept aside",
    "flows.year.pupils.services.list_answers_set": "a list kept aside",
    "flows.year.pupils.services.list_drop": "a list kept aside",
    "flows.year.pupils.services._write": "called by who holds the children",
    "flows.year.pupils.services.lists_forget": "lists kept aside",
    "flows.desk.reasons.reasons_save": "reasons kept ready",
    "flows.messages.wordings.wording_save": "words of an authority",
    "flows.year.year_ahead.requests_open": "activities",
    "meals.services.extras_save": "plates, by number",
    "meals.services.meals_order": "plates, by number",
    "messaging.publishing.news_write": "a piece of news",
    "messaging.publishing.news_send": "called by who holds the homes",
    "messaging.publishing.news_withdraw": "a piece of news",
    "messaging.replies.reply_save": "answers kept ready",
    "messaging.replies.reply_remove": "answers kept ready",
    "messaging.services.outsiders_purge": "of who has no home here",
    "papers.services.asking.paper_type_save": "what an authority asks for",
    "papers.services.asking.paper_type_remove": "what an authority asks for",
    "papers.services.asking.needs_set": "what an authority asks for",
    "papers.services.publishing.publication_publish": "what a structure publishes",
    "papers.services.publishing.publication_correct": "what a structure publishes",
    "papers.services.publishing.publication_withdraw": "what a structure publishes",
    "relay.services.care_followed": "joins who decides, who holds the home",
    "relay.services.care_settled": "joins who decides, who holds the home",
    "relay.services.demands_purge": "of who has no home here",
    "relay.visits.visits_merge": "called by who merges, under the locks of both files",
    **{
        f"relay.childminders.{name}": "a childminder, who is of no home"
        for name in (
            "childminder_add",
            "childminder_change",
            "childminder_erase",
            "childminder_invite",
            "childminder_leave",
            "childminder_stop",
            "childminders_purge",
        )
    },
}
"""What opens a transaction and locks no home nor child, with what it writes instead."""


def test_whoever_writes_about_a_home_locks_it_or_says_why_not() -> None:
    writers = {
        name.removeprefix("marelle.")
        for name, one in functions().items()
        if one.atomic and name.split(".")[1] in KNOW_HOMES
    }
    assert len(writers) > 150, "the reading of the code finds nothing"
    bare = {name for name in writers if not reaches(f"marelle.{name}", LOCKS)}
    assert sorted(bare ^ set(NO_HOME)) == []


def test_a_writer_that_does_not_is_found() -> None:
    """The control: the sending of a message, without what locks the home."""
    name = "marelle.messaging.services._open"
    assert reaches(name, LOCKS)
    without = functions()[name].calls - {"marelle.families.locks.own_home_locked"}
    assert not any(reaches(one, LOCKS) for one in without)
