"""Who may. Every parameter of a route that names a row has one of these types; the type is the permission.

Not visible: 404. Visible, but not allowed: 403 with a reason. Nobody signed in: the sign-in page.
"""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import BackgroundTasks, Depends, Path, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Session, col, select
from starlette.responses import Response

from app.db import SessionDep
from app.errors import NotAllowed, NotFound, NotSignedIn, SecondStepMissing
from app.i18n import _
from app.models import (
    AgendaItem,
    ApiToken,
    Benchmark,
    Benefit,
    Body,
    BodyProject,
    Decision,
    Deputy,
    EffectFollowUp,
    EffectTarget,
    ErrorReport,
    FollowUp,
    Funding,
    FundingNeed,
    Measurement,
    Meeting,
    Milestone,
    PasswordLink,
    Person,
    Portfolio,
    Project,
    Proposal,
    Recommendation,
    Relation,
    Report,
    ReportingRound,
    Scenario,
    Seat,
    SecondFactor,
    Staffing,
    StatedTotal,
    StrategyTheme,
    SuccessCriterion,
    Task,
    Topic,
    User,
    UserSession,
)
from app.models.account import account
from app.models.agenda_item import agenda_item
from app.models.api_token import note_use, open_token
from app.models.base import BelongsToProject, rel
from app.models.decision import decision_by_key
from app.models.effect_follow_up import follow_up_of
from app.models.error_report import error_report_by_key
from app.models.mail import MailKind
from app.models.meeting import MeetingBody, MeetingState, meeting_by_id
from app.models.minutes import decision_at
from app.models.password_link import open_link
from app.models.placement import leads_on_list
from app.models.project import Kind, project_by_number
from app.models.proposal import ProposalKind, proposal_by_key
from app.models.recommendation import Subject, recommendations_of
from app.models.relation import with_both_sides
from app.models.report import ApprovedAs, report_of
from app.models.reporting_round import round_by_key
from app.models.role import Role
from app.models.scenario import scenario_by_key
from app.models.second_factor import is_asked_for, second_factor_of
from app.models.task import task_by_key
from app.models.topic import topic_by_key
from app.models.user_session import SESSION_LENGTH, keep_alive, open_session, pending_session, session_of
from app.models.visibility import read_as
from app.settings import get_settings, today
from app.tabs.candidates import Point, point_of
from app.web import POLLING

RowT = TypeVar("RowT", bound=BelongsToProject)
No = Annotated[int, Path(ge=0, le=2**31 - 1)]
"""A number in an address, as large as the database can hold; a larger one names nothing."""


def session_cookie() -> str:
    """The cookie's name; in production one that browsers accept only over TLS and from this host."""
    return "__Host-session" if get_settings().production else "session"


API = "/api/v1/"
"""Below this an API token opens what its owner may read; nowhere else."""

_bearer = HTTPBearer(auto_error=False, description="An API token, made under /me/tokens.")
_cookie = APIKeyCookie(name="session", auto_error=False, description="The session of a signed-in browser.")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
DocumentedCookie = Annotated[str | None, Security(_cookie)]
"""For the API's description only: in production the cookie has another name."""


def set_session_cookie(answer: Response, token: str) -> None:
    """Hands a session over to the browser: kept from scripts and other sites, and for no longer than it may last."""
    age, secure = int(SESSION_LENGTH.total_seconds()), get_settings().production
    answer.set_cookie(session_cookie(), token, max_age=age, httponly=True, secure=secure, samesite="lax")


def current_user(
    request: Request,
    session: SessionDep,
    background: BackgroundTasks,
    bearer: Bearer,
    _documented: DocumentedCookie,
) -> User:
    """Whoever is signed in, or whose token it is. From here on the session shows only what may be seen.

    A request with a token is judged by the token alone, whatever cookie comes along.
    """
    user = _by_token(request, session, bearer.credentials) if bearer else _by_cookie(request, session, background)
    request.state.user = user
    request.state.portfolio = session.exec(select(Portfolio).order_by(col(Portfolio.id))).first()
    return user


