"""Where care happens: authorities, structures, schools, communes, calendars, and who works where."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Role
from marelle.core.french import range_sentence
from marelle.places.rules import TEEN_AGE, TEEN_AGES, Ground, SpanKind


class Zone(models.TextChoices):
    """Zone of school holidays, as the ministry of education draws them."""

    A = "A", _("zone A")
    B = "B", _("zone B")
    C = "C", _("zone C")


class IncomesCount(models.TextChoices):
    """From when a change of income counts in prices; the words of `pricing.incomes.Counts`."""

    NEXT_MONTH = "next_month", _("du mois suivant, sans rien refaire")
    ITS_DATE = "its_date", _("de sa date, avec régularisation")


class Authority(models.Model):
    """A "collectivité": owns structures, employs agents, sends its invoices.

    From `publication_director` on, what the legal pages say. `accessibility_rate` is that of the last audit,
    in percent; without one, the portal counts as not accessible. A child of `teen_age` years may have an
    account of its own, once a parent opens it.
    """

    name = models.CharField(_("nom"), max_length=120)
    short_name = models.CharField(_("nom court"), max_length=40)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    email = models.EmailField(_("courriel"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    publication_director = models.CharField(_("direction de la publication"), max_length=120, blank=True)
    host_name = models.CharField(_("hébergeur"), max_length=120, blank=True)
    host_address = models.CharField(_("adresse de l’hébergeur"), max_length=200, blank=True)
    host_phone = models.CharField(_("téléphone de l’hébergeur"), max_length=30, blank=True)
    dpo_name = models.CharField(_("délégué à la protection des données"), max_length=120, blank=True)
    dpo_email = models.EmailField(_("courriel du délégué"), blank=True)
    accessibility_email = models.EmailField(_("courriel pour l’accessibilité"), blank=True)
    accessibility_rate = models.PositiveSmallIntegerField(
        _("taux de conformité au RGAA"), null=True, blank=True
    )
    accessibility_audited_on = models.DateField(_("date de l’audit"), null=True, blank=True)
    incomes_count = models.CharField(
        _("un revenu qui change compte"),
        max_length=10,
        choices=IncomesCount,
        default=IncomesCount.NEXT_MONTH,
    )
    teen_age = models.PositiveSmallIntegerField(_("âge d’un compte à soi"), default=TEEN_AGE)

    class Meta:
        verbose_name = _("collectivité")
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                name="accessibility_rate_is_dated",
                condition=models.Q(accessibility_rate__isnull=True, accessibility_audited_on__isnull=True)
                | models.Q(
                    accessibility_rate__isnull=False,
                    accessibility_rate__lte=100,
                    accessibility_audited_on__isnull=False,
                ),
                violation_error_message=_("Le taux, de 0 à 100, va avec la date de l’audit."),
            ),
            models.CheckConstraint(
                name="teen_age_in_bounds",
                condition=models.Q(teen_age__gte=TEEN_AGES[0], teen_age__lte=TEEN_AGES[1]),
                violation_error_message=_("Un compte à soi s’ouvre entre 6 et 17 ans."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Look(models.Model):
    """How the portal looks and what it says, where its authority chose: "" and absent texts are the defaults.

    `logo` is a picture that was decoded and encoded again, small enough to be read with its row. `revision`
    grows with each change: it is in the addresses of what browsers keep.
    """

    authority = models.OneToOneField(
        Authority, on_delete=models.CASCADE, related_name="look", verbose_name=_("collectivité")
    )
    main = models.CharField(_("couleur principale"), max_length=7, blank=True)
    accent = models.CharField(_("couleur d’accent"), max_length=7, blank=True)
    logo = models.BinaryField(_("logo"), blank=True, default=b"")
    logo_kind = models.CharField(_("nature du logo"), max_length=20, blank=True)
    logo_width = models.PositiveSmallIntegerField(_("largeur du logo"), default=0)
    logo_height = models.PositiveSmallIntegerField(_("hauteur du logo"), default=0)
    texts = models.JSONField(_("textes"), default=dict, blank=True)
    revision = models.PositiveIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("apparence")

    def __str__(self) -> str:
        return str(self.authority)


class Delay(models.Model):
    """How many months something is kept, where its default in `delays.DELAYS` is not what was chosen."""

    code = models.CharField(_("ce qui est gardé"), max_length=20, unique=True)
    months = models.PositiveSmallIntegerField(_("mois"))

    class Meta:
        verbose_name = _("délai de conservation")
        verbose_name_plural = _("délais de conservation")
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} : {self.months}"


class SecondRule(models.Model):
    """From which day on a role asks for a second factor. Without its row, a role asks for none."""

    role = models.CharField(_("rôle"), max_length=16, unique=True)
    since = models.DateField(_("à partir du"))

    class Meta:
        verbose_name = _("double authentification exigée")
        verbose_name_plural = _("doubles authentifications exigées")
        ordering = ("role",)

    def __str__(self) -> str:
        return f"{self.role} {self.since}"


class SecondReminded(models.Model):
    """That an account without a second factor was told, so many days before (`days`), that it needs one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateField(_("à partir du"))
    days = models.PositiveSmallIntegerField(_("jours avant"))
    told_at = models.DateTimeField(_("dit le"))

    class Meta:
        verbose_name = _("rappel de double authentification")
        verbose_name_plural = _("rappels de double authentification")
        ordering = ("-told_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["user", "since", "days"],
                name="second_reminded_once",
                violation_error_message=_("Ce rappel est déjà parti."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.since} {self.days}"


class SessionLife(models.Model):
    """How long the sessions of a role live, or of who has none (`lives.FAMILY`): unused, and in all."""

    holder = models.CharField(_("de qui"), max_length=16, unique=True)
    idle_minutes = models.PositiveSmallIntegerField(_("minutes sans rien ouvrir"))
    whole_hours = models.PositiveSmallIntegerField(_("heures en tout"))

    class Meta:
        verbose_name = _("durée de connexion")
        verbose_name_plural = _("durées de connexion")
        ordering = ("holder",)

    def __str__(self) -> str:
        return f"{self.holder} {self.idle_minutes} {self.whole_hours}"


class Commune(models.Model):
    """A commune; those of its `authorities` make "les habitants" of a service. With those of its `agreements`
    it has one for its children."""

    name = models.CharField(_("nom"), max_length=80)
    postal_code = models.CharField(_("code postal"), max_length=5)
    authorities = models.ManyToManyField(
        Authority, related_name="communes", blank=True, verbose_name=_("collectivités")
    )
    agreements = models.ManyToManyField(
        Authority,
        related_name="agreement_communes",
        blank=True,
        verbose_name=_("collectivités conventionnées"),
    )

    class Meta:
        verbose_name = _("commune")
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=("name", "postal_code"), name="commune_once")]

    def __str__(self) -> str:
        return self.name


