"""Why a backup was not made, or not put back, in a sentence for who runs the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from marelle.core.refusals import Refusal


class BackupRefused(Refusal):
    """`code` is one of `WORDS`; what was there before is untouched."""

    def __str__(self) -> str:
        return WORDS[self.code].format(**self.data)


WORDS: Final[Mapping[str, str]] = {
    "nowhere": "Où sauvegarder ? Donnez un dossier ou un bucket par --to, ou par BACKUP_TO.",
    "store": "{why}",
    "public": "{folder} est public : n’importe qui y lirait les sauvegardes. Rendez-le privé.",
    "no_folder": "Le dossier {folder} ne peut pas être utilisé : {why}.",
    "inside": "{folder} est parmi les fichiers du portail : une sauvegarde y serait sauvegardée.",
    "full": "Le disque de {folder} est plein. Rien n’a été gardé de cette sauvegarde ; les autres sont là.",
    "full_here": "Le disque de {folder} est plein. Faites de la place, et recommencez la même commande.",
    "unread": "{path} ne peut pas être lu\u00a0: {why}. Rien n’a été gardé de cette sauvegarde.",
    "no_program": "Le programme « {program} » n’est pas installé ({package}).",
    "program_failed": "« {program} » a échoué : {why}",
    "pooled": (
        "DATABASE_POOLER dit qu’un pooler est devant PostgreSQL\u00a0: pg_dump y laisserait ses réglages aux "
        "pages du portail. Donnez à cette commande, par DATABASE_URL, l’adresse de PostgreSQL lui-même, et "
        "DATABASE_POOLER=0."
    ),
    "recipient": "BACKUP_RECIPIENT doit être une clé publique de age (age1…) ou de GnuPG (son empreinte).",
    "no_backup": "Il n’y a pas de sauvegarde dans {folder}.",
    "not_there": "{path} n’existe pas, ou ne peut pas être lu : {why}.",
    "identity": "Cette sauvegarde est chiffrée par age : donnez le fichier de la clé secrète par --identity.",
    "not_ours": "Ce n’est pas une sauvegarde de Marelle, ou son début manque.",
    "cut": "La sauvegarde est incomplète ou abîmée : elle s’arrête avant sa fin. Rien n’a été mis en place.",
    "changed": "La sauvegarde n’est pas telle qu’elle a été faite ({what}). Rien n’a été mis en place.",
    "newer_format": "La sauvegarde vient d’une version plus récente de Marelle. Installez-la d’abord.",
    "newer": (
        "La sauvegarde vient d’une version plus récente de Marelle, dont celle-ci ne connaît pas la base "
        "({migration}). Installez d’abord cette version."
    ),
    "other_engine": (
        "La sauvegarde est celle d’une base {theirs}, et DATABASE_URL est une base {ours}. Restaurez-la dans "
        "une base {theirs}."
    ),
    "no_key": (
        "Aucune clé de SEALING_KEYS n’ouvre cette sauvegarde : santé, revenus et fichiers y seraient "
        "illisibles. Mettez la clé de l’enveloppe dans SEALING_KEYS, puis recommencez."
    ),
    "not_empty": "La base {name} n’est pas vide. Une sauvegarde se restaure dans une base sans aucune table.",
    "files_there": "Le dossier {folder} n’est pas vide. Une sauvegarde se restaure dans un dossier vide.",
    "no_scratch": (
        "La base d’essai {name} ne peut pas être créée ({why}). Donnez ce droit\u00a0: alter role … createdb."
    ),
    "not_postgresql": "DATABASE_URL doit être la nouvelle base, PostgreSQL.",
    "unlike": (
        "Les deux bases ne sont pas de la même version ({migration}). Faites d’abord python -m marelle "
        "migrate sur l’une et sur l’autre."
    ),
    "holds_homes": "La base {name} contient déjà des comptes ou des dossiers\u00a0: rien n’y est copié.",
    "unmoved": "{table} contient un texte que PostgreSQL ne peut pas garder\u00a0: {why}",
    "differs": "{table} n’est pas la même dans les deux bases ({key}). Gardez l’ancienne, et dites-le-nous.",
    "counts": "La base restaurée n’a pas ce que dit la sauvegarde : {table}, {found} au lieu de {told}.",
}
