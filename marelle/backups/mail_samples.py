"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.samples import Sample, register

register(
    Sample(
        "backups/drill",
        _("Une sauvegarde a été essayée, et ne se restaure pas, ou de nouveau"),
        _("les administrateurs"),
        {
            "well": False,
            "name": "marelle-20261130T021500Z.tar.age",
            "pages": "50",
            "troubles": ["fichiers\u00a0: fichier 12 (3f/3fa0)\u00a0: absent"],
        },
    ),
)
