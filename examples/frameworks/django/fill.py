"""Fills the database through the models."""

import datetime as dt
import decimal
import random
import uuid

import django

django.setup()

from django.contrib.auth.models import Group, Permission, User  # noqa: E402
from shop.models import Category, Item, Receipt, Tag  # noqa: E402

dice = random.Random(7)
WORDS = ["plain", "Ünïcode", "数据", "it's \"quoted\"", "back\\slash", "50% off", "🚀 emoji", "NULL", "  spaces  ", "line\nbreak\ttab"]


def chosen(number, value):
    """None now and then."""
    return None if number % 7 == 3 else value


users = [User.objects.create_user(f"user{i}", f"u{i}@example.org", f"secret {i}") for i in range(6)]
staff = Group.objects.create(name="staff")
staff.permissions.set(Permission.objects.all()[:5])
users[0].groups.add(staff)
tags = [Tag.objects.create(name=word.strip(), slug=f"tag-{i}") for i, word in enumerate(WORDS)]
root = Category.objects.create(name="all")
categories = [root] + [Category.objects.create(name=f"{word} {i}"[:60], parent=root) for i, word in enumerate(WORDS)]
begin = dt.datetime(2019, 12, 31, 23, 59, 59, 999999, tzinfo=dt.timezone.utc)
for i in range(400):
    item = Item.objects.create(
        key=uuid.UUID(int=dice.getrandbits(128), version=4),
        category=categories[i % len(categories)],
        owner=chosen(i, users[i % 6]),
        title=f"{WORDS[i % 10]} {i}",
        body=WORDS[(i * 3) % 10] * (i % 5),
        state=Item.State.SOLD if i % 3 else Item.State.NEW,
        is_open=i % 2 == 0,
        is_good=chosen(i, i % 4 == 0),
        price=decimal.Decimal(dice.randrange(0, 10_000_000)) / 100,
        weight=chosen(i, dice.uniform(-1e6, 1e6)),
        small=dice.randrange(-32768, 32768),
        count=dice.randrange(0, 2**31),
        big=dice.randrange(-(2**63), 2**63),
        made_at=begin + dt.timedelta(seconds=dice.randrange(10**8), microseconds=0 if i % 4 else dice.randrange(10**6)),
        day=chosen(i, dt.date(1900, 1, 1) + dt.timedelta(days=dice.randrange(60_000))),
        hour=chosen(i, dt.time(i % 24, i % 60, i % 60, 0 if i % 2 else 250_000)),
        takes=chosen(i, dt.timedelta(days=i % 5 - 2, seconds=i * 13, microseconds=i)),
        data=[{"b": 1, "a": [None, True, 1.5, WORDS[i % 10]]}, [], "text", 12.50, False, True][i % 6],
        raw=chosen(i, bytes(range(i % 256))),
        address=chosen(i, ["192.168.0.1", "2001:db8::1"][i % 2]),
        link="https://example.org/?q=%20" if i % 2 else "",
    )
    item.tags.set(tags[i % 10 : i % 10 + 3])
    if i % 5 == 0:
        Receipt.objects.create(item=item, note=f"receipt {i}")
Item.objects.filter(title__endswith=" 399").delete()
