"""A model with a field of every kind that Django has in a database."""

import uuid

from django.contrib.auth.models import User
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=40, unique=True)
    slug = models.SlugField(primary_key=False, unique=True)


class Category(models.Model):
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")


class Item(models.Model):
    class State(models.TextChoices):
        NEW = "new"
        SOLD = "sold"

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    tags = models.ManyToManyField(Tag)
    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    is_open = models.BooleanField(default=True)
    is_good = models.BooleanField(null=True)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    weight = models.FloatField(null=True)
    small = models.SmallIntegerField(default=0)
    count = models.PositiveIntegerField(default=0)
    big = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    day = models.DateField(null=True)
    hour = models.TimeField(null=True)
    takes = models.DurationField(null=True)
    data = models.JSONField(default=dict)
    raw = models.BinaryField(null=True)
    address = models.GenericIPAddressField(null=True)
    link = models.URLField(blank=True)

    class Meta:
        unique_together = [("category", "title")]
        indexes = [models.Index(fields=["-made_at", "state"])]
        constraints = [models.CheckConstraint(condition=models.Q(price__gte=0), name="price_not_negative")]


class Receipt(models.Model):
    item = models.OneToOneField(Item, primary_key=True, on_delete=models.CASCADE)
    note = models.CharField(max_length=20, blank=True)
