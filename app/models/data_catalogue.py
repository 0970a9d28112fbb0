"""What is said of every table in the description of the data: what it is about, what it is built on, and which of its
fields are facts, which somebody's assessment, and which tell of a person.

A field that points to another table is a fact, and one that points to a person tells of a person, without being named
here. A test fails for a table, or a field, of which nothing is said.
"""

from dataclasses import dataclass
from typing import Any

from app.i18n import N_
from app.models.base import Choice


class Basis(Choice):
    """Where what stands in a table comes from (offentlighedsloven § 12)."""

    project = "project", N_("Written by the project's leader or owner, or by the secretariat")
    status = "status", N_("Written by the project leader in each round and approved by the project owner")
    effects = "effects", N_("Reported by whoever owns the effect and approved by the project owner")
    meeting = "meeting", N_("Taken down by the secretariat before, at and after meetings")
    secretariat = "secretariat", N_("Kept by the secretariat")
    management = "management", N_("Written by managers, leaders and owners of projects, and the secretariat")
    administrator = "administrator", N_("Kept by administrators")
    system = "system", N_("Made by the system")


@dataclass(frozen=True)
class Described:
    """What is said of one table. `when` names the date of a row, or the two that begin and end it: by it a row falls
    within a period. `extracted` says whether it may stand in an extract, `leaves` whether in one for outsiders."""

    about: str
    basis: Basis
    facts: str = ""
    assessments: str = ""
    people: str = ""
    when: str = ""
    extracted: bool = True
    leaves: bool = True


def _inside(about: str, basis: Basis, **more: Any) -> Described:
    """A table that stays in the house: it holds deliberations, or who carries what (decision 11)."""
    return Described(about, basis, **more, leaves=False)


def _own(about: str, basis: Basis, **more: str) -> Described:
    """A table of the system's own, which is no part of any extract."""
    return Described(about, basis, **more, extracted=False, leaves=False)


_TARGET = "baseline_value baseline_on target_value target_on target_wording worded_on path waypoints"
_THRESHOLDS = (
    "key_person_hours seats_watch seats_high chairs_watch chairs_high meetings_watch large_body very_large_body "
    "many_in_trouble"
)

