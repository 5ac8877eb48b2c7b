"""Who a visitor is: tokens that we sign for browsers, and identities that a shop's site signs.

A visitor's token is the only key to that visitor's conversations. A customer's identity comes
as a JWT (RFC 7519) signed by the shop's server with the shared secret; a claim without a
signature opens nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import jwt

from bot import clock
from bot.conversation.conversations import CustomerId, VisitorId, hold_visitor, link
from bot.conversation.conversations import Visitor as Caller
from bot.journey import journeys
from bot.journey.journeys import Profile
from bot.storage.database import Database

_ALGORITHM = "HS256"
_AUDIENCE = "firstline:visitor"


class IdentityError(Exception):
    """The token is not ours, or the identity is not signed, has expired or lacks its subject."""


@dataclass(frozen=True)
class Session:
    """A visitor's key and what it opens."""

    token: str
    visitor: VisitorId
    profile: Profile | None


class Identity:
    """Issues and reads visitors' tokens; reads identities signed by the shop's site."""

    def __init__(self, database: Database, *, token_secret: str, identity_secret: str) -> None:
        self._database = database
        self._token_secret = token_secret
        self._identity_secret = identity_secret

    def issue(self, visitor: VisitorId) -> str:
        """A token for ``visitor``; it holds until the secret changes."""
        claims = {"sub": visitor, "aud": _AUDIENCE, "iat": clock.moment(clock.now())}
        return jwt.encode(claims, self._token_secret, _ALGORITHM)

    def visitor_of(self, token: str) -> VisitorId:
        """The visitor whose key ``token`` is.

        Raises:
            IdentityError: we did not sign it.
        """
        try:
            claims = jwt.decode(
                token,
                self._token_secret,
                [_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["sub"]},
            )
        except jwt.InvalidTokenError as error:
            raise IdentityError(
                "This is no visitor's token of ours; begin a new session."
            ) from error
        return VisitorId(claims["sub"])

    def profile_of(self, identity: str) -> Profile:
        """The customer whom the shop's site vouches for.

        Raises:
            IdentityError: it is not signed with the shared secret, or has expired.
        """
        try:
            claims = jwt.decode(
                identity,
                self._identity_secret,
                [_ALGORITHM],
                options={"require": ["sub", "exp"]},
            )
        except jwt.InvalidTokenError as error:
            raise IdentityError(
                "The identity is not signed with the shared secret, or has expired; "
                "let the site sign a new one."
            ) from error
        return Profile(
            CustomerId(str(claims["sub"])),
            str(claims.get("name") or claims["sub"]),
            str(claims["email"]) if claims.get("email") else None,
        )

    async def begin(self, token: str | None, identity: str | None) -> Session:
        """Begin or continue a session.

        A visitor who was a signed-in customer and comes back as nobody, or as somebody else,
        is a new visitor: what the customer said is not for the next person at that browser. A
        proven customer with no conversation there goes on with the one that is still open, be
        it from another device, or from before a page that did not say who they are.

        Raises:
            IdentityError: the identity cannot be trusted.
        """
        profile = self.profile_of(identity) if identity else None
        visitor = self._continued(token)
        async with self._database.write() as connection:
            linked = await journeys.linked_customer(connection, visitor) if visitor else None
            if visitor is None or (linked is not None and linked != (profile and profile.id)):
                visitor, linked = VisitorId("v-" + uuid.uuid4().hex), None
            if profile is not None and not await journeys.has_conversation(connection, visitor):
                running = await journeys.running_visitor(connection, profile.id)
                visitor, linked = (running, profile.id) if running else (visitor, linked)
            if profile is not None:
                await hold_visitor(connection, Caller(visitor, profile.id))
                await journeys.remember(connection, profile)
                if linked is None:
                    await link(connection, visitor, profile.id)
        return Session(self.issue(visitor), visitor, profile)

    def _continued(self, token: str | None) -> VisitorId | None:
        try:
            return self.visitor_of(token) if token else None
        except IdentityError:
            return None
