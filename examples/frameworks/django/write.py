"""Writes through the models, as the application goes on."""

import datetime as dt
import decimal

import django

django.setup()

from django.contrib.auth import authenticate  # noqa: E402
from django.contrib.auth.models import Permission, User  # noqa: E402
from django.db import IntegrityError, transaction  # noqa: E402
from shop.models import Category, Item, Receipt, Tag  # noqa: E402

assert authenticate(username="user3", password="secret 3"), "a password of SQLite's is taken"
last = Item.objects.order_by("-pk").first().pk
item = Item.objects.create(category=Category.objects.first(), title="after the move", price=decimal.Decimal("1.50"), made_at=dt.datetime.now(dt.timezone.utc))
assert item.pk > last, "the next key is a new one"
item.tags.add(Tag.objects.create(name="new", slug="new"))
Receipt.objects.create(item=item)
User.objects.create_user("newcomer")
Permission.objects.create(name="x", codename="x", content_type_id=Permission.objects.first().content_type_id)
assert Item.objects.filter(data__a__1=True).count() > 0, "JSON is searched"
assert Item.objects.filter(made_at__year=2020).exists()
for fault in ({"price": decimal.Decimal("-1")}, {"category_id": 10**9}):
    try:
        with transaction.atomic():
            Item.objects.create(**{"category": Category.objects.first(), "title": str(fault), "price": 1, "made_at": item.made_at} | fault)
            from django.db import connection

            connection.check_constraints()
    except IntegrityError:
        continue
    raise SystemExit(f"FAIL write: {fault} was taken")
item.delete()
print("PASS write")
