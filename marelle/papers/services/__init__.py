"""Every write of papers and publications; each checks rights itself and writes journal, case and mail."""

from marelle.papers.services.asking import (
    TypeFields,
    needs_held,
    needs_set,
    paper_type_remove,
    paper_type_save,
)
from marelle.papers.services.checking import paper_accept, paper_refuse, paper_undo, replaced_files_drop
from marelle.papers.services.publishing import (
    CORRECTED,
    PublicationFields,
    publication_accept,
    publication_correct,
    publication_publish,
    publication_withdraw,
)
from marelle.papers.services.purging import papers_purge
from marelle.papers.services.reminding import reminded_lately, reminder_send
from marelle.papers.services.requesting import may_ask_for, paper_request
from marelle.papers.services.sending import KIND, page_remove, pages_add, paper_send, paper_withdraw

__all__ = [
    "CORRECTED",
    "KIND",
    "PublicationFields",
    "TypeFields",
    "may_ask_for",
    "needs_held",
    "needs_set",
    "page_remove",
    "pages_add",
    "paper_accept",
    "paper_refuse",
    "paper_request",
    "paper_send",
    "paper_type_remove",
    "paper_type_save",
    "paper_undo",
    "paper_withdraw",
    "papers_purge",
    "publication_accept",
    "publication_correct",
    "publication_publish",
    "publication_withdraw",
    "reminded_lately",
    "reminder_send",
    "replaced_files_drop",
]
