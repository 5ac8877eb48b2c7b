"""How a shop's own server tells the assistant who is signed in: a short-lived signed token."""

from __future__ import annotations

import time

import jwt

from demo.content import Customer

LIFETIME_SECONDS = 3600


def sign(customer: Customer, secret: str) -> str:
    """A JWT (HS256) that says who the customer is; good for an hour."""
    now = int(time.time())
    claims = {
        "sub": customer.id,
        "name": customer.name,
        "email": customer.email,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
    }
    return jwt.encode(claims, secret, algorithm="HS256")