CATALOGUE = {
    "access_review": _own(
        N_("That somebody has gone through who may see what, each half-year"),
        Basis.secretariat,
        facts="half_year reviewed_on",
        assessments="note",
    ),
    "addendum": Described(
        N_("Corrections that are shown beside a frozen edition"),
        Basis.secretariat,
        "text added_on",
        people="author",
        when="added_on",
        leaves=False,
    ),
    "agenda_item": Described(
        N_("The items of a meeting's agenda"),
        Basis.meeting,
        "title case_number starts_at ends_at closed annexes treats_list",
        "background",
    ),
    "api_token": _own(
        N_("Keys with which programs read the list; the key itself is not kept"),
        Basis.administrator,
        people="name scope prefix created_at expires_at last_used_on revoked_at",
    ),
    "assessment": _inside(
        N_("The colour and the comment of each dimension of a status"),
        Basis.status,
        facts="dimension",
        assessments="colour comment",
    ),
    "benchmark": Described(
        N_("Figures of other municipalities beside an effect target"),
        Basis.project,
        "name measured_on precision value source withdrawn",
        when="measured_on",
    ),
    "benefit": Described(
        N_("What a project is to save or earn, by area and year"),
        Basis.project,
        "area year potential_min potential_max not_analysed_min not_analysed_max expected_min expected_max identified "
        "realised budget full_year certainty treasury_percent measure withdrawn",
        "split_reason note",
    ),
    "body": Described(
        N_("Steering groups, committees and forums"),
        Basis.project,
        "name short type meetings_per_year typical_attendance external_members aliases valid_from valid_to",
        when="valid_from valid_to",
    ),
    "body_project": Described(N_("Which projects a body serves"), Basis.project),
    "candidate": _inside(
        N_("What the secretariat has taken up for the board to talk about"),
        Basis.meeting,
        facts="title subject source mark state",
        assessments="text",
    ),
    "decision": Described(
        N_("What meetings have decided"),
        Basis.meeting,
        "verb text request deferred_to no_follow_up recorded_at annulled_at annulled_reason",
        when="recorded_at",
    ),
    "deputy": _inside(
        N_("Who may act for a project's leader or owner, and when"),
        Basis.project,
        facts="stands_for from_on to_on",
        when="from_on to_on",
    ),
    "earlier_turn": _inside(
        N_("How a topic was treated before it came back"),
        Basis.meeting,
        facts="minutes outcome treated_on lapsed_on returned_on",
        assessments="no_follow_up lapsed_reason returned_reason",
        when="returned_on",
    ),
    "edition": _own(
        N_("The list of each round as the board read it, with a fingerprint"),
        Basis.system,
        facts="frozen_at content masked",
        people="frozen_by",
    ),
    "effect_follow_up": Described(
        N_("What came of an effect after its project had left the list"),
        Basis.effects,
        "result due_on next_on state reported_at approved_at",
        "conclusion waived_reason returned_reason",
        when="due_on",
    ),
    "effect_target": Described(
        N_("What a project is to change, from a baseline to a target by a date"),
        Basis.project,
        f"name definition indicator_type unit_of_measure direction {_TARGET} source frequency withdrawn",
        "attribution_note",
    ),
    "error_report": _own(
        N_("What somebody has told the secretariat is wrong, and what came of it"),
        Basis.system,
        facts="page health state reported_at answered_at",
        assessments="text answer",
    ),
    "event": _own(
        N_("The log: who changed what, and when, with what stood before and after"),
        Basis.system,
        facts="at action subject subject_name before after masked",
        people="actor",
    ),
    "export": _own(
        N_("Files that were taken out, for whom, and their fingerprints"),
        Basis.system,
        facts="taken_at file_name profile recipient note reason round_key filters size",
        people="actor",
    ),
    "follow_up": Described(
        N_("The quarterly follow-ups of a task force"),
        Basis.project,
        "held_on body",
        "conclusion evidence",
        when="held_on",
    ),
    "funding": Described(
        N_("Where a project's money comes from, by year"), Basis.project, "source year amount approved decision"
    ),
    "funding_need": Described(N_("The money that a project needs, by year"), Basis.project, "purpose year amount"),
    "implementation": Described(
        N_("How far a project has been taken into use in operations"),
        Basis.project,
        "plan_on units_in_use units_in_all counted_on",
        "state receiver plan evidence",
    ),
    "key_persons": _inside(
        N_("How many of a unit's people spend more than five hours a week on a project; never who"),
        Basis.project,
        facts="count",
    ),
    "mail": _own(
        N_("Letters that were sent, or wait to be"),
        Basis.system,
        facts="kind subject body calendar written_at sent_at tries error",
        people="address",
    ),
    "mail_text": _own(N_("The secretariat's own words for letters"), Basis.secretariat, facts="kind subject body"),
    "masking": _own(
        N_("Which spans of frozen editions and of the log were masked, when and why; never what stood there"),
        Basis.secretariat,
        facts="edition_id event_id field starts_at length masked_at reason closed",
        people="masked_by",
    ),
    "measurement": Described(
        N_("Figures that show how far an effect is on its way"),
        Basis.project,
        "measured_on precision value source withdrawn",
        "note",
        when="measured_on",
    ),
    "meeting": Described(
        N_("Meetings of the executive board and the management forum"),
        Basis.meeting,
        "held_on starts_at ends_at place case_number body state",
        people="participants apologies",
        when="held_on",
    ),
    "milestone": Described(
        N_("What must have happened by a date"),
        Basis.project,
        "text kind due_on precision done_on dropped_on baseline_on",
        "dropped_reason",
        when="due_on",
    ),
    "paper_template": _own(
        N_("The municipality's own Word template"), Basis.secretariat, facts="file_name uploaded_at active content"
    ),
    "identity": _own(
        N_("Which account belongs to whom at the municipality's sign-on"),
        Basis.administrator,
        people="account_name issuer subject approved_at connected_at last_sign_on_at",
    ),
    "password_link": _own(
        N_("Links with which somebody could choose a password"), Basis.system, people="made_at ended_at"
    ),
    "person": _inside(
        N_("People who sit in bodies, lead or own projects, or have tasks"),
        Basis.secretariat,
        facts="external organisation active director",
        people="name title email",
    ),
    "placement": Described(
        N_("When a project came on the list and left it, and by which decision"),
        Basis.secretariat,
        "from_on to_on decision_in decision_out follow_up concluded_on concluded_unmeasured",
        "reason_out",
        when="from_on to_on",
    ),
    "portfolio": Described(
        N_("The list itself, and from when load on it deserves attention"),
        Basis.secretariat,
        f"slug name case_number owner_body {_THRESHOLDS}",
        leaves=False,
    ),
    "project": Described(
        N_("Projects, programmes, focus areas and task forces"),
        Basis.project,
        "title purpose externals phase starts_on planned_end_on expires_on case_numbers also_known_as kind large "
        "cross_cutting strategic commissioner confidentiality number former_number baseline_end_on",
        "admission_reason",
        when="starts_on planned_end_on",
    ),
    "project_strategy": Described(N_("Which themes of a strategy letter a project serves"), Basis.project),
    "project_unit": Described(N_("Which units take part in a project"), Basis.project),
    "proposal": _inside(
        N_("What somebody has put to the executive board"),
        Basis.management,
        facts="title kind large cross_cutting strategic origin case_number raised_at withdrawn_at",
        assessments="reason admission_reason purpose",
        when="raised_at",
    ),
    "receipt": _own(
        N_("What a form that was sent twice was answered the first time"), Basis.system, facts="location at"
    ),
    "recommendation": Described(
        N_("What the board was recommended to do at each meeting on a round"), Basis.meeting, "text subject"
    ),
    "relation": Described(
        N_("How projects depend on each other, or on others"),
        Basis.project,
        "kind outside due_on precision ended_on",
        "text",
    ),
    "report": Described(
        N_("The status of each project in each round: its colour and what it says"),
        Basis.status,
        "colour state submitted_at approved_at approved_as",
        "measured summary deviation_reason path_action path_on decision_wanted decision_track decision_by_on options "
        "owner_colour owner_comment returned_reason exempt_reason",
        "path_who",
        when="submitted_at",
    ),
    "reporting_round": Described(
        N_("The rounds in which the list is reported, with their deadlines"),
        Basis.secretariat,
        "name key as_of opens_on leader_deadline_on owner_deadline_on board_on state frozen_at",
        when="as_of",
    ),
    "scenario": _inside(
        N_("Changes of seats that somebody thought through and kept"),
        Basis.management,
        facts="name saved_at",
        assessments="note",
        when="saved_at",
    ),
    "scenario_change": _inside(N_("Each change of a scenario"), Basis.management, facts="kind function attendance"),
    "second_factor": _own(
        N_("Who signs in in two steps; the secrets are not shown"), Basis.system, people="enrolled_at"
    ),
    "sign_on_attempt": _own(
        N_("Who is on the way to the municipality's sign-on and back; it does not say who"),
        Basis.system,
        facts="next expires_at used_at",
    ),
    "sign_in_attempt": _own(
        N_("Attempts to sign in, counted so that nobody can guess passwords"), Basis.system, people="tried network at"
    ),
    "screen": _own(N_("What a meeting looks at just now"), Basis.system, facts="showing shown_at"),
    "seat": Described(
        N_("Who sits in a body, in what function and when"),
        Basis.project,
        "role function attendance from_on to_on",
        when="from_on to_on",
    ),
    "staffing": Described(
        N_("The posts that a project needs or has"),
        Basis.project,
        "function fte existing_funding state keeps_home_unit from_on to_on",
        "note",
        when="from_on to_on",
    ),
    "staffing_share": Described(N_("How much of a post each unit bears in a year"), Basis.project, "year percent"),
    "standing_recommendation": _own(
        N_("The list's own wording of the four recommendations"), Basis.secretariat, facts="text subject"
    ),
    "stated_total": Described(
        N_("Totals of benefits as they stand in a paper"), Basis.project, "text source column year amount areas"
    ),
    "status_note": Described(
        N_("A status that was written outside the rounds"),
        Basis.project,
        "kind noted_on",
        "text",
        when="noted_on",
    ),
    "strategy_theme": Described(
        N_("The themes of each year's strategy letter"), Basis.secretariat, "year name position promise source"
    ),
    "success_criterion": Described(
        N_("What must be true for a project to have succeeded"), Basis.project, "text withdrawn", "met evidence"
    ),
    "target_version": Described(
        N_("Baseline and target of an effect as they stood until they were changed"),
        Basis.project,
        f"until_on changed_at {_TARGET}",
        "reason decision",
        "changed_by",
        when="until_on",
    ),
    "task": Described(
        N_("What must be done because of a decision, and what came of it"),
        Basis.meeting,
        "text due_from due_on evaluation state given_on first_due_on wished_on ended_on",
        "wished_reason evidence",
        when="given_on",
    ),
    "task_force": Described(
        N_("The checklist of a project that is a task force"),
        Basis.project,
        "terms_of_reference follow_up_body",
        "delimited_task clear_leadership dedicated_resources matrix_task operational_task",
    ),
    "theme": Described(N_("The thematic groups of the list"), Basis.secretariat, "name position valid_from valid_to"),
    "topic": _inside(
        N_("What the management forum is asked to talk about, and what came of it"),
        Basis.meeting,
        facts="minutes outcome treated_on lapsed_on title questions due_on state sent_on",
        assessments="no_follow_up lapsed_reason",
        when="sent_on",
    ),
    "unit": Described(
        N_("The municipality's centres and smaller units"), Basis.secretariat, "code name aliases valid_from valid_to"
    ),
    "user": _own(N_("Accounts that can sign in"), Basis.administrator, people="email roles language active"),
    "user_session": _own(
        N_("When somebody has been signed in"),
        Basis.system,
        people="started_at last_seen_at expires_at ended_at browser awaits_code",
    ),
}
"""By the table's name in the database."""

