"""What a rule or a permission says no with: a sentence a person understands, and the status that goes with it."""

from pydantic import BaseModel


class Refusal(BaseModel):
    """How the API says no: the sentence, and the id under which the log knows of it."""

    detail: str
    id: str


class DomainError(Exception):
    """A rule of the list says no."""

    status = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(DomainError):
    """The person may see it, but may not do it."""

    status = 403


class SecondStepMissing(NotAllowed):
    """The person must first make signing in safer."""


class NotFound(DomainError):
    """There is no such thing, or the person may not know that there is."""

    status = 404


class NotSignedIn(DomainError):
    """Nobody is signed in."""

    status = 401


class TooMany(DomainError):
    """Somebody has tried too often."""

    status = 429


class TooSlow(DomainError):
    """What was to be sent did not arrive."""

    status = 408


class AlreadyDone(DomainError):
    """What was sent has been done already: the answer is where it led to."""

    status = 303
