"""Every write of papers and publications; each checks rights itself and writes journal, case and mail."""

from marelle.papers.services.asking import (
    TypeFields,
    needs_set,
    paper_type_save,
)
from marelle.papers.services.checking import paper_accept, paper_refuse
from marelle.papers.services.publishing import (
    PublicationFields,
    publication_accept,
    publication_publish,
    publication_withdraw,
)
from marelle.papers.services.sending import KIND, page_remove, pages_add, paper_send, paper_withdraw

__all__ = [
    "KIND",
    "PublicationFields",
    "TypeFields",
    "needs_set",
    "page_remove",
    "pages_add",
    "paper_accept",
    "paper_refuse",
    "paper_send",
    "paper_type_save",
    "paper_withdraw",
    "publication_accept",
    "publication_publish",
    "publication_withdraw",
]
