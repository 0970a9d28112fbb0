"""The half-yearly status: what a leader writes, what an owner approves, and who may do what when (domain.md 3D)."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.assessment import Assessment, Colour, Dimension
from app.models.base import Choice, Row, long_text, one_of, rel, texts
from app.models.event import Facts, record
from app.models.person import Person
from app.models.reporting_round import ReportingRound, RoundState
from app.settings import now

if TYPE_CHECKING:
    from app.models.project import Project
    from app.models.user import User


class ReportState(Choice):
    draft = "draft", N_("Draft")
    submitted = "submitted", N_("Submitted")
    returned = "returned", N_("Returned")
    approved = "approved", N_("Approved")
    exempt = "exempt", N_("Exempt")
    frozen = "frozen", N_("Frozen")
    not_reported = "not_reported", N_("Not reported")
    not_approved = "not_approved", N_("Not approved by the project owner")


COUNTS = (ReportState.approved, ReportState.frozen)
"""The states in which a report's colour counts: an owner has approved it."""

IN_HAND = (ReportState.draft, ReportState.submitted, ReportState.returned)
"""The states in which somebody has still to write or to approve."""

AT_THE_FREEZE = (ReportState.frozen, ReportState.not_reported, ReportState.not_approved, ReportState.exempt)
"""What a report can be once its round is frozen. Another one there is of a project that left before the freeze."""

WRITABLE = (ReportState.draft, ReportState.returned)
"""The states in which its leader may write in a report."""


class Track(Choice):
    """The three tracks out of red (Statens It-råd; product.md, decision 7)."""

    back_to_plan = "back_to_plan", N_("Back to plan")
    new_plan = "new_plan", N_("New plan")
    stop = "stop", N_("Stop")


class ApprovedAs(Choice):
    """In what capacity somebody approved: never silently, never the author (product.md, decision 8)."""

    owner = "owner", N_("Project owner")
    deputy = "deputy", N_("Deputy for the project owner")
    director = "director", N_("Another director, for the project owner")


class ReportForm(SQLModel):
    """What a project leader writes beside the six assessments."""

    colour: Colour | None = one_of(Colour, default=None, nullable=True, title=N_("Overall colour"))
    summary: str = long_text(default="", max_length=400, title=N_("Short status"))
    deviation_reason: str = long_text(default="", max_length=400, title=N_("Why better than suggested"))
    path_action: str = long_text(default="", max_length=200, title=N_("Path to green: action"))
    path_who: str = Field(default="", max_length=80, title=N_("Path to green: who"))
    path_on: date | None = Field(default=None, title=N_("Path to green: when"))
    decision_wanted: str = long_text(default="", max_length=200, title=N_("What the executive board must decide"))
    decision_track: Track | None = one_of(Track, default=None, nullable=True, title=N_("Track"))
    decision_by_on: date | None = Field(default=None, title=N_("Decide by"))
    options: list[str] = texts(title=N_("Options, best first"))


class ReturnForm(SQLModel):
    reason: str = long_text(min_length=10, max_length=400, title=N_("Why it is returned"))


class ReopeningForm(SQLModel):
    reason: str = long_text(min_length=10, max_length=400, title=N_("Why it is reopened"))


class ExemptionForm(SQLModel):
    reason: str = long_text(min_length=10, max_length=400, title=N_("Why the project is exempt"))


class ApprovalForm(SQLModel):
    """An approval; the owner may see the project in another colour, and then says why. The board sees both."""

    owner_colour: Colour | None = one_of(Colour, default=None, nullable=True, title=N_("The owner's own colour"))
    owner_comment: str = long_text(default="", max_length=300, title=N_("Why the owner sees it differently"))

    def disagrees(self, reported: Colour | None) -> bool:
        return self.owner_colour is not None and self.owner_colour is not reported