def _by_cookie(request: Request, session: Session, background: BackgroundTasks) -> User:
    """The user of this browser's session, which lives on by what somebody does, not by what a page asks by itself."""
    token = request.cookies.get(session_cookie())
    signed_in = open_session(session, token) if token else None
    if signed_in is None:
        raise NotSignedIn(_("Sign in to see this page."))
    if POLLING not in request.headers and signed_in.unseen:
        background.add_task(keep_alive, request.app.state.engine, signed_in.pk)
    if must_enrol(session, signed_in.user) and not request.scope["path"].startswith(BEFORE_ENROLMENT):
        raise SecondStepMissing(_("An administrator signs in in two steps. Take the second one into use first."))
    read_as(session, signed_in.user)
    request.state.signed_in = signed_in
    return signed_in.user


def _by_token(request: Request, session: Session, text: str) -> User:
    """The path is the one that was routed: `request.url` is put together with what the caller says is our name."""
    token = open_token(session, text) if str(request.scope["path"]).startswith(API) else None
    if token is None:
        raise NotSignedIn(_("The access key does not work: it is wrong, revoked or expired, or not for this address."))
    note_use(request.app.state.engine, token)
    read_as(session, token.user, closed=token.reads_closed)
    return token.user


CurrentUser = Annotated[User, Depends(current_user)]

BEFORE_ENROLMENT = ("/me/two-factor", "/me/time-left")
"""What an administrator may open who has yet to take the second step into use."""


def must_enrol(session: Session, user: User) -> bool:
    """Whether this is an administrator whose password alone would open everything (decision 0016)."""
    required = get_settings().two_factor_is_required and user.has(Role.admin) and user.has_password
    return required and not is_asked_for(session, user)


def this_session(request: Request, user: CurrentUser) -> UserSession:
    """The session of the browser that asks."""
    found: UserSession = request.state.signed_in
    return found


ThisSession = Annotated[UserSession, Depends(this_session)]


def pending(request: Request, session: SessionDep) -> UserSession:
    """The session of a browser that has shown the password, and waits for the code."""
    token = request.cookies.get(session_cookie())
    found = pending_session(session, token) if token else None
    if found is None:
        raise NotSignedIn(_("Sign in to see this page."))
    return found


PendingSession = Annotated[UserSession, Depends(pending)]


def own_second_factor(request: Request, user: CurrentUser, session: SessionDep) -> SecondFactor | None:
    """What shows this person's codes; None before there is one."""
    return second_factor_of(session, user, for_update=request.method not in ("GET", "HEAD"))


OwnSecondFactor = Annotated[SecondFactor | None, Depends(own_second_factor)]


def own_session(key: str, user: CurrentUser, session: SessionDep) -> UserSession:
    found = session_of(session, user, key)
    if found is None:
        raise NotFound(_("There is no such session."))
    return found


OwnSession = Annotated[UserSession, Depends(own_session)]


def open_password_link(token: str, request: Request, session: SessionDep) -> PasswordLink:
    """Whoever has the link may choose the password of its account. A writing request locks it: it works once."""
    found = open_link(session, token, for_update=request.method not in ("GET", "HEAD"))
    if found is None:
        raise NotFound(_("The link has been used, or it is more than an hour old. Ask for another."))
    return found


OpenPasswordLink = Annotated[PasswordLink, Depends(open_password_link)]


def requires(may: Callable[[User], bool], why: Callable[[], str]) -> Any:
    """A user of whom something is true; 403 with the reason otherwise."""

    def allowed(user: CurrentUser) -> User:
        if not may(user):
            raise NotAllowed(why())
        return user

    return Depends(allowed)


