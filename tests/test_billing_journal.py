"""No act of billing without its entry: whoever writes about bills reaches the journal, or says
why nothing is told."""

from __future__ import annotations

from typing import Final

from tests.writers import functions, reaches

JOURNAL: Final = frozenset({"marelle.journal.services.record", "marelle.journal.services.record_many"})

UNTOLD: Final = {
    "billing.imports.services.import_prepare": "a file kept aside: told once it is imported",
    "billing.imports.services.import_drop": "the same",
    "billing.imports.services.imports_forget": "the same",
    "billing.making._keep": "the PDF of a bill, whose issue is told",
    "billing.mandates.services._put": "called by who tells it",
    "billing.runs.previewing.preview_keep": "the work of a run, of which nothing is billed yet",
    "billing.runs.previewing.preview_end": "the same",
    "billing.tresor.files.export_write": "a file that was asked for, which is told",
}


def test_whoever_writes_about_bills_tells_the_journal() -> None:
    writers = {
        name.removeprefix("marelle.")
        for name, one in functions().items()
        if one.atomic and name.startswith(("marelle.billing.", "marelle.flows.bills."))
    }
    assert len(writers) > 30
    silent = {name for name in writers if not reaches(f"marelle.{name}", JOURNAL)}
    assert sorted(silent ^ set(UNTOLD)) == []