class Report(ReportForm, Row, table=True):
    """One project's status in one round (halvårlig status)."""

    __table_args__ = (
        sa.UniqueConstraint("project_id", "round_id"),
        sa.Index(None, "round_id", "project_id", "state", "colour"),  # the marks of a round, without the texts
    )

    project_id: int = Field(foreign_key="project.id", index=True)
    round_id: int = Field(foreign_key="reporting_round.id")
    state: ReportState = one_of(ReportState, default=ReportState.draft, title=N_("State"))
    author_id: int | None = Field(default=None, foreign_key="person.id")
    submitted_at: datetime | None = None
    approver_id: int | None = Field(default=None, foreign_key="person.id")
    approved_at: datetime | None = None
    approved_as: ApprovedAs | None = one_of(ApprovedAs, default=None, nullable=True, title=N_("Acted as"))
    owner_colour: Colour | None = one_of(Colour, default=None, nullable=True, title=N_("The owner's own colour"))
    owner_comment: str = long_text(default="", max_length=300, title=N_("Why the owner sees it differently"))
    returned_reason: str = long_text(default="", max_length=400, title=N_("Why it is returned"))
    exempt_reason: str = long_text(default="", max_length=400, title=N_("Why the project is exempt"))
    measured: dict[str, Facts] = Field(default_factory=dict, sa_type=sa.JSON, nullable=False)
    """Figures written in a status that is not submitted yet, by number of the effect target."""

    project: "Project" = Relationship(back_populates="reports", sa_relationship_kwargs={"lazy": "raise"})
    round: ReportingRound = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    author: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Report.author_id"})
    approver: Person | None = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Report.approver_id"}
    )
    assessments: list[Assessment] = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def __str__(self) -> str:
        return f"{self.project.number} {self.round.name}"

    @property
    def counts(self) -> bool:
        return self.state in COUNTS

    @property
    def colours(self) -> dict[Dimension, Colour | None]:
        return {each.dimension: each.colour for each in self.assessments}

    @property
    def can_be_written(self) -> bool:
        """Whether its leader may write now: while the project stands on the list, which is all that a round asks about.

        What was returned may be corrected after the leaders' deadline too.
        """
        late = self.round.state is RoundState.closed_for_leaders and bool(self.returned_reason)
        in_time = self.round.state is RoundState.open or late
        return self.state in WRITABLE and in_time and self.project.placement is not None

    def submit(self, session: Session, by: "User", content: Facts | None = None) -> None:
        """Hands the status to the owner. What it must contain is checked by the form (invariants I7, I8)."""
        self._require(*WRITABLE)
        self.author_id, self.submitted_at, self.returned_reason = by.person_id, now(), ""
        self._move(session, by, "submitted", ReportState.submitted, content)

    def withdraw(self, session: Session, by: "User") -> None:
        """The leader takes it back, as long as the owner has not acted."""
        self._require(ReportState.submitted)
        self.submitted_at = None
        self._move(session, by, "withdrawn", ReportState.draft)

    def approve(self, session: Session, by: "User", form: ApprovalForm, acting_as: ApprovedAs) -> None:
        """The owner, or who acts for the owner, stands by it. Never its author (invariant I4)."""
        self._require(ReportState.submitted)
        if by.person_id is None or by.person_id == self.author_id:
            raise DomainError(_("Nobody can approve a status they have written themselves."))
        differs = form.disagrees(self.colour)
        if differs and not form.owner_comment:
            raise DomainError(_("Write why you see the project in another colour."))
        self.approver_id, self.approved_at, self.approved_as = by.person_id, now(), acting_as
        self.owner_colour = form.owner_colour if differs else None
        self.owner_comment = form.owner_comment if differs else ""
        voice: Facts = {"owner_colour": self.owner_colour, "owner_comment": self.owner_comment} if differs else {}
        self._move(session, by, "approved", ReportState.approved, {"approved_as": acting_as} | voice)

    def send_back(self, session: Session, by: "User", reason: str, acting_as: ApprovedAs = ApprovedAs.owner) -> None:
        """The owner, or who acts for the owner, returns it to the leader with a reason that the leader sees."""
        self._require(ReportState.submitted)
        self.returned_reason, self.submitted_at = reason, None
        more = {"approved_as": acting_as, "returned_reason": reason}
        self._move(session, by, "returned", ReportState.returned, more)

    def reopen(self, session: Session, by: "User", reason: str) -> None:
        """The secretariat opens an approved status again, before the freeze, with a reason."""
        self._require(ReportState.approved, ReportState.exempt)
        self.approver_id = self.approved_at = self.approved_as = self.submitted_at = self.owner_colour = None
        self.owner_comment, self.exempt_reason, self.returned_reason = "", "", reason
        self._move(session, by, "reopened", ReportState.returned, {"returned_reason": reason})

    def exempt(self, session: Session, by: "User", reason: str) -> None:
        """The secretariat lets the project off this round: »fritaget« is not »mangler«."""
        self._require(*WRITABLE, ReportState.submitted)
        self.exempt_reason = reason
        self._move(session, by, "exempted", ReportState.exempt, {"exempt_reason": reason})

    def _require(self, *states: ReportState) -> None:
        """That the report may be moved from one of these states now."""
        if not self.round.under_way:
            raise DomainError(
                _("The round is %(state)s; its statuses can no longer be changed.")
                % {"state": str(self.round.state).lower()}
            )
        if self.state not in states:
            raise DomainError(
                _("This cannot be done now: the status is %(state)s.") % {"state": str(self.state).lower()}
            )

    def _move(self, session: Session, by: "User", action: str, to: ReportState, more: Facts | None = None) -> None:
        before, self.state = self.state, to
        record(
            session,
            by,
            action,
            self,
            project_id=self.project_id,
            before={"state": before},
            after={"state": to} | (more or {}),
        )


