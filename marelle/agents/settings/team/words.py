"""Agents and their posts in French."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.accounts.models import Invitation, User
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long_year
from marelle.core.refusals import Refusal
from marelle.places.models import Post
from marelle.places.posts.selectors import shown_posts

REFUSED: dict[str, str | Promise] = {
    "own_posts": gettext_lazy("Ce sont vos propres postes : un autre agent doit s’en occuper."),
    "no_post": gettext_lazy("Cochez au moins un poste."),
    "not_allowed": gettext_lazy("Un de ces postes n’est pas à vous de donner. Rien n’est enregistré."),
    "last_administrator": gettext_lazy(
        "C’est la dernière personne qui administre le portail : nommez-en une autre d’abord."
    ),
    "changed_meanwhile": gettext_lazy(
        "Ses postes ont changé depuis que cette page est ouverte. Rien n’est enregistré : "
        "rouvrez-la pour partir de ce qui est en place."
    ),
    "address_shared": gettext_lazy(
        "Plusieurs comptes ont cette adresse : donnez-en une autre, propre à cette personne."
    ),
    "invited_already": gettext_lazy("Cette personne est déjà invitée : retrouvez-la dans la liste."),
    "guest": gettext_lazy(
        "Cette adresse est celle d’un invité (payeur, jeune, assistante maternelle), qui ne devient pas un "
        "agent : donnez-en une autre."
    ),
    "no_second": gettext_lazy("Ce compte n’a pas de double authentification : son mot de passe suffit."),
    "own_home": gettext_lazy("C’est votre propre famille : un autre agent doit s’en occuper."),
    "already_active": gettext_lazy("Cette personne a déjà ouvert son accès : il n’y a rien à envoyer."),
}


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One line of the list. `tone` colours `state`."""

    id: int
    name: str
    posts: tuple[str, ...]
    state: str
    tone: str
    seen: str


def refusal_text(refusal: Refusal) -> str:
    return str(REFUSED[refusal.code])


def lines(users: Iterable[User]) -> list[AgentLine]:
    return [line(user) for user in users]


def line(user: User) -> AgentLine:
    posts = shown_posts(user)
    state, tone = _state(user, posts)
    seen = (
        _("connexion : %(day)s") % {"day": day_plain(local(user.last_login).date())}
        if user.last_login
        else ""
    )
    return AgentLine(user.pk, str(user), tuple(map(post_text, posts)), state, tone, seen)


def post_text(post: Post) -> str:
    match Role(post.role):
        case Role.ADMINISTRATOR:
            text = _("Administration")
        case Role.OFFICE:
            text = _("Guichet : %(name)s") % {"name": post.authority}
        case Role.DIRECTOR:
            text = _("Direction : %(name)s") % {"name": post.structure}
        case Role.ANIMATOR:
            text = _("Animation : %(name)s") % {"name": post.structure}
    if post.reads_incomes:
        text = _("%(post)s, lit les revenus") % {"post": text}
    return _("%(post)s, suspendu") % {"post": text} if post.suspended_at else text


def facts(user: User, invitation: Invitation | None) -> list[tuple[str, str]]:
    found = [(_("Adresse de courriel"), user.email or _("aucune"))]
    if user.is_active:
        found.append((_("Identifiant"), user.identifier))
        last = instant_long_year(user.last_login) if user.last_login else _("jamais")
        found.append((_("Dernière connexion"), last))
    elif invitation is not None:
        until = instant_long_year(invitation.expires_at)
        taken_back = invitation.revoked_at is not None
        found.append((_("Invitation"), _("reprise") if taken_back else _("valable jusqu’au %s") % until))
    return found


def _state(user: User, posts: list[Post]) -> tuple[str, str]:
    if posts and all(post.suspended_at for post in posts):
        return _("suspendu"), "error"
    return (_("actif"), "ok") if user.is_active else (_("invité"), "warn")
