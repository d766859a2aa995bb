"""Accounts: one per adult, never one per family."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Actor, Guest
from marelle.core.sealed import SealedField

IDENTIFIER_LENGTH = 150

GUESTS = [
    (Guest.PAYER.value, _("payeur")),
    (Guest.TEEN.value, _("jeune")),
    (Guest.CHILDMINDER.value, _("assistante maternelle")),
]

identifier_validator = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._-]{2,}\Z",
    _(
        "L’identifiant compte au moins 3 signes : des lettres sans accent, des chiffres, "
        "un point ou un tiret, sans espace ni « @ »."
    ),
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, identifier: str, password: str | None = None, **fields: Any) -> User:
        """For commands, the demo and tests; screens go through an invitation."""
        user = self.model(identifier=identifier.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, identifier: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(identifier, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(identifier__iexact=username)

    def reached_by(self, name: str) -> models.QuerySet[User]:
        """The accounts that `name` may mean: an identifier has no "@", a mail address has one.

        Several accounts may share a mail address; only the active ones count, so that an invitation not
        yet used does not take the address away from the account in use.
        """
        name = name.strip().lower()
        if "@" in name:
            return self.annotate(_email=Lower("email")).filter(_email=name, is_active=True)
        return self.filter(identifier=name)

    def opened_by(self, name: str) -> models.QuerySet[User, int]:
        """Ids of the accounts that `name` opens: that of a merged account opens the one that it went into."""
        opened = Coalesce("merged_into_id", "pk")
        return self.reached_by(name).annotate(_opened=opened).values_list("_opened", flat=True)


class User(AbstractBaseUser, PermissionsMixin):
    """`identifier` is kept in lower case. `email` may be empty, and shared by a couple.

    `notices` are its choices of mails, by `notices.Notice`. Its calendar's address holds for one
    `calendar_serial`: another number, and the old address leads nowhere. One `merged_into` another account,
    as two of one person, is from then on a second name for it: it opens the other. `is_staff` only opens
    Django's administration; what staff may do in the portal is held elsewhere. That of a `guest` is of no
    home and has no post, and never will.
    """

    identifier = models.CharField(
        _("identifiant"), max_length=IDENTIFIER_LENGTH, unique=True, validators=[identifier_validator]
    )
    email = models.EmailField(_("adresse de courriel"), blank=True)
    display_name = models.CharField(_("nom affiché"), max_length=150)
    is_active = models.BooleanField(_("actif"), default=True)
    is_staff = models.BooleanField(_("accès à l’administration"), default=False)
    guest = models.CharField(_("invité comme"), max_length=12, choices=GUESTS, blank=True)
    is_demo = models.BooleanField(_("compte de démonstration"), default=False)
    created_at = models.DateTimeField(_("créé le"), default=timezone.now)
    notices = models.JSONField(_("courriels choisis"), default=dict, blank=True)
    calendar_serial = models.PositiveIntegerField(_("numéro de l’adresse du calendrier"), default=0)
    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("réuni au compte"),
    )

    USERNAME_FIELD = "identifier"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects = UserManager()

    actor: Actor | None = None
    """Who this account is, where it was read with its person and posts (see `flows.actor.actors`)."""
    unread: int = 0
    """Exchanges of its home that it has yet to read, read at the same time."""
    has_second: bool = False
    """Whether it has a second factor, read at the same time."""

    class Meta:
        verbose_name = _("compte")
        verbose_name_plural = _("comptes")
        ordering = ["identifier"]
        constraints = [
            models.UniqueConstraint(
                Lower("identifier"),
                name="account_identifier_any_case",
                violation_error_message=_("Cet identifiant est déjà pris : choisissez-en un autre."),
            ),
            models.CheckConstraint(
                condition=models.Q(guest="")
                | models.Q(guest__in=[code for code, _label in GUESTS], is_staff=False, is_superuser=False),
                name="account_guest_administers_nothing",
                violation_error_message=_("Le compte d’un invité n’ouvre pas l’administration."),
            ),
            models.CheckConstraint(
                condition=~models.Q(identifier__contains="@"),
                name="account_identifier_no_at",
                violation_error_message=_("L’identifiant ne contient pas de « @ »."),
            ),
        ]
        indexes = [models.Index(Lower("email"), name="account_email_any_case")]

    def __str__(self) -> str:
        return self.display_name or self.identifier


class Channel(models.TextChoices):
    MAIL = "mail", _("courriel")
    LETTER = "letter", _("lettre")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def live(self, now: datetime) -> InvitationQuerySet:
        return self.pending().filter(expires_at__gt=now)

    def pending(self) -> InvitationQuerySet:
        return self.filter(used_at__isnull=True, revoked_at__isnull=True)


class Invitation(models.Model):
    """A single-use link to a first connection. Only the hash of its secret is kept.

    `message_id` is the mail or letter that carries it: it is taken back when another link replaces this one.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="invitations", verbose_name=_("compte"))
    token_hash = models.CharField(_("empreinte du lien"), max_length=64, unique=True)
    email = models.EmailField(_("adresse de courriel"), blank=True)
    channel = models.CharField(_("voie"), max_length=8, choices=Channel)
    message_id = models.BigIntegerField(_("courriel ou lettre"), null=True, blank=True)
    created_at = models.DateTimeField(_("envoyée le"))
    created_by_label = models.CharField(_("envoyée par"), max_length=200)
    expires_at = models.DateTimeField(_("valable jusqu’au"))
    used_at = models.DateTimeField(_("utilisée le"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("remplacée le"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(used_at__isnull=True, revoked_at__isnull=True),
                name="account_one_pending_invitation",
                violation_error_message=_("Ce compte a déjà une invitation en cours."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"


class LinkPurpose(models.TextChoices):
    PASSWORD = "password", _("nouveau mot de passe")
    EMAIL = "email", _("nouvelle adresse de courriel")


class SecretLink(models.Model):
    """A single-use link sent by mail to an account in use: choose a password, or confirm an address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="links", verbose_name=_("compte"))
    purpose = models.CharField(_("usage"), max_length=10, choices=LinkPurpose)
    token_hash = models.CharField(_("empreinte du lien"), max_length=64, unique=True)
    email = models.EmailField(_("adresse de courriel"), blank=True)
    created_at = models.DateTimeField(_("envoyé le"))
    expires_at = models.DateTimeField(_("valable jusqu’au"))
    used_at = models.DateTimeField(_("utilisé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("lien secret")
        verbose_name_plural = _("liens secrets")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.purpose} {self.user}"


class Device(models.Model):
    """A connected device: one session of an account, from its connection until it is closed or has run out.

    `last_seen` is coarse (see `services.devices`): a page read is not a row written.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="devices", verbose_name=_("compte"))
    session_key = models.CharField(_("session"), max_length=40, unique=True)
    label = models.CharField(_("appareil"), max_length=100, blank=True)
    first_seen = models.DateTimeField(_("connecté le"))
    last_seen = models.DateTimeField(_("vu le"))

    class Meta:
        verbose_name = _("appareil connecté")
        verbose_name_plural = _("appareils connectés")
        ordering = ["-last_seen", "-id"]

    def __str__(self) -> str:
        return f"{self.user} {self.label}"


class Authenticator(models.Model):
    """The application that gives an account its codes (TOTP, RFC 6238).

    `last_step` is the step of time of the last code that was taken: no code of it, or of one before, is taken
    again.
    """

    user = models.OneToOneField(User, models.CASCADE, verbose_name=_("compte"))
    secret = SealedField(_("secret"))
    last_step = models.PositiveBigIntegerField(_("pas du dernier code"))
    added_at = models.DateTimeField(_("ajoutée le"))

    class Meta:
        verbose_name = _("application d’authentification")
        verbose_name_plural = _("applications d’authentification")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.user)


class Passkey(models.Model):
    """A passkey (WebAuthn) of an account: its public half. It opens the account by itself.

    `credential` is what the authenticator attested: its model, the identifier and the public key, as
    WebAuthn writes them. `sign_count` only grows, where the authenticator counts at all.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="passkeys", verbose_name=_("compte"))
    credential_id = models.CharField(_("identifiant de la clé"), max_length=1400, unique=True)
    credential = models.BinaryField(_("clé publique"))
    sign_count = models.PositiveBigIntegerField(_("nombre de signatures"))
    label = models.CharField(_("nom"), max_length=60)
    added_at = models.DateTimeField(_("ajoutée le"))
    used_at = models.DateTimeField(_("utilisée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("clé d’accès")
        verbose_name_plural = _("clés d’accès")
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return self.label


class RecoveryCode(models.Model):
    """One code for the day when the telephone is lost. Only its hash is kept; once used, its row is gone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", verbose_name=_("compte"))
    code_hash = models.CharField(_("empreinte du code"), max_length=64)

    class Meta:
        verbose_name = _("code de secours")
        verbose_name_plural = _("codes de secours")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code_hash"],
                name="account_recovery_code_once",
                violation_error_message=_("Ce compte a déjà ce code de secours."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.pk}"


class LetIn(models.Model):
    """An agent lets an account in once, after its password, without the second factor that it lost."""

    user = models.ForeignKey(User, models.CASCADE, related_name="let_in", verbose_name=_("compte"))
    by_label = models.CharField(_("permis par"), max_length=200)
    reason = models.CharField(_("motif"), max_length=200)
    given_at = models.DateTimeField(_("permis le"))
    until = models.DateTimeField(_("jusqu’au"))
    used_at = models.DateTimeField(_("utilisé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("entrée permise une fois")
        verbose_name_plural = _("entrées permises une fois")
        ordering = ["-given_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user} {self.given_at:%Y-%m-%d}"


class RememberedBrowser(models.Model):
    """A browser that shows no second factor for a while: after the right password, what it carries is enough.

    Only the hash of its secret is kept. Several accounts may have the same browser.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="browsers", verbose_name=_("compte"))
    token_hash = models.CharField(_("empreinte du secret"), max_length=64)
    label = models.CharField(_("appareil"), max_length=100, blank=True)
    since = models.DateTimeField(_("depuis le"))
    until = models.DateTimeField(_("jusqu’au"), db_index=True)

    class Meta:
        verbose_name = _("appareil de confiance")
        verbose_name_plural = _("appareils de confiance")
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "token_hash"],
                name="account_browser_once",
                violation_error_message=_("Cet appareil est déjà de confiance."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.label}"


class LiveIdentities(models.Manager["Identity"]):
    def get_queryset(self) -> models.QuerySet[Identity]:
        return super().get_queryset().filter(ended_at=None)


class Identity(models.Model):
    """Somebody whom an identity provider knows as `subject`, and whose account that opens.

    One account has one of an issuer at most: another subject for the same person is looked at by somebody.
    `used_at` is when it last opened the account, `began`: nobody came in by the account before it. One that
    was taken away at `ended_at` opens nothing; it is kept, among `all_ever` alone, so that it does not come
    back by itself.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="identities", verbose_name=_("compte"))
    issuer = models.CharField(_("fournisseur d’identité"), max_length=255)
    subject = models.CharField(_("identifiant chez lui"), max_length=255)
    since = models.DateTimeField(_("relié le"))
    used_at = models.DateTimeField(_("utilisé le"), null=True, blank=True)
    began = models.BooleanField(_("a ouvert le compte la première fois"), default=False)
    ended_at = models.DateTimeField(_("retirée le"), null=True, blank=True)

    objects = LiveIdentities()
    all_ever = models.Manager["Identity"]()

    class Meta:
        verbose_name = _("identité reliée")
        verbose_name_plural = _("identités reliées")
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                condition=models.Q(ended_at=None),
                name="account_identity_once",
                violation_error_message=_("Cette identité ouvre déjà un autre compte."),
            ),
            models.UniqueConstraint(
                fields=["user", "issuer"],
                condition=models.Q(ended_at=None),
                name="account_identity_of_an_issuer",
                violation_error_message=_("Ce compte a déjà une identité de ce fournisseur."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.issuer}"


class AttemptKind(models.TextChoices):
    LOGIN = "login", _("connexion")
    SECOND = "second", _("second facteur")
    PASSWORD = "password", _("mot de passe oublié")
    TABLET = "tablet", _("code d’une tablette")
    PROVIDER = "provider", _("retour d’un fournisseur d’identité")
    LINK = "link", _("lien ou identifiant")


class Attempt(models.Model):
    """A failed or running attempt, kept only as long as it counts against a limit.

    `name_hash` is the hash of what was typed: people type passwords in the wrong field.
    """

    kind = models.CharField(_("nature"), max_length=10, choices=AttemptKind)
    at = models.DateTimeField(_("date"), db_index=True)
    name_hash = models.CharField(_("empreinte du nom"), max_length=64)
    user_id = models.BigIntegerField(_("compte"), null=True, blank=True)
    address = models.GenericIPAddressField(_("adresse réseau"), null=True, blank=True)

    class Meta:
        verbose_name = _("essai de connexion")
        verbose_name_plural = _("essais de connexion")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["kind", "name_hash", "at"], name="attempt_name"),
            models.Index(fields=["kind", "user_id", "at"], name="attempt_account"),
            models.Index(fields=["kind", "address", "at"], name="attempt_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
