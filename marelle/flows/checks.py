"""System checks on what crosses the domains: no table is forgotten by whoever makes one file of two."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.core import checks
from django.db import models

from marelle.core.personal import Merge, declared
from marelle.families.models import Family, Person
from marelle.flows.merging.rows import may_clash, pointing_models
from marelle.flows.merging.settling import SETTLERS


def unsettled() -> Iterator[tuple[type[models.Model], str]]:
    """Models that a merge cannot carry over, each with why."""
    merges = {declaration.model: declaration.merge for declaration in declared()}
    for model in pointing_models():
        if (
            may_clash(model)
            and merges.get(model) not in {Merge.KEEP_NEWEST, Merge.DROP}
            and model not in SETTLERS
        ):
            yield model, "may have two rows where there is one place, once two files are one"
    for model in apps.get_models():
        for field in model._meta.local_many_to_many:
            if field.related_model in {Family, Person}:
                yield model, f"points at many homes or people by {field.name!r}: give that a table of its own"


@checks.register(checks.Tags.models)
def check_merges(**_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.E003`: it is said of each table that points at a home or a person how two files become one."""
    return [
        checks.Error(
            f"{model._meta.label} {why}.",
            hint="Keep the newest, in its personal.py, or settle it in marelle.flows.merging.settling.",
            obj=model,
            id="marelle.E003",
        )
        for model, why in unsettled()
    ]
