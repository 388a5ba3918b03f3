"""The area's memory: detectors and how far they are, alerts, actions and proof, who was told."""

from .alerts import Action, Alert, Digest, Proof, Told
from .detectors import Detector, DetectorState, ScopedQuerySet, Silence, within
from .webhooks import Delivery, Webhook

__all__ = [
    "Action",
    "Alert",
    "Delivery",
    "Detector",
    "DetectorState",
    "Digest",
    "Proof",
    "ScopedQuerySet",
    "Silence",
    "Told",
    "Webhook",
    "within",
]
