"""What people fill in to keep a facility: each form asks for exactly what its action takes."""

from .instruments import AboutForm, PhotoForm, RulesForm, WithdrawForm
from .places import ConsumableForm, FacilityForm, ServiceForm
from .tariffs import EndForm, TariffForm
from .tickets import BlockForm, PaperForm, ReportForm, ResolveForm, TicketForm
from .training import JudgeForm, QualifyForm, RevokeForm, TrainingForm
from .week import ClosureForm, WeekForm

__all__ = [
    "AboutForm",
    "BlockForm",
    "ClosureForm",
    "ConsumableForm",
    "EndForm",
    "FacilityForm",
    "JudgeForm",
    "PaperForm",
    "PhotoForm",
    "QualifyForm",
    "ReportForm",
    "ResolveForm",
    "RevokeForm",
    "RulesForm",
    "ServiceForm",
    "TariffForm",
    "TicketForm",
    "TrainingForm",
    "WeekForm",
    "WithdrawForm",
]
