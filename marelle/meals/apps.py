from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MealsConfig(AppConfig):
    name = "marelle.meals"
    label = "meals"
    verbose_name = _("Repas")
