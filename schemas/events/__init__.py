"""Every event type by its name and by its topic."""

from schemas.events import calls, crm, emails, links, reps
from schemas.events.envelope import Envelope

TOPICS: dict[str, tuple[type[Envelope], ...]] = {
    "calls": calls.EVENTS,
    "emails": emails.EVENTS,
    "links": links.EVENTS,
    "reps": reps.EVENTS,
    "crm": crm.EVENTS,
}


def type_name(model: type[Envelope]) -> str:
    """Return the CloudEvents `type` of an event model: `call.ended`."""
    (name,) = model.model_fields["type"].annotation.__args__  # type: ignore[union-attr]  # a Literal of one value
    return str(name)


EVENT_TYPES: dict[str, type[Envelope]] = {type_name(model): model for models in TOPICS.values() for model in models}
TOPIC_OF: dict[str, str] = {type_name(model): topic for topic, models in TOPICS.items() for model in models}
