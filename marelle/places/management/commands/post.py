"""`marelle post IDENTIFIER ROLE`: give a role from the server, the first administrator's above all."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marelle.accounts.models import User
from marelle.core.actor import SYSTEM, Power, Role
from marelle.places.models import Authority, Structure
from marelle.places.posts.services import PostRefused, post_give


class Command(BaseCommand):
    help = "Donne un rôle à un compte : administrator, office, director ou animator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("identifier")
        parser.add_argument("role", choices=[role.value for role in Role])
        parser.add_argument("--authority", help="nom de la collectivité, pour office")
        parser.add_argument("--structure", help="nom de la structure, pour director et animator")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = User.objects.filter(identifier=options["identifier"].lower()).first()
        if user is None:
            raise CommandError(f"Aucun compte « {options['identifier']} ».")
        authority = Authority.objects.filter(name=options["authority"]).first()
        structure = Structure.objects.filter(name=options["structure"]).first()
        for name, found in (("authority", authority), ("structure", structure)):
            if options[name] and found is None:
                raise CommandError(f"« {options[name]} » n’existe pas.")
        try:
            post_give(
                actor=SYSTEM,
                user_id=user.pk,
                power=Power(
                    Role(options["role"]),
                    authority.pk if authority else None,
                    structure.pk if structure else None,
                ),
                now=timezone.now(),
            )
        except PostRefused as refusal:
            raise CommandError(
                "office se donne pour une collectivité (--authority), director et animator pour une "
                "structure (--structure), administrator sans rien."
            ) from refusal
        self.stdout.write("C’est fait.")