SecretariatUser = Annotated[
    User, requires(lambda u: u.can_run_the_list, lambda: _("Only the secretariat may do this."))
]
EventsReader = Annotated[
    User,
    requires(lambda u: u.can_read_events, lambda: _("Only the secretariat and administrators may see all events.")),
]
AdminUser = Annotated[User, requires(lambda u: u.can_run_accounts, lambda: _("Only an administrator may do this."))]
UsersReader = Annotated[
    User,
    requires(lambda u: u.can_read_users, lambda: _("Only the secretariat and administrators may see the accounts.")),
]


def known_token(no: No, user: AdminUser, session: SessionDep) -> ApiToken:
    """Anybody's token: an administrator ends it, and cannot read it."""
    found = session.get(ApiToken, no)
    if found is None:
        raise NotFound(_("There is no such access key."))
    return found


KnownToken = Annotated[ApiToken, Depends(known_token)]


def own_token(no: No, user: CurrentUser, session: SessionDep) -> ApiToken:
    found = session.get(ApiToken, no)
    if found is None or found.user_id != user.pk:
        raise NotFound(_("There is no such access key."))
    return found


OwnToken = Annotated[ApiToken, Depends(own_token)]


def visible_account(user_id: No, user: UsersReader, session: SessionDep) -> User:
    found = account(session, user_id)
    if found is None:
        raise NotFound(_("There is no such account."))
    return found


VisibleAccount = Annotated[User, Depends(visible_account)]


def others_account(user_id: No, request: Request, user: AdminUser, session: SessionDep) -> User:
    """Somebody else's account, for an administrator. A writing request locks all: who is left must be known."""
    found = account(session, user_id, for_update=request.method not in ("GET", "HEAD"))
    if found is None:
        raise NotFound(_("There is no such account."))
    if found.pk == user.pk:
        raise NotAllowed(_("Your own account is another administrator's to change."))
    return found


OthersAccount = Annotated[User, Depends(others_account)]


def current_portfolio(request: Request, user: CurrentUser) -> Portfolio:
    """The list that the menu leads to."""
    found: Portfolio | None = request.state.portfolio
    if found is None:
        raise NotFound(_("There is no such list."))
    return found


CurrentPortfolio = Annotated[Portfolio, Depends(current_portfolio)]


def visible_portfolio(slug: str, request: Request, session: SessionDep, user: CurrentUser) -> Portfolio:
    found: Portfolio | None = request.state.portfolio
    if found is None or found.slug != slug:
        found = session.exec(select(Portfolio).where(Portfolio.slug == slug)).first()
    if found is None:
        raise NotFound(_("There is no such list."))
    return found


VisiblePortfolio = Annotated[Portfolio, Depends(visible_portfolio)]


def visible_project(number: str, request: Request, session: SessionDep, user: CurrentUser) -> Project:
    """The project, if this person may know of it. A writing request locks its row until it has answered."""
    writes = request.method not in ("GET", "HEAD")
    found = project_by_number(session, number, for_update=writes)
    if found is None:
        raise NotFound(_("There is no such project, or you do not have access to it."))
    request.state.portfolio = found.portfolio
    return found


VisibleProject = Annotated[Project, Depends(visible_project)]


def editable_project(project: VisibleProject, user: CurrentUser) -> Project:
    if not user.can_edit(project):
        raise NotAllowed(_("Only the project's leader, its owner and the secretariat may change it."))
    return project


EditableProject = Annotated[Project, Depends(editable_project)]


def noted_project(project: VisibleProject, user: CurrentUser) -> Project:
    """A project on which this person may write a status outside the rounds."""
    if not user.can_write_status(project):
        raise NotAllowed(_("Only the project leader or a deputy may write the status."))
    return project


NotedProject = Annotated[Project, Depends(noted_project)]


def editable(kind: type[RowT]) -> Any:
    """A row below a project that this person may change, by its number below the project."""

    def load(no: No, project: EditableProject, session: SessionDep) -> RowT:
        found = session.exec(select(kind).where(kind.project_id == project.pk, kind.no == no)).first()
        if found is None:
            raise NotFound(_("There is no such row on this project."))
        return found

    return Depends(load)


