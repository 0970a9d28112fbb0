"""Warns before a status tells of somebody's health (domain.md R115, L7). It asks; it never decides.

Whole Danish words with their inflections, and a few turns of phrase. »Sygehus«, »sundhedshus«, »sygefravær« and
»behandling af sagen« are about something else and never warned about.
"""

import re

_WORDS = (
    r"syg|syge|sygt|sygest|alvorligt syg",
    r"sygem(?:eld(?:t|te|es|er|ing|ingen|inger|ingerne)|eldtes)",
    r"(?:lang|kort)tidssyg(?:e|em(?:eld(?:t|te|ing|ingen)))?",
    r"syge?orlov(?:en)?",
    r"stress(?:et|ede|en|ramt|ramte|sygem(?:eldt|eldte|elding|eldingen))?",
    r"barsel(?:en|s)?|barsels(?:orlov|orloven)|barslen",
    r"(?:fædre|forældre|pleje|mødre)?orlov(?:en|er|erne|s)?",
    r"gravid(?:e|itet|iteten)?",
    r"diagnose(?:n|r|rne|ns)?|diagnosticere(?:t|de|s)",
    r"depression(?:en|er|erne)?|deprimeret|deprimerede|depressiv|depressive",
    r"udbrændt|udbrændte|udbrændthed",
    r"kræft(?:en|syg|syge|ramt|ramte)?|cancer(?:en)?",
    r"blodprop(?:pen|per)?|hjerneblødning(?:en)?|hjernerystelse(?:n)?|hjerteanfald(?:et)?",
    r"angst(?:en|anfald)?",
    r"indlagt",
    r"helbred(?:et|sproblemer|sårsager|sgrunde|smæssige|smæssigt)",
)
_PERSON = r"(?:hun|han|(?:projekt|team|center)?(?:lederen|chefen|ejeren)|medarbejderen|kollegaen|konsulenten)"
_PHRASES = (
    rf"{_PERSON} (?:er|går|kommer|skal|har været) (?:(?:stadig|fortsat|netop|lige) )?(?:i|til|under) behandling",
    rf"{_PERSON} (?:bliver|er blevet|blev) (?:behandlet|opereret)",
    r"(?:i|under|til) (?:psykologisk |medicinsk |lægelig |psykiatrisk )?behandling (?:hos|for) (?:en )?"
    r"(?:læge|lægen|psykolog|psykologen|psykiater|sygdom\w*)",
)
_GUARD = re.compile(rf"(?<![\w-])(?:{'|'.join((*_PHRASES, *_WORDS))})(?![\w-])", re.IGNORECASE)


def health_words(*texts: str) -> list[str]:
    """The words that look like somebody's health, as they were written, each once, in the order of the texts."""
    found = (match.group().lower() for text in texts for match in _GUARD.finditer(" ".join(text.split())))
    return list(dict.fromkeys(found))
