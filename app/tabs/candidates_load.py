"""What the load of the list gives to talk about: rules on Belastning's facts of the open projects (domain.md 4F).

Everybody is told the same, because a finding is stored as it reads: closed projects are no part of it.
"""

from app.i18n import _, danish_order, ngettext, show_number
from app.models.candidate import Source
from app.models.recommendation import Subject
from app.tabs.burden_bodies import BodyBurden, Overlap, bodies_of, overlaps_of
from app.tabs.burden_facts import BurdenFacts
from app.tabs.burden_people import InTrouble, PersonBurden, in_trouble, people_of, seats_by_person
from app.tabs.burden_units import UnitBurden, units_of
from app.tabs.candidate import Found, in_words, sentences
from app.tabs.filters import slug
from app.tabs.load import BodySize, Level

MOST_NAMED = 3
"""How many units, pairs of bodies or bodies of one person a sentence names (J5: the three most loaded)."""


def load_findings(facts: BurdenFacts) -> list[Found]:
    """Points of attention, one for each body and person: the whole board in one body, very large bodies, people with a
    high load, and those who own or lead many red and yellow projects."""
    bodies = list(bodies_of(facts).values())
    people = {person.id: person for person in people_of(facts, {}, None) if person.level is Level.high}
    troubled = {person.id: person for person in in_trouble(facts.projects, facts.marks, facts.thresholds)}
    return [
        *(_large(body) for body in bodies if body.whole_board or body.size is BodySize.very_large),
        *(_person(facts, people.get(key), troubled.get(key)) for key in people | troubled),
    ]


def load_topics(facts: BurdenFacts) -> list[Found]:
    """Topics for the management forum: the units with most key persons, the whole board in one body, and bodies in
    which the same people meet."""
    known = bodies_of(facts)
    bodies = list(known.values())
    carrying = [unit for unit in units_of(facts, None) if unit.code and unit.key_persons][:MOST_NAMED]
    overlaps = overlaps_of(facts, known)[:MOST_NAMED]
    return [
        *([_carrying(facts, carrying)] if carrying else ()),
        *(
            _load(Subject.forum, f"board-{_place(body)}", _whole_board(body), *_directors(body), _meets(body))
            for body in bodies
            if body.whole_board
        ),
        *([_overlapping(overlaps)] if overlaps else ()),
    ]


def _load(subject: Subject, ref: str, title: str, *said: str) -> Found:
    return Found(subject, Source.load, ref, title, sentences(said))


def _place(body: BodyBurden) -> str:
    """A body below its first open project, P-001.2: its own key would tell of bodies that others may not know of."""
    return body.place or slug(body.name)[:60]


def _large(body: BodyBurden) -> Found:
    """R33 and R36: »I dag er hele direktionen repræsenteret«, »møder med + 30 deltagere«."""
    ref, sizes = f"body-{_place(body)}", [*_members(body), _meets(body)]
    if body.whole_board:
        return _load(Subject.attention, ref, _whole_board(body), *_directors(body), *sizes)
    return _load(Subject.attention, ref, _("%(body)s is a very large body") % {"body": body.label}, *sizes)


def _whole_board(body: BodyBurden) -> str:
    return _("The whole executive board sits in %(body)s") % {"body": body.label}


def _directors(body: BodyBurden) -> list[str]:
    """The decision of 2018 was that one sits there, and the others come when needed (R34)."""
    return [
        _("All %(n)s directors have a fixed seat") % {"n": body.directors},
        _("One could have a fixed seat, and the others come when needed"),
    ]


def _members(body: BodyBurden) -> list[str]:
    if body.size is not BodySize.very_large:
        return []
    said = [_("%(n)s fixed members") % {"n": body.all_members}]
    if body.typical_attendance:
        said.append(_("usually %(n)s attend") % {"n": body.typical_attendance})
    return [", ".join(said)]


def _meets(body: BodyBurden) -> str:
    if body.meetings is None:
        return ""
    said = {"n": body.meetings}
    return ngettext("It meets %(n)s time a year", "It meets %(n)s times a year", body.meetings) % said


def _person(facts: BurdenFacts, loaded: PersonBurden | None, troubled: InTrouble | None) -> Found:
    """Somebody with a high load, or whom many projects in trouble hang on; what is not so is not said."""
    who = {"person": loaded.name if loaded else troubled.name if troubled else ""}
    title = _("%(person)s has a high load") if loaded else _("Many red and yellow projects hang on %(person)s")
    key = loaded.id if loaded else troubled.id if troubled else 0
    said = [*(_seats(facts, loaded) if loaded else ()), *([_projects(troubled)] if troubled else ())]
    return _load(Subject.attention, f"person-{key}", title % who, *said)


def _seats(facts: BurdenFacts, person: PersonBurden) -> list[str]:
    own = sorted(seats_by_person(facts)[person.id], key=lambda seat: -seat.points)
    heaviest = [facts.served[seat.body_id][0].label for seat in own[:MOST_NAMED]]
    said = {"seats": person.seats, "chairs": person.chairs, "meetings": show_number(person.meetings, 0)}
    return [
        _("%(seats)s seats, %(chairs)s of them as chair or owner, and %(meetings)s meetings a year") % said,
        _("The heaviest: %(bodies)s") % {"bodies": in_words(heaviest)},
    ]


def _projects(person: InTrouble) -> str:
    said = {"n": len(person.projects), "projects": in_words(person.projects)}
    return _("Owns or leads %(n)s red and yellow projects: %(projects)s") % said


def _carrying(facts: BurdenFacts, units: list[UnitBurden]) -> Found:
    """Q8; »17 nøglepersoner fra BURC på syv projekter«. Only what has been stated is counted (R15)."""
    said = [
        _unit(unit.label, unit.key_persons, sum(1 for share in unit.projects if share.key_persons)) for unit in units
    ]
    stated = {"known": len(facts.key_persons), "total": len(facts.projects)}
    return _load(
        Subject.forum,
        "key-persons",
        _("The units that carry most"),
        "; ".join(said),
        _("%(known)s of %(total)s projects have stated their key persons") % stated,
    )


def _unit(label: str, key_persons: int, projects: int) -> str:
    return _("%(unit)s: %(key_persons)s on %(projects)s") % {
        "unit": label,
        "key_persons": ngettext("%(n)s key person", "%(n)s key persons", key_persons) % {"n": key_persons},
        "projects": ngettext("%(n)s project", "%(n)s projects", projects) % {"n": projects},
    }


def _overlapping(overlaps: list[Overlap]) -> Found:
    said = [
        _("%(first)s and %(second)s have %(n)s people in common: %(people)s")
        % {
            "first": pair.first,
            "second": pair.second,
            "n": len(pair.people),
            "people": in_words(sorted(pair.people, key=danish_order)),
        }
        for pair in overlaps
    ]
    spared = sum(pair.attendances_saved or 0 for pair in overlaps[:1])
    if spared:
        said.append(
            _("One body instead of the first two would spare %(n)s attendances a year") % {"n": show_number(spared, 0)}
        )
    return _load(Subject.forum, "overlaps", _("Bodies in which the same people meet"), *said)