class GroundBefore(models.Model):
    """What an authority told homes apart by until a day, included, and from the last of these before it: days
    that are billed were priced by it. What it tells them apart by now is on itself and on its communes, whose
    ids these are."""

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="grounds_before")
    until = models.DateField(_("jusqu’au"))
    incomes_count = models.CharField(_("un revenu qui change comptait"), max_length=10, choices=IncomesCount)
    residents = models.JSONField(_("communes de ses habitants"), default=list, blank=True)
    agreement = models.JSONField(_("communes conventionnées"), default=list, blank=True)

    class Meta:
        verbose_name = _("ancien territoire d’une collectivité")
        verbose_name_plural = _("anciens territoires des collectivités")
        ordering = ("authority", "until")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "until"),
                name="ground_before_once_a_day",
                violation_error_message=_("Un changement compte déjà à partir de ce jour."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.authority} · {self.until}"

    def as_ground(self) -> Ground:
        return Ground(self.incomes_count, frozenset(self.residents), frozenset(self.agreement), self.until)

    def set_ground(self, ground: Ground) -> None:
        self.incomes_count = ground.incomes_count
        self.residents, self.agreement = sorted(ground.residents), sorted(ground.agreement)


class Calendar(models.Model):
    """The days that count for a set of activities: zone, school week, and the spans corrected by agents."""

    name = models.CharField(_("nom"), max_length=80, unique=True)
    zone = models.CharField(_("zone"), max_length=1, choices=Zone)
    school_weekdays = models.JSONField(
        _("jours d’école"), default=list, help_text=_("0 pour lundi ; semaine de 4 jours : 0, 1, 3, 4")
    )

    class Meta:
        verbose_name = _("calendrier")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CalendarSpan(models.Model):
    """Days of a calendar, both ends included.

    `corrected` marks a row that an agent typed or changed: reading the library again leaves it alone. One
    that is `typed` never came from the library.
    `active` false keeps a removed row, so that the library does not bring it back.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="spans")
    kind = models.CharField(_("nature"), max_length=20, choices=[(k.value, k.value) for k in SpanKind])
    name = models.CharField(_("nom"), max_length=80)
    first_day = models.DateField(_("premier jour"))
    last_day = models.DateField(_("dernier jour"))
    corrected = models.BooleanField(_("corrigée par un agent"), default=False)
    typed = models.BooleanField(_("saisie par un agent"), default=False)
    active = models.BooleanField(_("en vigueur"), default=True)

    class Meta:
        verbose_name = _("période du calendrier")
        verbose_name_plural = _("périodes des calendriers")
        ordering = ("first_day", "kind")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="calendar_span_in_order",
                violation_error_message=_("Le dernier jour vient avant le premier."),
            )
        ]
        indexes = [models.Index(fields=("calendar", "first_day"), name="calendar_span_days")]

    def __str__(self) -> str:
        return f"{self.name}, {range_sentence(self.first_day, self.last_day)}"


class School(models.Model):
    name = models.CharField(_("nom"), max_length=80)
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, related_name="schools")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="schools")

    class Meta:
        verbose_name = _("école")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=("name", "commune"),
                name="school_once_a_commune",
                violation_error_message=_("Une école de cette commune porte déjà ce nom."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class StructureKind(models.TextChoices):
    CHILDCARE = "childcare", _("multi-accueil")
    RELAY = "relay", _("relais petite enfance")
    LEISURE = "leisure", _("accueil de loisirs")
    AFTER_SCHOOL = "after_school", _("périscolaire")
    CANTEEN = "canteen", _("restauration scolaire")
    YOUTH = "youth", _("espace jeunes")


class Structure(models.Model):
    """A place with a team, an address and one or several contacts."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="structures")
    name = models.CharField(_("nom"), max_length=120)
    kind = models.CharField(_("nature"), max_length=20, choices=StructureKind)
    street = models.CharField(_("rue"), max_length=120, blank=True)
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT, related_name="structures")
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        verbose_name = _("structure")
        ordering = ("order", "name")

    def __str__(self) -> str:
        return self.name