EditableMilestone = Annotated[Milestone, editable(Milestone)]
EditableEffectTarget = Annotated[EffectTarget, editable(EffectTarget)]
EditableSuccessCriterion = Annotated[SuccessCriterion, editable(SuccessCriterion)]
EditableStaffing = Annotated[Staffing, editable(Staffing)]
EditableFunding = Annotated[Funding, editable(Funding)]
EditableFundingNeed = Annotated[FundingNeed, editable(FundingNeed)]
EditableBenefit = Annotated[Benefit, editable(Benefit)]
EditableStatedTotal = Annotated[StatedTotal, editable(StatedTotal)]
EditableFollowUp = Annotated[FollowUp, editable(FollowUp)]


def editable_task_force(project: EditableProject) -> Project:
    """A project that is a task force: only it has a checklist and quarterly follow-ups."""
    if project.kind is not Kind.task_force:
        raise NotFound(_("The project is not a task force."))
    return project


EditableTaskForce = Annotated[Project, Depends(editable_task_force)]


def editable_relation(no: No, project: EditableProject, session: SessionDep) -> Relation:
    query = select(Relation).where(Relation.project_id == project.pk, Relation.no == no).options(*with_both_sides())
    found = session.exec(query).first()
    if found is None:
        raise NotFound(_("There is no such row on this project."))
    return found


EditableRelation = Annotated[Relation, Depends(editable_relation)]


def editable_deputy(row: Annotated[Deputy, editable(Deputy)], project: EditableProject, user: CurrentUser) -> Deputy:
    if not user.can_name_deputy(project, row.stands_for):
        raise NotAllowed(_("Leader and owner name their own deputies only."))
    return row


EditableDeputy = Annotated[Deputy, Depends(editable_deputy)]


def visible_effect_target(no: No, project: VisibleProject, session: SessionDep) -> EffectTarget:
    found = session.exec(
        select(EffectTarget).where(EffectTarget.project_id == project.pk, EffectTarget.no == no)
    ).first()
    if found is None:
        raise NotFound(_("There is no such row on this project."))
    return found


VisibleEffectTarget = Annotated[EffectTarget, Depends(visible_effect_target)]


def editable_benchmark(benchmark_no: No, target: EditableEffectTarget, session: SessionDep) -> Benchmark:
    query = select(Benchmark).where(Benchmark.effect_target_id == target.pk, Benchmark.no == benchmark_no)
    found = session.exec(query).first()
    if found is None:
        raise NotFound(_("There is no such benchmark of this effect target."))
    return found


EditableBenchmark = Annotated[Benchmark, Depends(editable_benchmark)]


def editable_measurement(measurement_no: No, target: EditableEffectTarget, session: SessionDep) -> Measurement:
    query = select(Measurement).where(Measurement.effect_target_id == target.pk, Measurement.no == measurement_no)
    found = session.exec(query).first()
    if found is None:
        raise NotFound(_("There is no such measurement of this effect target."))
    return found


EditableMeasurement = Annotated[Measurement, Depends(editable_measurement)]


def visible_effect_follow_up(no: No, follow_up_no: No, project: VisibleProject, session: SessionDep) -> EffectFollowUp:
    """One look at an effect after the project, by its number below the effect target."""
    of_project = select(EffectTarget).where(EffectTarget.project_id == project.pk, EffectTarget.no == no)
    target = session.exec(of_project).first()
    found = follow_up_of(session, target, follow_up_no) if target else None
    if found is None:
        raise NotFound(_("There is no such follow-up of this effect target."))
    return found


VisibleEffectFollowUp = Annotated[EffectFollowUp, Depends(visible_effect_follow_up)]


def reportable_effect_follow_up(
    row: VisibleEffectFollowUp, project: VisibleProject, user: CurrentUser
) -> EffectFollowUp:
    if not user.can_follow_up(row, project):
        raise NotAllowed(_("Only whoever owns the effect may say what came of it."))
    return row


