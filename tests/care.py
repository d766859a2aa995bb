"""Rows of a child's care for tests of what stands on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.families.models import (
    ConsentType,
    HealthSheet,
    Person,
    PickupBan,
    PickupContact,
    PickupPermission,
    Vaccination,
)
from marelle.files.services import file_make
from marelle.places.models import Authority
from tests.scenario import Home

WRITTEN = datetime(2026, 9, 2, 20, tzinfo=PARIS)


def picture(name: str = "pai.png") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def sheet(child: Person, **fields: Any) -> HealthSheet:
    return HealthSheet.objects.create(
        child=child, **{"updated_at": WRITTEN, "updated_by": "Camille Durand", **fields}
    )


def sheets_say(**said: Any) -> None:
    """Write this on every sheet there is."""
    for row in HealthSheet.objects.all():
        row.data = replace(row.data, **said)
        row.save(update_fields=["said"])


def contact(home: Home, child: Person, name: str = "Line Roche", **fields: Any) -> PickupContact:
    given = {"link": "voisine", "phone": "+33639981002", "may_fetch": True, "may_be_called": True, "order": 1}
    return PickupContact.objects.create(family=home.family, child=child, name=name, **{**given, **fields})


def permission(
    home: Home, child: Person, day: date, name: str = "Rachid Haddad", *, giver: Person | None = None
) -> PickupPermission:
    return PickupPermission.objects.create(
        family=home.family,
        child=child,
        day=day,
        name=name,
        phone="+33639981001",
        given_at=WRITTEN,
        given_by=str(giver or "Camille Durand"),
        giver=giver,
    )


def ban(child: Person, name: str, *, home: Home | None = None, since: date = date(2026, 1, 1)) -> PickupBan:
    return PickupBan.objects.create(
        child=child,
        family=home.family if home else None,
        name=name,
        reason="Jugement du tribunal",
        since=since,
        set_at=WRITTEN,
        set_by="Guichet",
    )


def asked(
    authority: Authority, label: str = "Photos", *, code: str = "", needs_hour: bool = False
) -> ConsentType:
    return ConsentType.objects.create(
        authority=authority, code=code or label.lower(), label=label, needs_hour=needs_hour
    )


def care_rows(home: Home, child: Person, authority: Authority) -> dict[str, int]:
    """One row of each kind for the child, by the name of its argument in addresses."""
    file = file_make(
        actor=SYSTEM, content=b"%PDF-1.7", name="PAI", pages=1, family_id=home.family.pk, now=WRITTEN
    )
    sheet(child, pai=True, pai_file=file)
    vaccination = Vaccination.objects.create(child=child, vaccine="ROR", on=date(2020, 3, 4))
    return {
        "contact_id": contact(home, child).pk,
        "permission_id": permission(home, child, date(2026, 11, 26)).pk,
        "vaccination_id": vaccination.pk,
        "consent_type_id": asked(authority).pk,
        "ban_id": ban(child, "Max Perrin", home=home).pk,
    }
