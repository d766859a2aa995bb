"""One page, a planning made by hand: what `planning.js` and the stylesheet do is tested on it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path

from marelle.ui.components import Kid
from tests.ui import samples

PAGE = """{% extends "ui/family.html" %}{% load static ui %}
{% block heading %}Réservations{% endblock %}
{% block content %}
  {% kids kids "Enfants" %}{% include "ui/planning.html" %}<p><a href="/ailleurs/">Ailleurs</a></p>
{% endblock %}
{% block savebar %}{% save_bar "planning" "/planning/" %}{% endblock %}
{% block scripts %}<script src="{% static "ui/planning.js" %}" defer></script>{% endblock %}"""


def plain(title: str, text: str) -> HttpResponse:
    icon = '<link rel="icon" href="/static/ui/favicon.svg">'
    return HttpResponse(f"<!doctype html><html lang=fr><title>{title}</title>{icon}<main>{text}</main>")


@login_not_required
def planning(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        lines = [
            f"{name}={','.join(request.POST.getlist(name))}" for name in ("seen", "c", "h-h4-a", "h-h4-d")
        ]
        return plain("Reçu", " ".join(lines))
    unsaved = "neuf" not in request.GET
    context = {
        "kids": [Kid("Zoé", "?", "Z", current=True)],
        "bar": samples.BAR,
        "grids": [samples.week(), samples.by_the_hour()]
        if unsaved
        else [samples.calm(), samples.by_the_hour()],
        "planning_action": "/planning/",
        "planning_unsaved": unsaved,
    }
    return HttpResponse(Template(PAGE).render(RequestContext(request, context)))


@login_not_required
def elsewhere(request: HttpRequest) -> HttpResponse:
    return plain("Ailleurs", "Ailleurs")


urlpatterns = [path("planning/", planning), path("ailleurs/", elsewhere)]
