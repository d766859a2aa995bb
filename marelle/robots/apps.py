from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RobotsConfig(AppConfig):
    name = "marelle.robots"
    label = "robots"
    verbose_name = _("Protection des formulaires")
