"""The portfolio's memory: problems, projects, stages, progress, deployments, lessons."""

from .deployments import Deployment, UserCount
from .lessons import Lesson, LessonCredit
from .problems import Problem
from .progress import Baseline, Measurement, Milestone
from .projects import BudgetLine, Partner, Project, Readiness
from .stages import Site, StageChange

__all__ = [
    "Baseline",
    "BudgetLine",
    "Deployment",
    "Lesson",
    "LessonCredit",
    "Measurement",
    "Milestone",
    "Partner",
    "Problem",
    "Project",
    "Readiness",
    "Site",
    "StageChange",
    "UserCount",
]
