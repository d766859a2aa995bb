from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "marelle.billing"
    label = "billing"
    verbose_name = _("Factures")

    def ready(self) -> None:
        """Tell bookings, which know no bill, who owes one."""
        from marelle.billing.selectors import owes  # noqa: PLC0415 (models are there from here on)
        from marelle.bookings import owing  # noqa: PLC0415

        owing.told_by(owes)
