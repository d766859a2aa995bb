"""A planning made by hand, and a form that takes files: the scripts and the stylesheet are tested on them."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import RequestContext, Template
from django.urls import path

from marelle.files.fields import upload_options
from marelle.ui.components import Kid
from marelle.ui.forms import MultipleFileField
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
        "now": samples.NOW,
        "planning_action": "/planning/",
        "planning_unsaved": unsaved,
    }
    return HttpResponse(Template(PAGE).render(RequestContext(request, context)))


CHOOSING = """{% extends "ui/family.html" %}{% load ui %}
{% block heading %}Relier{% endblock %}
{% block content %}
  <form method="get" action="/planning/">
    <label><input type="radio" name="neuf" value="1" required> Camille</label>
    {% button "Relier" kind="go" confirm="Relier ?" %}
    <button formnovalidate data-confirm="Effacer ?">Effacer</button>
  </form>
{% endblock %}"""


@login_not_required
def choosing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template(CHOOSING).render(RequestContext(request)))


SENDING = """{% extends "ui/family.html" %}{% load static ui %}
{% block heading %}Envoyer{% endblock %}
{% block content %}
  {% error_summary form %}
  <form method="post" enctype="multipart/form-data" data-guard>{% csrf_token %}
    {% field form.title %}{% field form.files %}{% button "Envoyer" kind="go" %}
  </form>
{% endblock %}
{% block scripts %}<script src="{% static "ui/upload.js" %}" defer></script>{% endblock %}"""


class SendingForm(forms.Form):
    title = forms.CharField(label="Titre")
    files = MultipleFileField(label="Vos pages", **upload_options(max_files=3))


@login_not_required
def sending(request: HttpRequest) -> HttpResponse:
    form = SendingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kinds = [f"{file.name} {file.cleaned.kind.value}" for file in form.cleaned_data["files"]]
        messages.success(request, f"Reçu : {', '.join(kinds)}")
        return redirect("/envoi/?fait")
    return HttpResponse(Template(SENDING).render(RequestContext(request, {"form": form})))


PRINTED = """{% extends "ui/family.html" %}{% load ui %}
{% block heading %}Novembre{% endblock %}
{% block content %}{% include "ui/month.html" %}{% endblock %}"""


@login_not_required
def printed(request: HttpRequest) -> HttpResponse:
    context = {"month": {"title": "Novembre 2026", "rows": [], "before": "", "after": ""}}
    return HttpResponse(Template(PRINTED).render(RequestContext(request, context)))


@login_not_required
def elsewhere(request: HttpRequest) -> HttpResponse:
    return plain("Ailleurs", "Ailleurs")


urlpatterns = [
    path("choisir/", choosing),
    path("planning/", planning),
    path("envoi/", sending),
    path("imprimer/", printed),
    path("ailleurs/", elsewhere),
]