def report_of(session: Session, project: "Project", round_key: str, *, for_update: bool = False) -> Report | None:
    """The project's report of a round, with what its page and its rules ask for."""
    query = (
        select(Report)
        .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        .where(Report.project_id == project.pk, ReportingRound.key == round_key)
        .options(
            joinedload(rel(Report.project)),
            joinedload(rel(Report.round)),
            joinedload(rel(Report.author)),
            joinedload(rel(Report.approver)),
            selectinload(rel(Report.assessments)),
        )
    )
    if for_update:
        _hold_round(session, project, round_key)
        query = query.with_for_update(of=Report)
    return session.exec(query).unique().first()


def _hold_round(session: Session, project: "Project", round_key: str) -> None:
    """Keeps the report's round as it is until this request has answered: a freeze waits for it, or it for the freeze.

    Without this a request that waited for the freeze would still believe that the round is under way.
    """
    query = select(ReportingRound).join(Report, col(Report.round_id) == ReportingRound.id)
    query = query.where(Report.project_id == project.pk, ReportingRound.key == round_key)
    fresh = query.with_for_update(of=ReportingRound, read=True).execution_options(populate_existing=True)
    session.exec(fresh).first()


def report_before(session: Session, report: Report) -> Report | None:
    """The project's last approved report of an earlier round."""
    query = (
        select(Report)
        .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        .where(
            Report.project_id == report.project_id,
            ReportingRound.as_of < report.round.as_of,
            col(Report.state).in_(COUNTS),
        )
        .options(joinedload(rel(Report.round)), selectinload(rel(Report.assessments)))
        .order_by(col(ReportingRound.as_of).desc())
        .limit(1)
    )
    return session.exec(query).unique().first()


def open_reports(session: Session, project_ids: list[int], round_: ReportingRound, texts_before: dict[int, str]) -> int:
    """Gives each project a draft for the round, once; a project that has a report keeps it. How many were made.

    The text of last time stands in the draft; the colours are empty on purpose (domain.md 3D).
    """
    known = set(session.exec(select(Report.project_id).where(Report.round_id == round_.pk)))
    missing = [project_id for project_id in project_ids if project_id not in known]
    session.add_all(
        Report(project_id=project_id, round_id=round_.pk, summary=texts_before.get(project_id, ""))
        for project_id in missing
    )
    session.flush()
    return len(missing)


def last_texts(session: Session, project_ids: list[int]) -> dict[int, str]:
    """The newest approved summary of each project."""
    query = (
        select(Report.project_id, Report.summary)
        .join(ReportingRound, col(ReportingRound.id) == Report.round_id)
        .where(col(Report.project_id).in_(project_ids), col(Report.state).in_(COUNTS))
        .order_by(col(ReportingRound.as_of))
    )
    return dict(session.exec(query).all())