ReportableEffectFollowUp = Annotated[EffectFollowUp, Depends(reportable_effect_follow_up)]


def approvable_effect_follow_up(
    row: VisibleEffectFollowUp, project: VisibleProject, user: CurrentUser
) -> EffectFollowUp:
    if user.acts_as(project) is None:
        raise NotAllowed(_("Only the project owner, a deputy or another director may approve or return the follow-up."))
    if not user.can_approve_follow_up(row, project):
        raise NotAllowed(_("Nobody can approve a follow-up they have reported themselves."))
    return row


ApprovableEffectFollowUp = Annotated[EffectFollowUp, Depends(approvable_effect_follow_up)]


def managed_effect_follow_up(row: VisibleEffectFollowUp, user: SecretariatUser) -> EffectFollowUp:
    """A follow-up whose day, owner or purpose the secretariat changes, but never its result."""
    return row


ManagedEffectFollowUp = Annotated[EffectFollowUp, Depends(managed_effect_follow_up)]


def visible_body(body_no: No, project: VisibleProject, session: SessionDep) -> Body:
    """One of the project's bodies, with every project that it serves."""
    query = select(Body).join(BodyProject, col(BodyProject.body_id) == Body.id)
    query = query.where(BodyProject.project_id == project.pk, BodyProject.no == body_no)
    found = session.exec(query.options(selectinload(rel(Body.projects)))).first()
    if found is None:
        raise NotFound(_("There is no such body on this project."))
    return found


VisibleBody = Annotated[Body, Depends(visible_body)]


def editable_body(_project: EditableProject, body: VisibleBody) -> Body:
    return body


EditableBody = Annotated[Body, Depends(editable_body)]


def editable_seat(seat_no: No, body: EditableBody, session: SessionDep) -> Seat:
    query = select(Seat).where(Seat.body_id == body.pk, Seat.no == seat_no)
    with_names = (joinedload(rel(Seat.person)), joinedload(rel(Seat.body)))
    found = session.exec(query.options(*with_names)).first()
    if found is None:
        raise NotFound(_("There is no such seat in this body."))
    return found


EditableSeat = Annotated[Seat, Depends(editable_seat)]


def visible_round(key: str, portfolio: VisiblePortfolio, session: SessionDep) -> ReportingRound:
    found = round_by_key(session, portfolio.pk, key)
    if found is None:
        raise NotFound(_("There is no such round."))
    return found


VisibleRound = Annotated[ReportingRound, Depends(visible_round)]


def managed_round(
    key: str, request: Request, portfolio: VisiblePortfolio, user: SecretariatUser, session: SessionDep
) -> ReportingRound:
    """A round that the secretariat runs. A writing request locks it, so that nobody takes the same step twice."""
    writes = request.method not in ("GET", "HEAD")
    found = round_by_key(session, portfolio.pk, key, for_update=writes)
    if found is None:
        raise NotFound(_("There is no such round."))
    return found


ManagedRound = Annotated[ReportingRound, Depends(managed_round)]


def visible_report(
    round: str, request: Request, project: VisibleProject, user: CurrentUser, session: SessionDep
) -> Report:
    """A project's status of a round. What is not approved yet is only for those who work on it."""
    writes = request.method not in ("GET", "HEAD")
    found = report_of(session, project, round, for_update=writes)
    if found is None:
        raise NotFound(_("There is no status of this round."))
    if not user.can_read_status(found):
        raise NotAllowed(_("The status can be read once the project owner has approved it."))
    return found


VisibleReport = Annotated[Report, Depends(visible_report)]


def writable_report(report: VisibleReport, user: CurrentUser) -> Report:
    if not user.can_write_status(report.project):
        raise NotAllowed(_("Only the project leader or a deputy may write the status."))
    return report


WritableReport = Annotated[Report, Depends(writable_report)]


