from sqlmodel import Field, Session, SQLModel, col, func, select

from app.errors import DomainError
from app.i18n import N_, _
from app.models.base import Row, long_text, texts
from app.models.event import add, change
from app.models.meeting import Clock, Meeting, MeetingState
from app.models.project import CaseNumber
from app.models.user import User


class AgendaItemForm(SQLModel):
    """An item as the agenda lists it. Of a closed one everybody sees the case number and »Lukket« (domain.md R106)."""

    title: str = Field(min_length=3, max_length=160, title=N_("Title"))
    case_number: CaseNumber | None = Field(default=None, max_length=12, title=N_("Case number"))
    starts_at: Clock = Field(default="", max_length=5, title=N_("From"))
    ends_at: Clock = Field(default="", max_length=5, title=N_("Until"))
    closed: bool = Field(default=False, title=N_("Closed item"))
    background: str = long_text(default="", max_length=2000, title=N_("Background"))
    annexes: list[str] = texts(title=N_("Annexes"))


class AgendaItem(AgendaItemForm, Row, table=True):
    """One item of a meeting's agenda (dagsordenspunkt). `treats_list` marks the one on the portfolio list itself.

    `continues_id` is the earlier meeting's item that was deferred to this one: what is decided is kept with that one.
    """

    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    no: int
    treats_list: bool = False
    continues_id: int | None = Field(default=None, foreign_key="agenda_item.id")

    def __str__(self) -> str:
        return self.title

    @property
    def agenda_item_id(self) -> int | None:
        """What the log hides its events with."""
        return self.id

    @property
    def decided_as(self) -> int:
        """The key of the item that decisions are kept with: this one, or the one that it continues."""
        return self.continues_id or self.pk

    def title_for(self, *, sees_closed: bool) -> str | None:
        """The title, or None when the item is closed and the reader may not see what is."""
        return None if self.closed and not sees_closed else self.title


def add_agenda_item(
    session: Session, by: User | None, meeting: Meeting, form: AgendaItemForm, *, treats_list: bool = False
) -> AgendaItem:
    """A new item, the last of the agenda."""
    meeting.require(MeetingState.planned, MeetingState.held)
    item = next_item(session, meeting, form, treats_list=treats_list)
    add(session, by, item, form)
    return item


def change_agenda_item(session: Session, by: User, item: AgendaItem, form: AgendaItemForm) -> None:
    change(session, by, item, form)


def continue_item(session: Session, by: User, meeting: Meeting, item: AgendaItem) -> AgendaItem:
    """Puts an item that an earlier meeting deferred on this one's agenda."""
    meeting.require(MeetingState.planned)
    if any(each.continues_id == item.decided_as for each in agenda(session, meeting)):
        raise DomainError(_("The item is on the agenda already."))
    form = AgendaItemForm.model_validate(item.model_dump(exclude={"starts_at", "ends_at"}))
    again = next_item(session, meeting, form)
    again.continues_id = item.decided_as
    add(session, by, again, form)
    return again


def next_item(session: Session, meeting: Meeting, form: AgendaItemForm, *, treats_list: bool = False) -> AgendaItem:
    """What would stand last on the agenda."""
    last = session.exec(select(func.max(AgendaItem.no)).where(AgendaItem.meeting_id == meeting.pk)).one()
    return AgendaItem(**form.model_dump(), treats_list=treats_list, meeting_id=meeting.pk, no=1 + (last or 0))


def agenda(session: Session, meeting: Meeting) -> list[AgendaItem]:
    """The items of a meeting in their order."""
    query = select(AgendaItem).where(AgendaItem.meeting_id == meeting.pk)
    return list(session.exec(query.order_by(col(AgendaItem.no))))


def agenda_item(session: Session, meeting: Meeting, no: int) -> AgendaItem | None:
    return session.exec(select(AgendaItem).where(AgendaItem.meeting_id == meeting.pk, AgendaItem.no == no)).first()