class StructureContact(models.Model):
    """How to reach a structure, and for which ages ("les 3–12 ans")."""

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="contacts")
    label = models.CharField(_("pour"), max_length=120)
    ages = models.CharField(_("âges"), max_length=60, blank=True)
    email = models.EmailField(_("courriel"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        verbose_name = _("contact")
        ordering = ("structure", "order", "pk")

    def __str__(self) -> str:
        return f"{self.structure} · {self.label}"


class ClosureQuerySet(models.QuerySet["Closure"]):
    def whole(self) -> ClosureQuerySet:
        """Those that close the whole structure, and hold."""
        return self.filter(undone_at=None, part="", fewer=False)


class Closure(models.Model):
    """Days when a structure, or a `part` of it, is closed or takes `fewer` children; both ends included.

    It keeps its own id and what it did, so that it can be undone. `part` tells what of the structure, in the
    words of the day; empty for the whole of it, and then no opening is generated there.
    """

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="closures")
    reason = models.CharField(_("raison"), max_length=120)
    words = models.CharField(_("mot aux familles"), max_length=500, blank=True)
    part = models.CharField(_("ce qui ferme"), max_length=200, blank=True)
    fewer = models.BooleanField(_("moins de places"), default=False)
    first_day = models.DateField(_("premier jour"))
    last_day = models.DateField(_("dernier jour"))
    made_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    made_by = models.CharField(_("décidée par"), max_length=150, blank=True)
    undone_at = models.DateTimeField(_("annulée le"), null=True, blank=True)
    undone_by = models.CharField(_("annulée par"), max_length=150, blank=True)
    reopened = models.JSONField(_("jours rouverts"), null=True, blank=True)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("fermeture")
        ordering = ("first_day",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="closure_in_order",
                violation_error_message=_("Le dernier jour vient avant le premier."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.structure} : {self.reason}"


class PostQuerySet(models.QuerySet["Post"]):
    def held(self) -> PostQuerySet:
        """Those that give their power now."""
        return self.filter(suspended_at=None)


class Post(models.Model):
    """Who works where: a role of an account, for an authority (office) or a structure (the others).

    A suspended one gives no power, and is kept to be given back. `reads_incomes` is given to a director by
    name: an office and an administrator read incomes without it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts")
    role = models.CharField(
        _("rôle"),
        max_length=20,
        choices=[
            (Role.ADMINISTRATOR.value, _("administrateur")),
            (Role.OFFICE.value, _("guichet")),
            (Role.DIRECTOR.value, _("direction")),
            (Role.ANIMATOR.value, _("animation")),
        ],
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.CASCADE, related_name="posts", null=True, blank=True
    )
    structure = models.ForeignKey(
        Structure, on_delete=models.CASCADE, related_name="posts", null=True, blank=True
    )

    reads_incomes = models.BooleanField(_("lit les revenus"), default=False)
    suspended_at = models.DateTimeField(_("suspendu le"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("poste")
        constraints = [
            models.CheckConstraint(
                name="post_scope_fits_role",
                condition=(
                    models.Q(role="administrator", authority__isnull=True, structure__isnull=True)
                    | models.Q(role="office", authority__isnull=False, structure__isnull=True)
                    | models.Q(
                        role__in=("director", "animator"), authority__isnull=True, structure__isnull=False
                    )
                ),
                violation_error_message=_(
                    "Le guichet est rattaché à une collectivité, la direction et l’animation à une structure."
                ),
            ),
            models.CheckConstraint(
                name="post_of_a_director_reads_incomes",
                condition=models.Q(reads_incomes=False) | models.Q(role="director"),
                violation_error_message=_("La lecture des revenus se donne à une direction."),
            ),
            models.UniqueConstraint(
                "user", "role", Coalesce("authority", 0), Coalesce("structure", 0), name="post_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} : {self.role}"


class Employment(models.Model):
    """That an account has worked for an authority, by one post at least, from a day to another, both
    included; `since` None: from before that was noted.

    Posts say who may do what now, and go. This stays: days that are billed were priced by it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="employments")
    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="employments")
    since = models.DateField(_("à compter du"), null=True, blank=True)
    until = models.DateField(_("jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("emploi")
        ordering = ("user", "authority", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("user", "authority"),
                condition=models.Q(until=None),
                name="employment_open_once",
                violation_error_message=_("Cet agent y travaille déjà."),
            ),
            models.CheckConstraint(
                condition=models.Q(since=None)
                | models.Q(until=None)
                | models.Q(until__gte=models.F("since")),
                name="employment_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.authority}"
