"""What a rule or a permission says no with: a sentence a person understands, and the status that goes with it."""


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