def acting_as(report: VisibleReport, user: CurrentUser) -> ApprovedAs:
    """In what capacity this person approves or returns the status."""
    found = user.acts_as(report.project)
    if found is None:
        raise NotAllowed(_("Only the project owner, a deputy or another director may approve or return the status."))
    return found


ActingAs = Annotated[ApprovedAs, Depends(acting_as)]


def approvable_report(report: VisibleReport, user: CurrentUser, _capacity: ActingAs) -> Report:
    if report.author_id == user.person_id:
        raise NotAllowed(_("Nobody can approve a status they have written themselves."))
    return report


ApprovableReport = Annotated[Report, Depends(approvable_report)]


def managed_report(report: VisibleReport, user: SecretariatUser) -> Report:
    """A status that the secretariat may reopen or exempt, but never write in."""
    return report


ManagedReport = Annotated[Report, Depends(managed_report)]


def managed_strategy_theme(
    no: No, portfolio: VisiblePortfolio, user: SecretariatUser, session: SessionDep
) -> StrategyTheme:
    """A theme of a strategy letter, by its key: themes are public. The secretariat keeps them."""
    query = select(StrategyTheme).where(StrategyTheme.portfolio_id == portfolio.pk, StrategyTheme.id == no)
    found = session.exec(query).first()
    if found is None:
        raise NotFound(_("There is no such theme."))
    return found


ManagedStrategyTheme = Annotated[StrategyTheme, Depends(managed_strategy_theme)]


def known_mail_kind(kind: str, user: SecretariatUser) -> MailKind:
    """A kind of mail, whose text the secretariat writes."""
    if kind not in {each.value for each in MailKind}:
        raise NotFound(_("There is no such mail text."))
    return MailKind(kind)


KnownMailKind = Annotated[MailKind, Depends(known_mail_kind)]


ScenarioAuthor = Annotated[
    User,
    requires(
        lambda u: u.can_save_scenarios,
        lambda: _("Only the secretariat, the executive board and the management forum may save scenarios."),
    ),
]


def visible_scenario(key: str, request: Request, portfolio: VisiblePortfolio, session: SessionDep) -> Scenario:
    """A scenario of the list. One that touches what the reader may not see is not there."""
    writes = request.method not in ("GET", "HEAD")
    found = scenario_by_key(session, portfolio.pk, key, for_update=writes)
    if found is None:
        raise NotFound(_("There is no such scenario."))
    return found


VisibleScenario = Annotated[Scenario, Depends(visible_scenario)]


def editable_scenario(scenario: VisibleScenario, user: CurrentUser) -> Scenario:
    if not user.can_change_scenario(scenario):
        raise NotAllowed(_("Only the one who saved the scenario and the secretariat may change it."))
    return scenario


EditableScenario = Annotated[Scenario, Depends(editable_scenario)]


def may_propose(user: CurrentUser, session: SessionDep) -> bool:
    """Whether somebody may propose what comes on the list or leaves it; pages ask before they show the way there."""
    return user.can_propose(leads_on_list=leads_on_list(session, user.person_id, today()))


MayPropose = Annotated[bool, Depends(may_propose)]


def proposer(user: CurrentUser, may: MayPropose) -> User:
    if not may:
        raise NotAllowed(
            _("Only leaders and owners of projects on the list, managers and the secretariat may propose.")
        )
    return user


Proposer = Annotated[User, Depends(proposer)]


def visible_proposal(key: str, request: Request, portfolio: VisiblePortfolio, session: SessionDep) -> Proposal:
    """A proposal of the list. One about what the reader may not see is not there. A writing request locks it."""
    writes = request.method not in ("GET", "HEAD")
    found = proposal_by_key(session, portfolio.pk, key, for_update=writes)
    if found is None:
        raise NotFound(_("There is no such proposal."))
    return found


VisibleProposal = Annotated[Proposal, Depends(visible_proposal)]


