"""What people fill in to keep a portfolio: each form asks for exactly what its action takes."""

from .deployments import DeploymentForm, EndForm, StartForm, UsersForm
from .lessons import CreditForm, LessonForm, ReportForm
from .problems import ProblemForm, StatusForm
from .progress import BaselineForm, MeasureForm, MilestoneForm, PostponeForm, ReachForm, StageForm
from .projects import BudgetForm, NewProjectForm, PartnerForm, ProjectForm, ReadinessForm, SiteForm

__all__ = [
    "BaselineForm",
    "BudgetForm",
    "CreditForm",
    "DeploymentForm",
    "EndForm",
    "LessonForm",
    "MeasureForm",
    "MilestoneForm",
    "NewProjectForm",
    "PartnerForm",
    "PostponeForm",
    "ProblemForm",
    "ProjectForm",
    "ReachForm",
    "ReadinessForm",
    "ReportForm",
    "SiteForm",
    "StageForm",
    "StartForm",
    "StatusForm",
    "UsersForm",
]
