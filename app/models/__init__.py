"""The nouns. Importing this package makes all of them known to the mapper and to Alembic."""

from app.models import event_chain as event_chain  # from here on whatever commits puts its events into the chain
from app.models.access_review import AccessReview
from app.models.agenda_item import AgendaItem
from app.models.api_token import ApiToken
from app.models.assessment import Assessment
from app.models.benchmark import Benchmark
from app.models.benefit import Benefit
from app.models.body import Body
from app.models.candidate import Candidate
from app.models.decision import Decision
from app.models.deputy import Deputy
from app.models.edition import Addendum, Edition
from app.models.effect_follow_up import EffectFollowUp
from app.models.effect_target import EffectTarget
from app.models.error_report import ErrorReport
from app.models.event import Event
from app.models.export import Export
from app.models.follow_up import FollowUp
from app.models.funding import Funding
from app.models.funding_need import FundingNeed
from app.models.identity import Identity
from app.models.implementation import Implementation
from app.models.key_persons import KeyPersons
from app.models.mail import Mail, MailText
from app.models.masking import Masking
from app.models.measurement import Measurement
from app.models.meeting import Meeting
from app.models.milestone import Milestone
from app.models.paper_template import PaperTemplate
from app.models.password_link import PasswordLink
from app.models.person import Person
from app.models.placement import Placement
from app.models.portfolio import Portfolio
from app.models.project import BodyProject, Project, ProjectUnit
from app.models.proposal import Proposal
from app.models.receipt import Receipt
from app.models.recommendation import Recommendation, StandingRecommendation
from app.models.relation import Relation
from app.models.report import Report
from app.models.reporting_round import ReportingRound
from app.models.scenario import Scenario, ScenarioChange
from app.models.screen import Screen
from app.models.seat import Seat
from app.models.second_factor import SecondFactor
from app.models.sign_in_attempt import SignInAttempt
from app.models.sign_on_attempt import SignOnAttempt
from app.models.staffing import Staffing, StaffingShare
from app.models.stated_total import StatedTotal
from app.models.status_note import StatusNote
from app.models.strategy_theme import ProjectStrategy, StrategyTheme
from app.models.success_criterion import SuccessCriterion
from app.models.target_version import TargetVersion
from app.models.task import Task
from app.models.task_force import TaskForce
from app.models.theme import Theme
from app.models.topic import EarlierTurn, Topic
from app.models.unit import Unit
from app.models.user import User
from app.models.user_session import UserSession

__all__ = [
    "AccessReview",
    "Addendum",
    "AgendaItem",
    "ApiToken",
    "Assessment",
    "Benchmark",
    "Benefit",
    "Body",
    "BodyProject",
    "Candidate",
    "Decision",
    "Deputy",
    "EarlierTurn",
    "Edition",
    "EffectFollowUp",
    "EffectTarget",
    "ErrorReport",
    "Event",
    "Export",
    "FollowUp",
    "Funding",
    "FundingNeed",
    "Identity",
    "Implementation",
    "KeyPersons",
    "Mail",
    "MailText",
    "Masking",
    "Measurement",
    "Meeting",
    "Milestone",
    "PaperTemplate",
    "PasswordLink",
    "Person",
    "Placement",
    "Portfolio",
    "Project",
    "ProjectStrategy",
    "ProjectUnit",
    "Proposal",
    "Receipt",
    "Recommendation",
    "Relation",
    "Report",
    "ReportingRound",
    "Scenario",
    "ScenarioChange",
    "Screen",
    "Seat",
    "SecondFactor",
    "SignInAttempt",
    "SignOnAttempt",
    "Staffing",
    "StaffingShare",
    "StandingRecommendation",
    "StatedTotal",
    "StatusNote",
    "StrategyTheme",
    "SuccessCriterion",
    "TargetVersion",
    "Task",
    "TaskForce",
    "Theme",
    "Topic",
    "Unit",
    "User",
    "UserSession",
]