def withdrawable_proposal(proposal: VisibleProposal, user: CurrentUser) -> Proposal:
    if not user.can_withdraw(proposal):
        raise NotAllowed(_("Only the one who raised the proposal and the secretariat may withdraw it."))
    return proposal


WithdrawableProposal = Annotated[Proposal, Depends(withdrawable_proposal)]


def visible_meeting(meeting_id: No, request: Request, user: CurrentUser, session: SessionDep) -> Meeting:
    """A meeting with its list and its round. A writing request locks it until it has answered."""
    writes = request.method not in ("GET", "HEAD")
    found = meeting_by_id(session, meeting_id, for_update=writes)
    if found is None:
        raise NotFound(_("There is no such meeting."))
    request.state.portfolio = found.portfolio
    return found


VisibleMeeting = Annotated[Meeting, Depends(visible_meeting)]


def managed_meeting(meeting: VisibleMeeting, user: SecretariatUser) -> Meeting:
    """A meeting that the secretariat runs."""
    return meeting


ManagedMeeting = Annotated[Meeting, Depends(managed_meeting)]


def known_subject(subject: str, user: SecretariatUser) -> Subject:
    """What one of the four standing recommendations is about."""
    if subject not in {each.value for each in Subject}:
        raise NotFound(_("There is no such recommendation."))
    return Subject(subject)


KnownSubject = Annotated[Subject, Depends(known_subject)]


def meeting_with_papers(meeting: VisibleMeeting, user: CurrentUser) -> Meeting:
    """A meeting whose papers this person may take out."""
    if not user.can_take_papers:
        raise NotAllowed(_("Only the executive board and the secretariat may take out the papers of a meeting."))
    return meeting


MeetingWithPapers = Annotated[Meeting, Depends(meeting_with_papers)]


def forum_meeting(meeting: VisibleMeeting, user: CurrentUser) -> Meeting:
    """A meeting of the management forum whose agenda this person may take out."""
    if meeting.body is not MeetingBody.management_forum:
        raise NotFound(_("There is no such meeting of the management forum."))
    if not user.can_take_agenda:
        raise NotAllowed(
            _("Only the management forum, the executive board and the secretariat may take out the agenda.")
        )
    return meeting


ForumMeeting = Annotated[Meeting, Depends(forum_meeting)]


def managed_proposal(proposal: VisibleProposal, user: SecretariatUser) -> Proposal:
    """A proposal on what stands on the list, whose answer the secretariat takes down and carries out."""
    if proposal.kind is ProposalKind.scenario:
        raise NotFound(_("There is no such proposal."))
    return proposal


ManagedProposal = Annotated[Proposal, Depends(managed_proposal)]


def chosen_decision(
    project: VisibleProject, user: SecretariatUser, session: SessionDep, decision: str = ""
) -> Decision | None:
    """The recorded decision that a move rests on: `?decision=…`. None when it is taken down together with the move."""
    found = decision_by_key(session, project.portfolio_id, decision) if decision else None
    if decision and found is None:
        raise NotFound(_("There is no such decision."))
    return found


ChosenDecision = Annotated[Decision | None, Depends(chosen_decision)]


def visible_task(key: str, request: Request, portfolio: VisiblePortfolio, session: SessionDep) -> Task:
    """Something to be done. One about what the reader may not see is not there."""
    writes = request.method not in ("GET", "HEAD")
    found = task_by_key(session, portfolio.pk, key, for_update=writes)
    if found is None:
        raise NotFound(_("There is no such task, or you do not have access to it."))
    return found


VisibleTask = Annotated[Task, Depends(visible_task)]


def own_task(task: VisibleTask, user: CurrentUser) -> Task:
    """A task of which this person may say what came of it."""
    if not user.can_update_task(task):
        raise NotAllowed(_("Only whoever is responsible for the task and the secretariat may do this."))
    return task


OwnTask = Annotated[Task, Depends(own_task)]


def managed_task(task: VisibleTask, user: CurrentUser) -> Task:
    """A task whose deadline, responsible person and state the secretariat changes."""
    if not user.can_run_tasks:
        raise NotAllowed(_("Only the secretariat may do this."))
    return task


