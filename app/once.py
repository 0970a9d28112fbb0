"""Sending the same form twice does it once: a second click, a reload, a connection that broke before the answer came.

Each form carries a key that is drawn when the page is made. What was sent is known by everything in it, key, address
and sender: whoever goes back and writes something else sends something else.
"""

import hashlib
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request

from app.db import SessionDep
from app.errors import AlreadyDone
from app.models.event import recorded
from app.models.receipt import keep_receipt, receipt_of
from app.web import read_posted


async def _sent(request: Request) -> str:
    """A fingerprint of what was sent; empty when it has no key, or brings a file."""
    kind = request.headers.get("Content-Type", "")
    if request.method != "POST" or not kind.startswith("application/x-www-form-urlencoded"):
        return ""
    fields = await read_posted(request)
    if not fields.get("once"):
        return ""
    said = (request.state.user.pk, request.url.path, request.url.query, urlencode(fields.multi_items()))
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()


def once(request: Request, session: SessionDep, sent: Annotated[str, Depends(_sent)]) -> Iterator[None]:
    """Leads to where the same thing led before; otherwise keeps where it leads to, when it changed something."""
    if sent and (before := receipt_of(session, sent)):
        raise AlreadyDone(before)
    yield
    address = getattr(request.state, "leads_to", "")
    if sent and address and recorded(session):
        keep_receipt(session, sent, address)


Once = Depends(once, scope="function")
"""For every route that writes; after it is known who sends."""
