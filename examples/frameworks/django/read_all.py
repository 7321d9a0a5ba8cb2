"""Prints every row of every model as the models read it, one field a line."""

import json

import django

django.setup()

from django.apps import apps  # noqa: E402

for model in sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label):
    for row in model._default_manager.order_by("pk"):
        for field in model._meta.concrete_fields:
            value = getattr(row, field.attname)
            value = bytes(value) if isinstance(value, memoryview) else value
            # PostgreSQL keeps the keys of an object in an order of its own.
            value = json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else value
            print(f"{model._meta.label} {row.pk!r} {field.attname} {value!r}")