ManagedTask = Annotated[Task, Depends(managed_task)]


def visible_topic(key: str, request: Request, portfolio: VisiblePortfolio, session: SessionDep) -> Topic:
    """A topic for the management forum. A writing request locks it until it has answered."""
    writes = request.method not in ("GET", "HEAD")
    found = topic_by_key(session, portfolio.pk, key, for_update=writes)
    if found is None:
        raise NotFound(_("There is no such topic."))
    return found


VisibleTopic = Annotated[Topic, Depends(visible_topic)]


def managed_topic(topic: VisibleTopic, user: SecretariatUser) -> Topic:
    """A topic that the secretariat sends, plans and writes the outcome of."""
    return topic


ManagedTopic = Annotated[Topic, Depends(managed_topic)]


def managed_agenda_item(no: No, meeting: ManagedMeeting, session: SessionDep) -> AgendaItem:
    found = agenda_item(session, meeting, no)
    if found is None:
        raise NotFound(_("There is no such item on the agenda."))
    return found


ManagedAgendaItem = Annotated[AgendaItem, Depends(managed_agenda_item)]


def managed_recommendation(subject: KnownSubject, meeting: ManagedMeeting, session: SessionDep) -> Recommendation:
    """A recommendation whose wording can be changed, as its meeting has not been held."""
    meeting.require(MeetingState.planned)
    found = next((each for each in recommendations_of(session, meeting) if each.subject is subject), None)
    if found is None:
        raise NotFound(_("There is no such recommendation."))
    return found


ManagedRecommendation = Annotated[Recommendation, Depends(managed_recommendation)]


def managed_decision(key: str, meeting: ManagedMeeting, session: SessionDep) -> Decision:
    """A decision of the meeting that stands."""
    found = decision_at(session, meeting, key)
    if found is None:
        raise NotFound(_("There is no such decision."))
    return found


ManagedDecision = Annotated[Decision, Depends(managed_decision)]


def prepared_meeting(meeting: ManagedMeeting) -> Meeting:
    """A meeting of the board that has not been held: what it is to talk about can still be chosen."""
    if meeting.body is not MeetingBody.executive_board:
        raise NotFound(_("Only the executive board's meetings have candidates."))
    meeting.require(MeetingState.planned)
    return meeting


PreparedMeeting = Annotated[Meeting, Depends(prepared_meeting)]


def managed_point(source: str, ref: str, meeting: PreparedMeeting, session: SessionDep) -> Point:
    """A candidate, as the list finds it or the secretariat has left it; never as it was sent."""
    found = point_of(session, meeting, source, ref, today())
    if found is None:
        raise NotFound(_("There is no such candidate of this meeting."))
    return found


ManagedPoint = Annotated[Point, Depends(managed_point)]


def visible_person(person_id: No, session: SessionDep, user: CurrentUser) -> Person:
    query = select(Person).where(Person.id == person_id).options(joinedload(rel(Person.unit)))
    found = session.exec(query).first()
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


VisiblePerson = Annotated[Person, Depends(visible_person)]


def registered_person(person: VisiblePerson, user: CurrentUser) -> Person:
    """Somebody of whom this person may see everything that is registered."""
    if not user.can_read_registered(person.pk):
        raise NotAllowed(_("Only the person and the secretariat may see what is registered about somebody."))
    return person


RegisteredPerson = Annotated[Person, Depends(registered_person)]


def managed_error_report(key: str, request: Request, user: SecretariatUser, session: SessionDep) -> ErrorReport:
    """Something that somebody has reported, which the secretariat answers."""
    found = error_report_by_key(session, key, for_update=request.method not in ("GET", "HEAD"))
    if found is None:
        raise NotFound(_("There is no such report of an error."))
    return found


ManagedErrorReport = Annotated[ErrorReport, Depends(managed_error_report)]
