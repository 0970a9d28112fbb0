"""What people are told about their being registered, in one place (GDPR art. 13-15; domain.md L4-L8, L18)."""

from pydantic import BaseModel

from app.i18n import N_, _


class Told(BaseModel):
    heading: str
    text: str


_TOLD = (
    (
        N_("Purpose"),
        N_(
            "The executive board keeps an overview of the largest cross-cutting projects, sees that they follow "
            "the plan and create the wanted effects, and sees how the organisation's resources are used. Figures "
            "of load are not used to control or assess how a single employee works."
        ),
    ),
    (
        N_("Legal basis"),
        N_(
            "A task in the exercise of public authority: the General Data Protection Regulation, article 6(1)(e),"
            " and for employees section 12 of the Danish Data Protection Act. No information on health or other "
            "sensitive matters is to be registered."
        ),
    ),
    (
        N_("What is registered"),
        N_(
            "Name, job title, e-mail and unit; which projects somebody leads, owns or is deputy in; seats in "
            "bodies with period; tasks and deadlines; statuses, approvals and notes that somebody has written; "
            "letters sent by the system; when an account was signed in, and what was changed with it. Key persons"
            " are registered as numbers per unit, never by name."
        ),
    ),
    (
        N_("Where it comes from"),
        N_("The secretariat, the project's leader and owner, and what somebody has written."),
    ),
    (
        N_("Who receives it"),
        N_(
            "The executive board, the management forum, the secretariat and others in the municipality with an "
            "account. Files for outsiders leave out the names of people. Decisions may be part of a case that "
            "others can ask to see. Nothing is handed to other companies or countries by the system."
        ),
    ),
    (
        N_("How long it is kept"),
        N_(
            "Nothing is deleted: what is over is ended with a date. Whoever leaves is made inactive and can no "
            "longer sign in. Names in frozen editions and in the log are kept under the Danish Archives Act until"
            " the Danish National Archives allow them to be destroyed."
        ),
    ),
    (
        N_("Your rights"),
        N_(
            "You can see what is registered about you, have errors corrected, object, and complain to the Danish "
            "Data Protection Agency. Turn to the secretariat, or to the municipality's data protection officer."
        ),
    ),
)


def told() -> list[Told]:
    """Purpose, legal basis, sources, recipients, retention and rights, in the reader's language."""
    return [Told(heading=_(heading), text=_(text)) for heading, text in _TOLD]
