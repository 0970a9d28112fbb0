"""What the secretariat recommends that the board does: four standing sentences (domain.md R18-R21)."""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from pydantic import field_validator
from sqlmodel import Field, Session, SQLModel, col, select

from app.i18n import N_
from app.models.base import Choice, Row, one_of, wrong
from app.models.event import add, change

if TYPE_CHECKING:
    from app.models.meeting import Meeting
    from app.models.user import User


class Subject(Choice):
    """What a recommendation is about, in the standing order."""

    attention = "attention", N_("Points of attention")
    listing = "listing", N_("New projects")
    removal = "removal", N_("Projects to remove")
    forum = "forum", N_("Topics for the management forum")


class Verb(Choice):
    notes = "Tager til efterretning", N_("Notes")
    approves = "Godkender", N_("Approves")
    discusses = "Drøfter", N_("Discusses")
    decides = "Beslutter", N_("Decides")


class RecommendationForm(SQLModel):
    """The sentence as it stands on paper, so in Danish; it begins with one of the four verbs (domain.md R100)."""

    text: str = Field(min_length=10, max_length=300, title=N_("Recommendation"))

    @field_validator("text")
    @classmethod
    def _begins_with_a_verb(cls, text: str) -> str:
        if not text.startswith(tuple(verb.value for verb in Verb)):
            raise wrong("text", N_("Begin with Tager til efterretning, Godkender, Drøfter or Beslutter"))
        return text

    @property
    def verb(self) -> Verb:
        return next(verb for verb in Verb if self.text.startswith(verb.value))


class StandingRecommendation(RecommendationForm, Row, table=True):
    """The list's own wording of a standing recommendation, where it differs from ours (stående indstilling)."""

    __table_args__ = (sa.UniqueConstraint("portfolio_id", "subject"),)

    portfolio_id: int = Field(foreign_key="portfolio.id")
    subject: Subject = one_of(Subject)

    def __str__(self) -> str:
        return self.text


class Recommendation(RecommendationForm, Row, table=True):
    """One recommendation of the item on the portfolio list at a meeting (indstilling); `no` is what it has on paper."""

    __table_args__ = (sa.UniqueConstraint("meeting_id", "no"), sa.UniqueConstraint("meeting_id", "subject"))

    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    no: int
    subject: Subject = one_of(Subject)

    def __str__(self) -> str:
        return f"{self.no}. {self.text}"


STANDING = {
    Subject.attention: "Drøfter om porteføljelisten giver anledning til opmærksomhedspunkter.",
    Subject.listing: "Drøfter om der er nye projekter, der skal fremgå af porteføljelisten.",
    Subject.removal: "Drøfter om der er nuværende projekter, der skal fjernes af porteføljelisten.",
    Subject.forum: "Beslutter, hvilke drøftelser porteføljelisten kan give anledning til i Chefforum.",
}
"""The four, word for word as the minutes of 29 January 2018 have them."""


def standing_recommendations(session: Session, portfolio_id: int) -> dict[Subject, str]:
    """The four sentences that a new meeting of a list begins with."""
    own = session.exec(select(StandingRecommendation).where(StandingRecommendation.portfolio_id == portfolio_id))
    changed = {each.subject: each.text for each in own}
    return {subject: changed.get(subject, text) for subject, text in STANDING.items()}


def standing_recommendation(session: Session, portfolio_id: int, subject: Subject) -> StandingRecommendation | None:
    """The list's own wording of one; None while it has ours."""
    query = select(StandingRecommendation).where(StandingRecommendation.portfolio_id == portfolio_id)
    return session.exec(query.where(StandingRecommendation.subject == subject)).first()


def word_recommendation(
    session: Session, by: "User", portfolio_id: int, subject: Subject, form: RecommendationForm
) -> None:
    """The wording of the meetings that are planned from now on; nothing, when it is what it was."""
    known = standing_recommendation(session, portfolio_id, subject)
    if known:
        change(session, by, known, form)
    elif form.text != STANDING[subject]:
        new = StandingRecommendation(**form.model_dump(), portfolio_id=portfolio_id, subject=subject)
        add(session, by, new, form)


def recommend(session: Session, meeting: "Meeting") -> list[Recommendation]:
    """Gives a new meeting on a round its four recommendations; the meeting's own event tells of them."""
    rows = [
        Recommendation(meeting_id=meeting.pk, no=no, subject=subject, text=text)
        for no, (subject, text) in enumerate(standing_recommendations(session, meeting.portfolio_id).items(), start=1)
    ]
    session.add_all(rows)
    session.flush()
    return rows


def change_recommendation(
    session: Session, by: "User", recommendation: Recommendation, form: RecommendationForm
) -> None:
    """The wording of one meeting only, before it is held."""
    change(session, by, recommendation, form)


def recommendations_of(session: Session, meeting: "Meeting") -> list[Recommendation]:
    query = select(Recommendation).where(Recommendation.meeting_id == meeting.pk)
    return list(session.exec(query.order_by(col(Recommendation.no))))
