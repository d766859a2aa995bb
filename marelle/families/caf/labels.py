"""The CAF and the MSA in French: what one agrees to, what came of asking, and why something was refused."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from marelle.core.french import day_plain
from marelle.core.refusals import Refusal
from marelle.families.caf.rules import FRANCE, Identity, Outcome


def wording(authority: str, *, resources: bool, recognised: bool = False) -> str:
    """What somebody agrees to, to the letter: what is asked, of whom, what for, and how long it is kept.
    `recognised`: FranceConnect tells who it is, and lets it be asked at first."""
    asked = _("mon quotient familial")
    if resources:
        asked = _(
            "mon quotient familial, et pour le prix de la crèche mes ressources annuelles et le nombre de "
            "mes enfants à charge"
        )
    told = {"authority": authority, "asked": asked}
    return "\n".join(
        (
            _(
                "J’autorise la collectivité (%(authority)s) à demander à la CAF ou à la MSA, par le service "
                "de l’État API Particulier, %(asked)s."
            )
            % told,
            _("Cela sert à calculer le prix de ce que mon foyer réserve, et à rien d’autre."),
            *(_recognised_lines(resources=resources) if recognised else _typed_lines()),
            _(
                "Un agent vérifie chaque réponse avant qu’elle compte. Acceptée, elle est gardée avec les "
                "revenus du foyer, aussi longtemps que son dossier ; refusée, elle est effacée."
            ),
            _(
                "Je peux retirer cet accord à tout moment : plus rien n’est demandé, et mon état civil est "
                "effacé. Sans accord, je donne mon attestation, et rien d’autre ne change."
            ),
        )
    )


def _typed_lines() -> tuple[str, ...]:
    return (
        _(
            "Pour cela, mon nom de naissance, mes prénoms, mon sexe, ma date et mon lieu de naissance "
            "sont envoyés à ce service, et gardés chiffrés ici tant que je ne retire pas cet accord."
        ),
        _(
            "La demande est faite maintenant, puis chaque année en janvier tant qu’un enfant de mon "
            "foyer est inscrit, et quand je la refais ou que le service la refait."
        ),
    )


def _recognised_lines(*, resources: bool) -> tuple[str, ...]:
    then = (
        _("Ensuite, et dès maintenant pour la crèche si FranceConnect n’autorise pas la demande,")
        if resources
        else _("Ensuite,")
    )
    return (
        _(
            "Pour cela, FranceConnect donne mon nom de naissance, mes prénoms, mon sexe, ma date et mon lieu "
            "de naissance, et une autorisation d’une minute qui sert à la demande et n’est pas gardée. Mon "
            "état civil est gardé chiffré ici tant que je ne retire pas cet accord."
        ),
        _(
            "La demande est faite à mon retour de FranceConnect. %(then)s c’est mon état civil qui est "
            "envoyé à ce service : chaque année en janvier tant qu’un enfant de mon foyer est inscrit, et "
            "quand la demande est refaite."
        )
        % {"then": then},
    )


def outcome_text(outcome: Outcome) -> str:
    """What came of asking, and what to do, as the home reads it."""
    return {
        Outcome.ANSWERED: _("La CAF ou la MSA a répondu. Un agent vérifie la réponse, puis vous écrit."),
        Outcome.SAME: _("La CAF ou la MSA dit ce que nous savons déjà : rien ne change."),
        Outcome.NOTHING: _(
            "La CAF ou la MSA vous connaît, mais n’a pas calculé ce que nous lui demandons. Envoyez votre "
            "attestation, ou écrivez au service."
        ),
        Outcome.NOT_FOUND: _(
            "La CAF et la MSA n’ont trouvé personne de cet état civil, ou plusieurs personnes. Vérifiez "
            "votre nom de naissance, tous vos prénoms et votre lieu de naissance, ou envoyez votre "
            "attestation."
        ),
        Outcome.REFUSED: _(
            "Cet état civil n’est pas complet pour la CAF ou la MSA. Vérifiez-le, ou envoyez votre "
            "attestation."
        ),
        Outcome.TOO_MANY: _(
            "Trop de demandes sont parties d’ici : la vôtre attend son tour, et partira seule. Vous n’avez "
            "rien à faire."
        ),
        Outcome.BUSY: _(
            "Trop de familles demandent en même temps : votre demande partira seule dans quelques minutes."
        ),
        Outcome.DOWN: _(
            "La CAF ou la MSA ne répond pas en ce moment. Nous lui redemanderons ; si c’est pressé, envoyez "
            "votre attestation."
        ),
        Outcome.SLOW: _(
            "La CAF ou la MSA met trop de temps à répondre. Nous lui redemanderons ; si c’est pressé, "
            "envoyez votre attestation."
        ),
        Outcome.LIES: _(
            "La réponse n’est pas comme nous l’attendions : par sécurité, nous ne l’avons pas prise. Envoyez "
            "votre attestation."
        ),
        Outcome.RIGHTS: _(
            "Nous ne pouvons pas interroger la CAF ou la MSA pour le moment : le service en est averti. "
            "Envoyez votre attestation."
        ),
        Outcome.EXPIRED: _(
            "FranceConnect n’autorise la demande que pendant une minute, et elle est passée : recommencez, "
            "ou laissez, elle repartira seule dans l’heure."
        ),
    }[outcome]


def outcome_short(code: str) -> str:
    """The same for agents, in a few words; "" before anything was asked."""
    if not code:
        return ""
    return {
        Outcome.ANSWERED: _("réponse reçue"),
        Outcome.SAME: _("rien de nouveau"),
        Outcome.NOTHING: _("connu, sans montant calculé"),
        Outcome.NOT_FOUND: _("personne de cet état civil, ou plusieurs"),
        Outcome.REFUSED: _("état civil incomplet"),
        Outcome.TOO_MANY: _("trop de demandes, en attente"),
        Outcome.BUSY: _("en attente de son tour"),
        Outcome.DOWN: _("pas de réponse, sera redemandé"),
        Outcome.SLOW: _("trop lent, sera redemandé"),
        Outcome.LIES: _("réponse inattendue, non prise : voir l’administrateur"),
        Outcome.RIGHTS: _("accès refusé : voir l’administrateur"),
        Outcome.EXPIRED: _("autorisation de FranceConnect expirée, sera redemandé"),
    }[Outcome(code)]


def unasked_text() -> str:
    """Why nothing came of agreements that nobody was asked about."""
    return _("rien n’a été demandé, Marelle n’interroge plus la CAF ni la MSA")


def identity_text(identity: Identity, *, certified: bool) -> str:
    """ "LEFEBVRE Alexis, naissance le 27 décembre 1982 (08480)"."""
    told = {
        "name": f"{identity.birth_name} {' '.join(identity.first_names)}",
        "day": day_plain(identity.birth_date),
        "place": identity.place,
    }
    text = _("%(name)s, naissance le %(day)s (%(place)s)") % told
    return _("%(who)s, d’après FranceConnect") % {"who": text} if certified else text


def refusal_text(refusal: Refusal) -> str:
    """Of an agreement or of an asking, and of each field of an identity."""
    texts = {
        "birth_name": _("Écrivez votre nom de naissance, comme sur votre pièce d’identité."),
        "first_names": _("Écrivez vos prénoms, séparés par des espaces, six au plus."),
        "birth_date": _("Cette date n’est pas celle d’une naissance : vérifiez l’année."),
        "sex": _("Choisissez dans la liste."),
        "place": _(
            "Ce code n’est pas celui d’une commune ou d’un pays : cinq signes, par exemple 21231, ou 99 puis "
            "trois chiffres pour une naissance à l’étranger."
        ),
        "another_identity": _(
            "Ce n’est pas l’identité FranceConnect de votre compte : rien n’a été demandé."
        ),
        "not_granted": _(
            "FranceConnect ne nous permet pas de demander votre quotient : rien n’a été demandé, dites-le au "
            "service. Donnez votre état civil ci-dessous, ou envoyez votre attestation."
        ),
        "not_recognised": _("Rien n’a été demandé : cet accord attend que FranceConnect dise qui le donne."),
        "asked_enough": _("La demande a été faite assez souvent aujourd’hui : recommencez demain."),
        "home_left": _("Votre foyer n’est plus suivi ici : le dossier se lit, mais ne se modifie plus."),
        "cannot_seal": _("Votre accord ne peut pas être enregistré pour le moment : contactez le service."),
        "cannot_open": _("Votre accord ne peut pas être lu pour le moment : contactez le service."),
    }
    return texts.get(refusal.code, _("Ce n’est pas possible maintenant : rouvrez la page."))


def place_known(place: str, country: str) -> str:
    """The one code of a birth, of the two that FranceConnect tells."""
    return place if country in {"", FRANCE} else country


def is_old(month: date | None, day: date) -> bool:
    """Whether a quotient is of another year than the last twelve months."""
    return month is not None and (day - month).days > 366