TITLES = {
    "action": N_("What was done"),
    "active": N_("Active"),
    "actor": N_("Who"),
    "added_on": N_("Added on"),
    "address": N_("E-mail"),
    "after": N_("What stood after"),
    "agenda_item_id": N_("Agenda item"),
    "agenda_no": N_("Number on the agenda"),
    "aliases": N_("Also known as"),
    "annulled_at": N_("Annulled"),
    "annulled_reason": N_("Why it was annulled"),
    "answer": N_("Answer"),
    "answered_at": N_("Answered"),
    "answered_by_id": N_("Answered by"),
    "approved_at": N_("Approved"),
    "approved_by_id": N_("Approved by"),
    "approver_id": N_("Approved by"),
    "at": N_("When"),
    "attendance": N_("Attendance"),
    "author": N_("Author"),
    "author_id": N_("Author"),
    "baseline_end_on": N_("Planned end at first"),
    "baseline_on": N_("Date of the baseline"),
    "milestone.baseline_on": N_("Date first promised"),
    "baseline_value": N_("Baseline"),
    "browser_sha256": N_("Proof of the browser (never shown)"),
    "connected_at": N_("Connected"),
    "identity.subject": N_("Key at the sign-on"),
    "issuer": N_("Sign-on"),
    "last_sign_on_at": N_("Last sign-on"),
    "next": N_("Where it leads"),
    "nonce_sha256": N_("Proof of the answer (never shown)"),
    "state_sha256": N_("Proof of the attempt (never shown)"),
    "used_at": N_("Used"),
    "verifier_secret": N_("Proof towards the sign-on (never shown)"),
    "account_sha256": N_("Account (as a fingerprint)"),
    "awaits_code": N_("Waits for the code"),
    "before": N_("What stood before"),
    "body": N_("Text"),
    "body_id": N_("Body"),
    "browser": N_("Browser"),
    "by_id": N_("Reviewed by"),
    "calendar": N_("Calendar entry"),
    "candidate_id": N_("Candidate"),
    "case_number": N_("Case number"),
    "changed_at": N_("Changed"),
    "changed_by": N_("Changed by"),
    "code": N_("Code"),
    "concluded_on": N_("Follow-up of effects concluded on"),
    "concluded_unmeasured": N_("Concluded without a measurement"),
    "content": N_("Content"),
    "continues_id": N_("Continues the agenda item"),
    "created_at": N_("Made"),
    "decision_id": N_("Decision"),
    "decision_in_id": N_("Decision that put it on the list"),
    "decision_out": N_("Decided by"),
    "decision_out_id": N_("Decision that took it off the list"),
    "director": N_("Member of the executive board"),
    "edition_id": N_("Edition"),
    "effect_target_id": N_("Effect target"),
    "email": N_("E-mail"),
    "ended_at": N_("Ended"),
    "event_id": N_("Event"),
    "enrolled_at": N_("In use since"),
    "error": N_("Why it could not be sent"),
    "expires_at": N_("Ends at the latest"),
    "field": N_("Field"),
    "masking.closed": N_("Of closed projects only"),
    "file_name": N_("File"),
    "follow_up": N_("Its effects are still followed"),
    "former_number": N_("Former number"),
    "frozen_at": N_("Frozen"),
    "frozen_by": N_("Frozen by"),
    "function": N_("Function"),
    "given_on": N_("Given on"),
    "id": N_("Key in the database"),
    "into_id": N_("Into the body"),
    "key": N_("Name in addresses"),
    "reporting_round.key": N_("Round"),
    "kind": N_("Type"),
    "language": N_("Language"),
    "location": N_("Where it led to"),
    "made_at": N_("Made"),
    "mark": N_("Status"),
    "length": N_("Characters"),
    "last_seen_at": N_("Last seen"),
    "last_step": N_("Last code that was used"),
    "last_used_on": N_("Last used"),
    "masked": N_("Spans that were masked"),
    "masked_at": N_("Masked"),
    "masked_by": N_("Masked by"),
    "measured": N_("Figures in the draft"),
    "meeting_id": N_("Meeting"),
    "name": N_("Name"),
    "network": N_("Network address"),
    "no": N_("Number"),
    "number": N_("Project number"),
    "owner_body": N_("Whose list it is"),
    "page": N_("Page"),
    "password_hash": N_("Password (never shown)"),
    "path": N_("Path"),
    "percent": N_("Percent"),
    "person_id": N_("Person"),
    "event.person_id": N_("Part of the handover from"),
    "portfolio_id": N_("List"),
    "position": N_("Order"),
    "previous_sha256": N_("Fingerprint of the one before"),
    "project_id": N_("Project"),
    "proposal_id": N_("Proposal"),
    "raised_at": N_("Raised"),
    "raised_by_id": N_("Raised by"),
    "reason": N_("Reason"),
    "reason_out": N_("Why it leaves the list"),
    "recommendation_id": N_("Recommendation"),
    "recorded_at": N_("Taken down"),
    "ref": N_("What it was found by"),
    "recovery_sha256": N_("Recovery codes (never shown)"),
    "reviewed_on": N_("Reviewed on"),
    "report_id": N_("Status"),
    "reported_at": N_("Reported"),
    "reported_by_id": N_("Reported by"),
    "revoked_at": N_("Revoked"),
    "roles": N_("Roles"),
    "round_id": N_("Round"),
    "saved_at": N_("Saved"),
    "scenario_id": N_("Scenario"),
    "salt": N_("Salt of the seal"),
    "search_text": N_("Text for searching"),
    "secretariat_unit_id": N_("The secretariat's unit"),
    "secret": N_("Secret of the code app (never shown)"),
    "sent_at": N_("Sent"),
    "sent_on": N_("Sent on"),
    "sequence": N_("Running number"),
    "series": N_("Series of numbers"),
    "sha256": N_("Fingerprint"),
    "sha256_after": N_("Fingerprint after"),
    "sha256_before": N_("Fingerprint before"),
    "showing": N_("What is shown"),
    "shown_at": N_("Shown since"),
    "shown_by_id": N_("Shown by"),
    "size": N_("Bytes"),
    "slug": N_("Name in addresses"),
    "source": N_("Source"),
    "staffing_id": N_("Post"),
    "starts_at": N_("Begins at"),
    "started_at": N_("Signed in"),
    "state": N_("State"),
    "strategy_theme_id": N_("Strategy theme"),
    "subject": N_("Subject"),
    "subject_id": N_("Key of the subject"),
    "subject_name": N_("Name of the subject"),
    "submitted_at": N_("Submitted"),
    "taken_at": N_("Taken out"),
    "target_on": N_("Date of the target"),
    "target_value": N_("Target"),
    "target_wording": N_("Target in words"),
    "to_on": N_("Leaves the list on"),
    "token_sha256": N_("Proof of the session (never shown)"),
    "topic_id": N_("Topic for the management forum"),
    "treats_list": N_("The item on the list"),
    "tried": N_("What was tried"),
    "tries": N_("Attempts to send it"),
    "unit_id": N_("Unit"),
    "until_on": N_("Until"),
    "uploaded_at": N_("Uploaded"),
    "user_id": N_("Account"),
    "valid_from": N_("Valid from"),
    "valid_to": N_("Valid to"),
    "version": N_("Version of the row"),
    "waypoints": N_("Waypoints"),
    "withdrawn_at": N_("Withdrawn"),
    "worded_on": N_("Worded on"),
    "written_at": N_("Written"),
    "year": N_("Year"),
}
"""What a field is called whose form has no label for it: by its column's name, or where that means two things, by the
table's and the column's."""
