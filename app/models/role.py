from app.i18n import N_
from app.models.base import Choice


class Role(Choice):
    admin = "admin", N_("Administrator")
    secretariat = "secretariat", N_("Secretariat")
    direktion = "direktion", N_("Executive board")
    chefforum = "chefforum", N_("Management forum")
    reader = "reader", N_("Reader")
